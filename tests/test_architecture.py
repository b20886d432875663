"""The order of the rooms, held by parsing: imports point strictly down, heavy libraries stay where they may be."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import classifier
from tests.conftest import ROOT

LEVELS = [
    "errors frozen native version looks workers jsonlines progress",
    "records topics text page_words terminal markup sheets plain drafts",
    "furniture features decision places columns characters",
    "reading",
    "model corpus labels baselines agreement coverage labelled evidence wording tables folds splits thresholds calibration",
    "storage matrices behaviour contents evaluation curves answered",
    "training report plots sources outputs saving show marked overview",
    "batch check sklearn slices mistakes trials card page",
    "assess",
    "retrain bulk",
    "__init__ usage",
    "cli",
    "__main__",
]
# `_build` runs only while a wheel is made and imports no room.
LEVEL = {room: level for level, rooms in enumerate(LEVELS) for room in rooms.split()}
HEAVY = {"numpy", "scipy", "sklearn", "joblib", "safetensors", "matplotlib"}
MAY_BE_HEAVY = {
    *("sklearn", "training", "matrices", "folds", "splits", "thresholds", "calibration"),
    *("evaluation", "curves", "answered", "slices", "mistakes", "trials", "assess", "plots"),
}
MAY_TOUCH_FILES = {
    "corpus",
    "labels",
    "storage",
    "saving",
    "sources",
    "sheets",
    "outputs",
    "retrain",
    "plain",
    "drafts",
    "_build",
}
FILES = {"open", "read_text", "write_text", "read_bytes", "write_bytes", "mkdir", "unlink", "replace_file", "glob", "rglob"}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__"}
ROOMS = {file.stem: ast.parse(file.read_text(encoding="utf-8")) for file in (ROOT / "classifier").glob("*.py")}


def imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield every imported module with the name taken from it, wherever the import stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)


def rooms_imported(tree: ast.AST) -> set[str]:
    found = set()
    for module, name in imports(tree):
        if module == "classifier":
            found.add(name if name in ROOMS else "__init__")
        elif module.startswith("classifier."):
            found.add(module.split(".")[1])
    return found


def test_every_room_has_its_level() -> None:
    assert set(ROOMS) - {"_build"} == set(LEVEL)


@pytest.mark.parametrize("room", sorted(LEVEL))
def test_imports_point_strictly_down(room: str) -> None:
    for other in rooms_imported(ROOMS[room]):
        assert other == "_kernel" or LEVEL[other] < LEVEL[room], f"{room} imports {other}"  # C knows no room


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_heavy_libraries_stay_in_the_rooms_that_may_have_them(room: str) -> None:
    heavy = {module.split(".")[0] for module, _ in imports(ROOMS[room])} & HEAVY
    assert not heavy or room in MAY_BE_HEAVY
    assert ("matplotlib" in heavy) == (room == "plots")


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_only_the_doors_touch_files(room: str) -> None:
    calls = {
        n.func.attr if isinstance(n.func, ast.Attribute) else getattr(n.func, "id", "")
        for n in ast.walk(ROOMS[room])
        if isinstance(n, ast.Call)
        and not (n.args and ast.unparse(n.args[0]) == "os.devnull")  # who gives its output away touches nothing
    }
    assert not calls & FILES or room in MAY_TOUCH_FILES


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_nothing_can_run_code_from_a_file(room: str) -> None:
    modules = {module.split(".")[0] for module, _ in imports(ROOMS[room])}
    assert not modules & {"pickle", "dill", "cloudpickle", "marshal", "shelve"}
    for node in ast.walk(ROOMS[room]):
        if isinstance(node, ast.Call):
            assert getattr(node.func, "id", "") not in FORBIDDEN_CALLS
            assert not (isinstance(node.func, ast.Attribute) and ast.unparse(node.func) in {"joblib.load", "joblib.dump"})
            assert all(keyword.arg != "allow_pickle" for keyword in node.keywords)


@pytest.mark.parametrize("room", sorted(set(ROOMS) - {"_build", "__main__"}))
def test_every_room_says_what_it_is_for_and_what_it_offers(room: str) -> None:
    tree = ROOMS[room]
    assert (ast.get_docstring(tree) or "").count(" ") > 5 or room == "version"
    assert any(isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__" for node in tree.body)


def test_the_decision_rule_stands_once() -> None:
    compared = [
        (room, ast.unparse(node))
        for room, tree in ROOMS.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare) and "threshold" in ast.unparse(node)
    ]
    assert compared == []
    ordered = [room for room, tree in ROOMS.items() for node in ast.walk(tree) if ast.unparse(node) == "operator.ge"]
    assert ordered == ["decision"]
    assert all(
        "0.5" not in {ast.unparse(n) for n in ast.walk(tree) if isinstance(n, ast.Constant)} for tree in ROOMS.values()
    )


def test_public_names_are_there_and_sorted() -> None:
    assert all(hasattr(classifier, name) for name in classifier.__all__)
    assert classifier.__all__ == sorted(classifier.__all__)


@pytest.mark.parametrize(
    "code",
    [
        "import classifier",
        "import sys; from classifier.cli import main; main(['predict', '--text', 'Shelling in Idlib killed three people.'])",
        "from classifier.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass",
    ],
)
def test_prediction_stays_light(code: str) -> None:
    check = f"{code}\nimport sys; print(sorted(set(sys.modules) & {HEAVY!r}))"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip().splitlines()[-1] == "[]"


def test_the_project_names_no_place_of_its_making() -> None:
    files = subprocess.run(["git", "ls-files"], capture_output=True, text=True, cwd=ROOT, check=False).stdout.split()
    texts = [Path(ROOT / f) for f in files if f.endswith((".py", ".md", ".toml", ".json"))]
    for file in texts:
        assert "/work" + "/" not in file.read_text(encoding="utf-8"), file
