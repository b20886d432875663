"""`outputs`: what is half written never has its name, and is gone on with from what the journal says."""

import json
import sys
from pathlib import Path

import pytest

from classifier import outputs
from classifier.errors import SourceError
from classifier.outputs import Output, errors_file, format_of, replacing, stamp_of

IDENTITY = {"the input a.jsonl": "1", "the model": "2"}


@pytest.fixture(autouse=True)
def _journal_after_every_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs, "_PAUSE", 0.0)


def stop(output: Output) -> None:
    """End a run as Ctrl-C does."""
    output.__exit__(KeyboardInterrupt, None, None)


@pytest.mark.parametrize(
    ("name", "errors", "sort"),
    [
        ("a.jsonl", "a.errors.jsonl", ".jsonl"),
        ("a.jsonl.gz", "a.errors.jsonl", ".jsonl.gz"),
        ("A.CSV", "A.errors.jsonl", ".csv"),
        ("a.b.parquet", "a.b.errors.jsonl", ".parquet"),
    ],
)
def test_the_name_tells_the_format_and_errors_stand_beside_it(name: str, errors: str, sort: str) -> None:
    assert format_of(Path("x") / name) == sort
    assert errors_file(Path("x") / name) == Path("x") / errors


def test_an_output_has_its_name_only_when_it_is_finished(tmp_path: Path) -> None:
    file = tmp_path / "out.jsonl"
    with Output(file, IDENTITY) as output:
        output.add(b"a\n", b"e\n", {"chunks": 1})
        assert not file.exists()
        output.finish((), None)
    assert file.read_bytes() == b"a\n"
    assert errors_file(file).read_bytes() == b"e\n"
    assert sorted(found.name for found in tmp_path.iterdir()) == ["out.errors.jsonl", "out.jsonl"]


def test_a_run_without_errors_takes_away_the_list_of_an_earlier_one(tmp_path: Path) -> None:
    (tmp_path / "out.errors.jsonl").write_text("old")
    with Output(tmp_path / "out.jsonl", IDENTITY) as output:
        output.add(b"a\n", b"", {"chunks": 1})
        output.finish((), None)
    assert [found.name for found in tmp_path.iterdir()] == ["out.jsonl"]


def test_a_run_goes_on_from_the_journal_whatever_was_written_after_it(tmp_path: Path) -> None:
    output = Output(tmp_path / "out.jsonl", IDENTITY)
    output.add(b"a\n", b"e\n", {"chunks": 1})
    stop(output)
    for name in ("out.jsonl.part", "out.jsonl.part.errors"):
        with (tmp_path / name).open("ab") as handle:
            handle.write(b"half a li")
    with Output(tmp_path / "out.jsonl", IDENTITY, resume=True) as output:
        assert output.state == {"chunks": 1}
        output.add(b"b\n", b"f\n", {"chunks": 2})
        output.finish((), None)
    assert (tmp_path / "out.jsonl").read_bytes() == b"a\nb\n"
    assert (tmp_path / "out.errors.jsonl").read_bytes() == b"e\nf\n"


def test_a_run_that_was_killed_while_it_gave_names_is_finished(tmp_path: Path) -> None:
    output = Output(tmp_path / "out.jsonl", IDENTITY)
    output.add(b"a\n", b"e\n", {"chunks": 1})
    output.finished = True
    output._save()
    stop(output)
    (tmp_path / "out.jsonl.part.errors").rename(tmp_path / "out.errors.jsonl")
    with Output(tmp_path / "out.jsonl", IDENTITY, resume=True) as output:
        assert output.finished
        output.finish((), None)
    assert sorted(found.name for found in tmp_path.iterdir()) == ["out.errors.jsonl", "out.jsonl"]
    assert (tmp_path / "out.jsonl").read_bytes() == b"a\n"


def test_a_run_that_was_killed_while_it_made_a_table_makes_it_again(tmp_path: Path) -> None:
    line = b'{"id":"1","topics":["sea"],"unsure":[],"probabilities":{"sea":0.75}}\n'
    output = Output(tmp_path / "out.csv", IDENTITY)
    output.add(line, b"", {"chunks": 1})
    output.finished = True
    output._save()
    stop(output)
    (tmp_path / "out.csv.part.table").write_text("half a ta")
    with Output(tmp_path / "out.csv", IDENTITY, resume=True) as output:
        output.finish(("sea",), None)
    assert (tmp_path / "out.csv").read_text() == "id,topics,unsure,warnings,probability_sea\n1,sea,,,0.75\n"
    assert [found.name for found in tmp_path.iterdir()] == ["out.csv"]


def test_a_format_that_needs_a_missing_package_is_refused_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(SourceError, match=r"pip install 'topic-classifier\[parquet\]'"):
        Output(tmp_path / "out.parquet", IDENTITY)
    assert list(tmp_path.iterdir()) == []


