"""`storage`: a model is plain data, comes back as it was, and is refused when it is not sound."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from classifier import Article, ModelError
from classifier.storage import ARRAYS_FILE, CARD_FILE, FORMAT, load, save
from classifier.training import Training
from tests.conftest import ROOT
from tests.trust.hostile import put, sealed

FROZEN = ROOT / "tests" / "frozen"


@pytest.fixture
def folder(training: Training, tmp_path: Path) -> Path:
    save(training.model, tmp_path / "model")
    return tmp_path / "model"


def reseal(folder: Path, data: bytes) -> None:
    """Write other arrays and a card that vouches for them, as somebody would who means harm."""
    put(folder, json.loads((folder / CARD_FILE).read_text()), data)


def test_a_model_comes_back_as_it_was(training: Training, folder: Path) -> None:
    again = load(folder)
    article = Article("The ferry from Le Havre docked late. Astronomers saw a ring of Saturn.")
    assert again.topics.ids == training.model.topics.ids
    assert again.rule == training.model.rule
    # weights are stored in single precision: 24 bits, so scores agree to about 1e-6
    assert again.predict(article).scores == pytest.approx(training.model.predict(article).scores, abs=1e-6)


def test_a_model_saved_again_has_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    save(load(folder), tmp_path / "again")
    for name in (ARRAYS_FILE, CARD_FILE):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()


def test_the_public_library_opens_the_arrays(training: Training, folder: Path) -> None:
    arrays = load_file(folder / ARRAYS_FILE)
    assert bytes(arrays["terms"]).decode().split("\n") == list(training.model.table.rows)
    assert arrays["weights"].reshape(-1, 2) == pytest.approx(np.array(training.model.table.weights).reshape(-1, 2), abs=1e-6)


@pytest.mark.parametrize("length", [0, 4, 8, 20, 200, 1000, -1])
def test_a_truncated_file_is_refused(folder: Path, length: int) -> None:
    data = (folder / ARRAYS_FILE).read_bytes()[:length]
    (folder / ARRAYS_FILE).write_bytes(data)
    with pytest.raises(ModelError):
        load(folder)
    reseal(folder, data)
    with pytest.raises(ModelError):
        load(folder)


def test_a_single_changed_byte_is_refused(folder: Path) -> None:
    data = bytearray((folder / ARRAYS_FILE).read_bytes())
    data[-3] ^= 1
    (folder / ARRAYS_FILE).write_bytes(data)
    with pytest.raises(ModelError, match="not the one its card was written for"):
        load(folder)


def test_numbers_that_are_not_finite_are_refused(folder: Path) -> None:
    data = bytearray((folder / ARRAYS_FILE).read_bytes())
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    start = 8 + int.from_bytes(data[:8], "little") + header["weights"]["data_offsets"][0]
    for number in (np.float32("nan"), np.float32("inf")):
        data[start : start + 4] = number.tobytes()
        reseal(folder, bytes(data))
        with pytest.raises(ModelError, match="not finite"):
            load(folder)


def test_a_header_that_lies_is_refused(folder: Path) -> None:
    data = (folder / ARRAYS_FILE).read_bytes()
    size = int.from_bytes(data[:8], "little")
    header, body = json.loads(data[8 : 8 + size]), data[8 + size :]
    lies = [
        {"bias": {**header["bias"], "data_offsets": [0, 10**12]}},
        {"bias": {**header["bias"], "data_offsets": [-8, 8]}},
        {"bias": {**header["bias"], "shape": [10**9]}},
        {"bias": {**header["bias"], "dtype": "I64"}},
        {"bias": header["idf"]},
        {"extra": header["bias"]},
        {"bias": 5},
    ]
    for lie in lies:
        head = json.dumps({**header, **lie}).encode()
        reseal(folder, len(head).to_bytes(8, "little") + head + body)
        with pytest.raises(ModelError):
            load(folder)
    reseal(folder, (2**63).to_bytes(8, "little") + data[8:])
    with pytest.raises(ModelError, match="claims"):
        load(folder)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": 99}, "format 99"),
        ({"topics": []}, "no sound model"),
        ({"topics": [{"id": "a"}]}, "no sound model"),
        ({"features": {}}, "no sound model"),
        (
            {"features": {"pooling": "article", "longest": 10**9, "hint_weight": 1, "context_weight": 1}},
            "no whole number from 1 to 5",
        ),
        ({"sha256": None}, "no sound model"),
    ],
)
def test_a_card_that_does_not_fit_is_refused(folder: Path, change: dict[str, object], said: str) -> None:
    card = json.loads((folder / CARD_FILE).read_text())
    (folder / CARD_FILE).write_bytes(sealed({**card, **change}, (folder / ARRAYS_FILE).read_bytes()))
    with pytest.raises(ModelError, match=said):
        load(folder)


@pytest.mark.parametrize("text", ["", "[]", "{", "null", "[" * 100_000])
def test_a_card_that_is_no_card_is_refused(folder: Path, text: str) -> None:
    (folder / CARD_FILE).write_text(text)
    with pytest.raises(ModelError):
        load(folder)


def test_hostile_folders_are_refused_in_little_room() -> None:
    """Every fifth of the folders of `tests.trust.hostile`, each in a process of its own, with the kernel and without."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.trust.hostile", "5"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_missing_folder_or_file_is_an_error_that_says_what_to_do(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="classifier retrain"):
        load(tmp_path / "nowhere")
    (folder / ARRAYS_FILE).unlink()
    with pytest.raises(ModelError, match="Copy the folder again"):
        load(folder)


