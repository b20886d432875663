"""What is shipped: the model is the one its corpus makes, it is in the wheel, and it knows real documents."""

import csv
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from classifier import Article, TopicModel
from classifier.retrain import Options, read_corpus, retrain
from classifier.training import package_versions
from tests.conftest import ROOT

SHIPPED = ROOT / "models" / "news"
SEEDS = ROOT.parent / "shared" / "seeds"


def test_retraining_gives_the_committed_model_byte_by_byte(tmp_path: Path) -> None:
    made_with = json.loads((SHIPPED / "model.json").read_text())["provenance"]
    here = package_versions()
    if {name: made_with[name] for name in here} != here:
        pytest.skip(f"the shipped model was made with other package versions: {made_with}")
    examples, topics, provenance = read_corpus(ROOT / "corpus", ROOT / "labels")
    retrain(examples, topics, tmp_path / "news", provenance=provenance, labels=ROOT / "labels", options=Options(jobs=2))
    for file in sorted(SHIPPED.iterdir()):
        assert (tmp_path / "news" / file.name).read_bytes() == file.read_bytes(), file.name
    assert {file.name for file in SHIPPED.iterdir()} == {file.name for file in (tmp_path / "news").iterdir()}


def test_a_wheel_carries_the_model_and_predicts_from_any_folder(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        str(tmp_path),
    ]
    source = tmp_path / "source"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(source)], check=True)
    subprocess.run([*command, str(source)], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
        names = archive.namelist()
    assert "classifier/_models/news/model.safetensors" in names
    assert {"classifier/py.typed", "classifier/report.schema.json"} <= set(names)
    assert not [name for name in names if name.startswith(("tests", "corpus", "labels"))]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "installed")}
    code = "import classifier, sys; print(classifier.__file__, classifier.load().topics.ids)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, env=environment, check=True
    )
    assert str(tmp_path / "installed") in done.stdout
    assert "'syria'" in done.stdout


def test_the_readme_shows_the_figures_of_the_report() -> None:
    report = json.loads((SHIPPED / "report.json").read_text())
    readme = (ROOT / "README.md").read_text()
    for system in report["systems"]:
        assert f"{system['macro_f1']['value']:.3f}" in readme, system["name"]


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the five seed documents are not beside this checkout")
def test_at_least_four_of_five_real_documents_are_exactly_right(shipped: TopicModel) -> None:
    right = 0
    with (SEEDS / "gold.tsv").open(encoding="utf-8") as handle:
        for row in csv.DictReader(handle, delimiter="\t"):
            text = (SEEDS / row["id"]).read_text(encoding="utf-8")
            right += list(shipped.predict(Article(text)).topics) == row["topics"].split()
    assert right >= 4