def test_resuming_with_other_inputs_or_another_model_is_refused_and_says_which(tmp_path: Path) -> None:
    output = Output(tmp_path / "out.jsonl", IDENTITY)
    output.add(b"a\n", b"", {"chunks": 1})
    stop(output)
    with pytest.raises(SourceError, match=r"the model, --explain changed since the run that left"):
        Output(tmp_path / "out.jsonl", IDENTITY | {"the model": "3", "--explain": "True"}, resume=True)
    assert (tmp_path / "out.jsonl.part").read_bytes() == b"a\n"


def test_resuming_is_refused_where_the_part_is_shorter_than_the_journal_says(tmp_path: Path) -> None:
    output = Output(tmp_path / "out.jsonl", IDENTITY)
    output.add(b"aaaa\n", b"", {"chunks": 1})
    stop(output)
    (tmp_path / "out.jsonl.part").write_bytes(b"a")
    with pytest.raises(SourceError, match="is shorter than the run left it"):
        Output(tmp_path / "out.jsonl", IDENTITY, resume=True)


def test_a_run_that_is_stopped_while_it_begins_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Output, "_lock", stopped)
    with pytest.raises(KeyboardInterrupt):
        Output(tmp_path / "out.jsonl", IDENTITY)
    assert list(tmp_path.iterdir()) == []


def test_resuming_with_a_damaged_journal_is_refused(tmp_path: Path) -> None:
    for damaged in ("{", "[]", "{}", '{"identity": {}, "lengths": "x", "finished": 0, "state": {}}'):
        (tmp_path / "out.jsonl.part.json").write_text(damaged)
        with pytest.raises(SourceError, match="is damaged"):
            Output(tmp_path / "out.jsonl", IDENTITY, resume=True)


def test_resuming_without_anything_to_go_on_with_begins_at_the_beginning(tmp_path: Path) -> None:
    with Output(tmp_path / "out.jsonl", IDENTITY, resume=True) as output:
        assert output.state == {}
        output.finish((), None)
    assert (tmp_path / "out.jsonl").read_bytes() == b""


def test_what_cannot_be_resumed_is_deleted_when_it_is_stopped(tmp_path: Path) -> None:
    output = Output(tmp_path / "out.jsonl", None)
    output.add(b"a\n", b"e\n", {"chunks": 1})
    stop(output)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(SourceError, match="cannot be read a second time"):
        Output(tmp_path / "out.jsonl", None, resume=True)


def test_two_runs_do_not_write_to_one_file(tmp_path: Path) -> None:
    pytest.importorskip("fcntl", reason="this system has no such locks")
    with Output(tmp_path / "out.jsonl", IDENTITY) as output:
        output.add(b"a\n", b"", {"chunks": 1})
        for resume in (False, True):
            with pytest.raises(SourceError, match="is being written by another run"):
                Output(tmp_path / "out.jsonl", IDENTITY, resume=resume)
        output.finish((), None)
    assert (tmp_path / "out.jsonl").read_bytes() == b"a\n"


def test_a_new_run_replaces_what_an_unfinished_one_left_and_knows_that_it_did(tmp_path: Path) -> None:
    output = Output(tmp_path / "out.jsonl", IDENTITY)
    output.add(b"old, and longer\n", b"old\n", {"chunks": 1})
    stop(output)
    with Output(tmp_path / "out.jsonl", IDENTITY) as output:
        assert output.replaced
        assert not (tmp_path / "out.jsonl.part.json").exists()
        output.add(b"new\n", b"", {"chunks": 1})
        output.finish((), None)
    assert (tmp_path / "out.jsonl").read_bytes() == b"new\n"
    assert [found.name for found in tmp_path.iterdir()] == ["out.jsonl"]


def test_the_journal_never_speaks_of_bytes_that_are_not_there(tmp_path: Path) -> None:
    with Output(tmp_path / "out.jsonl", IDENTITY) as output:
        for number in range(1, 5):
            output.add(b"line\n", b"e\n", {"chunks": number})
            journal = json.loads((tmp_path / "out.jsonl.part.json").read_bytes())
            assert journal["state"]["chunks"] == number
            assert (tmp_path / "out.jsonl.part").stat().st_size == journal["lengths"][0] == 5 * number
            assert (tmp_path / "out.jsonl.part.errors").stat().st_size == journal["lengths"][1] == 2 * number


def test_the_stamp_of_files_changes_with_any_of_them(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    first, size = stamp_of([tmp_path / "a", tmp_path / "missing"])
    assert size == 1
    (tmp_path / "a").write_text("xy")
    assert stamp_of([tmp_path / "a", tmp_path / "missing"]) != (first, 2)


def test_an_interrupted_page_never_gets_its_name(tmp_path: Path) -> None:
    def write_half() -> None:
        with replacing(tmp_path / "page.html") as handle:
            handle.write("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert list(tmp_path.iterdir()) == []