def test_a_copied_folder_loads(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    assert load(tmp_path / "copy").topics.ids == ("sea", "sky")


# --------------------------------------------------------------------------------------------------------------- promise

# Runs by itself: no package is at hand but this one, and what it imports is looked at.
PROMISE = """
import json, socket, sys
from pathlib import Path

def no_network(*_, **__):
    raise AssertionError("a connection was opened")

socket.socket = socket.create_connection = socket.getaddrinfo = no_network
sys.path.insert(0, sys.argv[1])
import classifier

for name in sys.argv[2:]:
    model = classifier.load(name)
    for row in json.loads((Path(name) / "expected.json").read_text(encoding="utf-8")):
        article = classifier.Article(row["text"], title=row["title"])
        found = model.predict(article)
        assert list(found.topics) == row["topics"], (name, found)
        for field in ("scores", "probabilities"):
            expected = row[field]
            assert expected.keys() == getattr(found, field).keys()
            assert all(abs(getattr(found, field)[topic] - expected[topic]) < 1e-6 for topic in expected), (name, found)
        for topic in model.topics.ids:
            model.explain(article, topic)
loaded = {module.split(".")[0] for module in sys.modules}
assert not loaded & {"numpy", "scipy", "sklearn", "joblib", "site"}, loaded
print(sys.version_info[:2], model.kernel)
"""
OLD = sorted(str(path) for path in FROZEN.iterdir() if path.is_dir())
PYTHONS = ["3.11", "3.12", "3.13"]


@pytest.mark.parametrize("kernel", ["c", "python"])
@pytest.mark.parametrize("version", PYTHONS)
def test_models_of_every_format_answer_for_ever_as_they_did(version: str, kernel: str) -> None:
    """Under every Python there is here, with nothing installed and no network, with the kernel and without."""
    here = ".".join(map(str, sys.version_info[:2]))
    python = sys.executable if version == here else f"python{version}"
    environment = {**os.environ, "PYENV_VERSION": ":".join(PYTHONS), "CLASSIFIER_KERNEL": kernel}
    try:
        subprocess.run([python, "-c", "pass"], env=environment, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip(f"there is no Python {version} here")
    command = [python, "-I", "-S", "-c", PROMISE, str(ROOT), *OLD]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert OLD
    assert done.stdout.startswith(f"({version.replace('.', ', ')})")


def test_the_format_of_today_is_among_the_frozen() -> None:
    assert str(FROZEN / f"format-{FORMAT}") in OLD
