"""`sources`: every record is either an article or a named error, and one bad one never stops the others."""

import gzip
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import sources
from classifier.columns import separator_of
from classifier.errors import SourceError
from classifier.jsonlines import dumps
from classifier.records import Article, Prediction
from classifier.sources import Chunk, prediction_record, read_chunks, read_inputs, text_article
from tests.conftest import ROOT


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


@pytest.mark.parametrize(
    "data",
    [
        b'id,title,text\nx,T,A.\ny,,"B, too.\nC."\n',
        b'\xef\xbb\xbf"id","headline","body"\r\nx,T,A.\r\ny,,"B, too.\nC."\r\n',
        b'uid\tText\ttitle\nx\tA.\tT\ny\t"B, too.\nC."\t\n',
    ],
    ids=["commas", "quotes and a mark", "tabs"],
)
def test_a_table_on_standard_input_is_taken_for_one(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    found = [(item.id, item.title, item.text) for item in read() if isinstance(item, Article)]
    assert found == [("x", "T", "A."), ("y", "", "B, too.\nC.")]


@pytest.mark.parametrize(
    "line",
    ["Text, more text and a title", "text", "The story,body and soul", "id,title", "", ",text", "text,,id", "a, text"],
)
def test_a_text_on_standard_input_is_taken_for_no_table(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    assert separator_of(line) is None
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"{line}\nIt goes on.".encode())))
    assert [item.id for item in read() if isinstance(item, Article)] == ["-"]


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


# --------------------------------------------------------------------------------------------------------------- chunks


def chunked(*inputs: Path | str) -> list[Chunk]:
    return list(read_chunks([str(name) for name in inputs]))


@given(st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"")), max_size=40), st.integers(1, 50))
def test_lines_are_cut_into_runs_of_whole_lines_and_none_is_lost(lines: list[bytes], size: int) -> None:
    data = b"\n".join(lines)
    if data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return
    stream = io.BytesIO(data)
    blocks = list(sources._blocks(lambda _: stream.read(size)))
    assert b"".join(block for block in blocks if block is not None) == data
    assert all(block is not None and block.endswith(b"\n") for block in blocks[:-1])


@given(st.lists(st.integers(0, 120), min_size=1, max_size=12), st.integers(1, 90))
def test_lines_that_are_too_long_are_skipped_one_by_one_and_no_other(lengths: list[int], size: int) -> None:
    stream = io.BytesIO(b"".join(b"x" * length + b"\n" for length in lengths))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "LONGEST", 100)
        blocks = list(sources._blocks(lambda _: stream.read(size)))
    kept = b"".join(block for block in blocks if block is not None).split(b"\n")[:-1]
    assert [len(line) for line in kept] == [length for length in lengths if length <= 100]
    assert blocks.count(None) == sum(length > 100 for length in lengths)


