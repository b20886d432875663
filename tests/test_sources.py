"""`sources`: every record is either an article or a named error, and one bad one never stops the others."""

import io
import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.errors import SourceError
from classifier.jsonlines import dumps
from classifier.records import Article, Prediction
from classifier.sources import prediction_record, read_inputs, text_article


def read(*inputs: Path | str) -> list[Article | SourceError]:
    return list(read_inputs([str(name) for name in inputs]))


def test_a_text_file_is_an_article_with_its_name_for_an_id(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Late again.\r\nNobody knew why.", encoding="utf-8", newline="")
    assert read(tmp_path / "a.txt") == [Article(id="a.txt", text="Late again.\nNobody knew why.")]


@pytest.mark.parametrize(
    ("encoding", "named"), [("utf-8-sig", None), ("utf-16", "utf-16"), ("cp1251", "cp1251"), ("cp1252", "cp1252")]
)
def test_other_encodings_are_read_and_named(tmp_path: Path, encoding: str, named: str | None) -> None:
    text = {
        "cp1251": "Переговоры по Сирии прошли в Анкаре. Стороны договорились продолжить консультации в ближайшее время.",
    }.get(
        encoding,
        "Le président a évoqué la Syrie, où la trêve est fragile. Les négociations ont été prolongées à Genève, déjà.",
    )
    (tmp_path / "a.txt").write_bytes(text.encode(encoding))
    (article,) = read(tmp_path / "a.txt")
    assert isinstance(article, Article)
    assert article.text == text
    found = article.extra.get("encoding")
    assert found == named or (named and text.encode(named) == text.encode(str(found)))


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.txt", b"", "is empty"),
        ("a.txt", b" \n\t ", "is empty"),
        ("a.txt", b"MZ\0\0\x01", "is binary"),
        ("a.pdf", b"%PDF", "ends in .pdf"),
        ("a.jsonl", b"", "is empty"),
        ("a.jsonl", b"{not json\n", "line 1: not JSON"),
        ("a.jsonl", b"[1]\n", "line 1: no text"),
        ("a.jsonl", b'{"title": "x"}\n', "line 1: no text"),
        ("a.jsonl", b'{"text": 5}\n', "line 1: no text"),
        ("a.jsonl", b'{"text": " "}\n', "line 1: the text is empty"),
        ("a.jsonl", b'{"text": "x", "title": 5}\n', "line 1: title should be a string"),
        ("a.jsonl", b'{"text": "\xff"}\n', "line 1: not UTF-8"),
        ("a.jsonl", b"[" * 100_000 + b"\n", "line 1: not JSON"),
    ],
)
def test_bad_input_is_an_error_that_says_where_and_what_to_do(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(data)
    (error,) = read(tmp_path / name)
    assert isinstance(error, SourceError)
    assert said in str(error)
    assert name in str(error)
    assert str(error).endswith((".", '"}.'))


def test_what_is_not_there_is_an_error_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    missing, empty = read(tmp_path / "no.txt", tmp_path / "empty")
    assert "is not there" in str(missing)
    assert "no .txt or .jsonl file" in str(empty)


def test_a_bad_line_is_reported_with_its_number_and_the_others_are_answered(tmp_path: Path) -> None:
    lines = [
        '{"id": "a", "text": "One."}',
        "oops",
        "",
        '{"id": "a", "text": "Twice."}',
        '{"id": 7, "text": "Two.", "desk": "x"}',
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    first, broken, doubled, last = read(tmp_path / "a.jsonl")
    assert first == Article(id="a", text="One.")
    assert "line 2" in str(broken)
    assert "line 4" in str(doubled)
    assert "came before" in str(doubled)
    assert last == Article(id="7", text="Two.", extra={"desk": "x"})


def test_a_folder_stands_for_all_files_below_it_in_order(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("b.txt", "a.txt", "sub/a.txt", "notes.md"):
        (tmp_path / name).write_text("Some text.")
    assert [article.id for article in read(tmp_path) if isinstance(article, Article)] == ["a.txt", "b.txt", "sub/a.txt"]


def test_standard_input_may_be_a_text_or_json_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    for data, expected in (
        (b"\nA text.\nIt goes on.", [Article(id="-", text="\nA text.\nIt goes on.")]),
        (
            b'\n{"id": "x", "text": "A."}\n{"id": "y", "text": "B."}',
            [Article(id="x", text="A."), Article(id="y", text="B.")],
        ),
    ):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        assert read() == expected


def test_an_empty_literal_text_is_an_error() -> None:
    with pytest.raises(SourceError, match="--text"):
        text_article(" ")


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none()))
def test_a_record_goes_out_as_one_line_that_reads_back(extra: dict[str, object]) -> None:
    prediction = Prediction("x", ("a",), (), {"a": 0.75, "b": 0.25}, {"a": 1.0, "b": -1.0})
    line = dumps(prediction_record(Article("Text", id="x", extra=extra), prediction, explain=True))
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    record = json.loads(line)
    assert record["topics"] == ["a"]
    assert all(value in record.values() for value in extra.values())
