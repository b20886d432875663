"""The documents say what is so: README's Python runs, its commands exist, its rooms are all there."""

import re
import shlex

import pytest

from classifier.cli import main
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_python_of_the_readme_runs_and_gives_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names: dict[str, object] = {}
    code = block.replace('; or classifier.load("path/to/folder")', "")
    exec(compile(code, "README.md", "exec"), names)  # noqa: S102 — our own text
    assert names["prediction"].topics == ("syria",)  # type: ignore[attr-defined]
    assert "Idlib" in capsys.readouterr().out


def test_what_the_readme_prints_is_what_the_command_prints(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "110")
    monkeypatch.chdir(ROOT)
    assert main(["predict", "tests/articles/consultations.txt"]) == 0
    assert capsys.readouterr().out.strip() in README


def test_every_command_of_the_readme_is_one_that_the_parser_takes() -> None:
    lines = [line.split("#")[0] for line in re.findall(r"^classifier .*$", README, re.MULTILINE)]
    assert len(lines) >= 6
    for line in lines:
        command = shlex.split(line)[1]
        with pytest.raises(SystemExit) as stopped:
            main([command, "--help"])
        assert stopped.value.code == 0


def test_the_table_of_rooms_names_every_room_and_no_other() -> None:
    table = README[README.index("| level | rooms") :]
    named = set(re.findall(r"`([a-z_]+)`", table.split("Imports point")[0]))
    rooms = {file.stem for file in (ROOT / "classifier").glob("*.py")} - {"__init__", "__main__", "_build"}
    assert named == rooms


def test_the_options_that_people_need_first_are_in_the_readme() -> None:
    for option in ("--text", "--whole-text", "--topic", "--jobs", "-o"):
        assert option in README


def test_the_agreement_printed_beside_the_labels_is_the_one_computed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert main(["agreement"]) == 0
    assert capsys.readouterr().out.strip() in (ROOT / "labels" / "README.md").read_text(encoding="utf-8")