def test_a_record_without_an_id_is_called_by_its_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('\n{"text": "One."}\n\n{"text": "Two.", "id": null}\n')
    (tmp_path / "b.jsonl").write_text('{"text": "Three."}\n')
    found = read(tmp_path / "a.jsonl", tmp_path / "b.jsonl")
    assert [item.id for item in found if isinstance(item, Article)] == ["a.jsonl:2", "a.jsonl:4", "b.jsonl:1"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_json_lines_may_be_any_unicode_that_says_which_it_is(tmp_path: Path, encoding: str) -> None:
    lines = [f'{{"id": "{number}", "text": "Переговоры и 🙂 № {number}"}}' for number in range(1, 4)]
    (tmp_path / "a.jsonl").write_bytes("\n".join(lines).encode(encoding))
    assert [item.text for item in read(tmp_path / "a.jsonl") if isinstance(item, Article)] == [
        f"Переговоры и 🙂 № {number}" for number in range(1, 4)
    ]


@pytest.mark.parametrize(
    ("encoding", "named"), [("utf-8", None), ("utf-8-sig", None), ("utf-16", "utf-16"), ("cp1252", "?")]
)
def test_a_csv_file_may_be_of_other_encodings_and_they_are_named(tmp_path: Path, encoding: str, named: str | None) -> None:
    text = "Le président a évoqué la Syrie, où la trêve est fragile. Les négociations ont été prolongées à Genève, déjà."
    (tmp_path / "a.csv").write_bytes(f'id,text\n1,"{text}"\n'.encode(encoding))
    (article,) = read(tmp_path / "a.csv")
    assert isinstance(article, Article)
    assert (article.id, article.text) == ("1", text)
    assert bool(article.extra.get("encoding")) == bool(named)


def test_a_row_in_another_encoding_than_the_beginning_is_an_error_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "_LOOK", 16)
    (tmp_path / "a.csv").write_bytes(b"id,text\n1,plain\n2,caf\xe9\n3,plain again\n")
    first, wrong, last = read(tmp_path / "a.csv")
    assert "text is not in the encoding in which the file begins" in str(wrong)
    assert "line 3" in str(wrong)
    assert [item.id for item in (first, last) if isinstance(item, Article)] == ["1", "3"]


def test_what_is_compressed_is_read_as_what_it_is_inside(tmp_path: Path) -> None:
    for name, data in (("a.jsonl", b'{"text": "One."}'), ("b.txt", b"Two."), ("c.csv", b"text\nThree.\n")):
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(data))
    (tmp_path / "d.txt.gz").write_bytes(b"no gzip")
    *found, broken = read(tmp_path)
    assert [item.text for item in found if isinstance(item, Article)] == ["One.", "Two.", "Three."]
    assert "cannot be read" in str(broken)


def test_small_texts_that_follow_each_other_share_a_chunk(tmp_path: Path) -> None:
    for number in range(600):
        (tmp_path / f"{number:03d}.txt").write_text("x")
    assert [len(chunk.data) for chunk in chunked(tmp_path)] == [256, 256, 88]


def test_a_link_to_a_folder_above_does_not_lead_round_in_circles(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    (tmp_path / "round").symlink_to(tmp_path, target_is_directory=True)
    assert len(read(tmp_path)) == 1


def test_two_files_of_the_same_name_have_articles_of_different_names(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    files = [tmp_path / "a.txt", tmp_path / "sub" / "a.txt"]
    for file in files:
        file.write_text("x")
    assert [item.id for item in read(*files) if isinstance(item, Article)] == [str(file) for file in files]


@pytest.mark.parametrize("data", [b"<!DOCTYPE html><html><body></body></html>", b"\n<html></html>"])
def test_a_page_on_standard_input_is_taken_for_one(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    (chunk,) = read_chunks(["-"])
    assert chunk.kind == "page"


def test_a_field_that_is_called_like_an_answer_goes_out_under_another_name() -> None:
    prediction = Prediction("x", ("a",), (), {"a": 0.75}, {"a": 1.0})
    article = Article("Text", id="x", extra={"topics": ["gold"], "input_topics": 1, "unsure": 2})
    record = prediction_record(article, prediction, explain=False)
    assert record == {
        "id": "x",
        "input_input_topics": ["gold"],
        "input_topics": 1,
        "input_unsure": 2,
        "topics": ["a"],
        "unsure": [],
        "probabilities": {"a": 0.75},
    }


def test_a_single_article_is_answered_without_what_only_whole_files_need() -> None:
    article = ROOT / "tests" / "articles" / "consultations.txt"
    unneeded = "multiprocessing csv gzip logging tempfile subprocess orjson pyarrow trafilatura charset_normalizer".split()
    rooms = ["classifier.bulk", "classifier.outputs", "classifier.workers", "classifier.progress", "classifier.sheets"]
    code = (
        f"import sys\nfrom classifier.cli import main\nmain(['predict', {str(article)!r}])\n"
        f"print(sorted(set(sys.modules) & {{*{unneeded + rooms!r}}}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
