"""The same articles make the same bytes, whatever else is different."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, make_examples

# Each differs from the first in as many things as one run can: processes, hash seed, locale, time zone, umask, working folder.
CIRCUMSTANCES = [
    {"jobs": "1", "PYTHONHASHSEED": "0", "LC_ALL": "C", "TZ": "UTC", "cwd": "."},
    {"jobs": "2", "PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8", "TZ": "Asia/Kathmandu", "cwd": "elsewhere"},
    {
        "jobs": "2",
        "PYTHONHASHSEED": "4242",
        "LC_ALL": "tr_TR.UTF-8",
        "TZ": "America/St_Johns",
        "cwd": "elsewhere/ünïcode here",
    },
]


def test_retraining_gives_the_same_bytes_in_all_circumstances(tmp_path: Path) -> None:
    rows = [
        {"id": e.article.id, "title": e.article.title, "text": e.article.text, "topics": list(e.annotation.topics)}
        for e in make_examples()
    ]
    data = tmp_path / "train.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = []
    for number, circumstances in enumerate(CIRCUMSTANCES):
        folder = tmp_path / circumstances["cwd"]
        folder.mkdir(parents=True, exist_ok=True)
        output = folder / "out" / "model"
        command = ["-m", "classifier", "retrain", "--data", str(data) if number else "train.jsonl", "-o", str(output)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **{k: v for k, v in circumstances.items() if k.isupper()}}
        done = subprocess.run(
            [sys.executable, *command, "--jobs", circumstances["jobs"]],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found.append({file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(output.iterdir())})
    assert found[0] == found[1] == found[2]
    assert {"model.json", "model.safetensors", "report.json", "README.md"} <= found[0].keys()


CORPUS = """
import sys
from pathlib import Path
from classifier.retrain import read_corpus
rows, topics, digests = read_corpus(Path(sys.argv[1]) / "corpus", Path(sys.argv[1]) / "labels")
print([e.article.id for e in rows], topics, digests)
"""


def test_the_order_in_which_a_disk_lists_files_changes_nothing(tmp_path: Path) -> None:
    """The same corpus written in opposite orders; what the disk does with them is its own affair, so `glob` is turned too."""
    said = []
    for name, order in (("one", 1), ("other", -1)):
        (tmp_path / name / "corpus").mkdir(parents=True)
        shutil.copytree(ROOT / "labels", tmp_path / name / "labels")
        for file in sorted((ROOT / "corpus").glob("*.jsonl"))[::order]:
            shutil.copyfile(file, tmp_path / name / "corpus" / file.name)
        turned = (
            f"import pathlib\nreal = pathlib.Path.glob\npathlib.Path.glob = lambda *a: iter(sorted(real(*a))[::{order}])\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", turned + CORPUS, tmp_path / name], cwd=ROOT, capture_output=True, text=True, check=True
        )
        said.append(done.stdout)
    assert said[0] == said[1]


@pytest.mark.parametrize("seed", ["0", "1"])
def test_answers_are_the_same_bytes_whatever_the_hash_seed(seed: str, tmp_path: Path) -> None:
    article = ROOT / "tests" / "articles" / "consultations.txt"
    out = []
    for environment in ({"PYTHONHASHSEED": seed}, {"PYTHONHASHSEED": "99", "CLASSIFIER_KERNEL": "python", "LC_ALL": "C"}):
        command = [sys.executable, "-m", "classifier", "predict", str(article), "-o", str(tmp_path / "out.jsonl")]
        subprocess.run(
            command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT), **environment}, check=True, capture_output=True
        )
        out.append((tmp_path / "out.jsonl").read_bytes())
    assert out[0] == out[1]
