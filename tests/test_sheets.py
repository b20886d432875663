"""`sheets`: rows come out of CSV and Parquet files as they are, and answers go into such files."""

import csv
import datetime as dt
import decimal
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.errors import SourceError
from classifier.sheets import csv_rows, parquet_rows, parquet_types, write_sheet

LONGEST = 1000
CELLS = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
ANSWER: dict[str, Any] = {"topics": ["sea", "sky"], "unsure": [], "probabilities": {"sea": 0.75, "sky": 0.5}}
TOPICS = ("sea", "sky")


def rows(text: str, *, tabs: bool = False) -> list[tuple[int, Any]]:
    return list(csv_rows(io.StringIO(text, newline=""), LONGEST, tabs=tabs))


def answers(folder: Path, *records: dict[str, Any]) -> Path:
    file = folder / "lines.jsonl"
    file.write_text("".join(json.dumps(record) + "\n" for record in records))
    return file


def table(lines: Path, types: dict[str, Any] | None = None) -> Any:
    """Return answers that were written as Parquet, read by the library."""
    arrow = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    write_sheet(lines, lines.with_name("t.parquet"), ".parquet", TOPICS, types or {})
    return arrow.read_table(lines.with_name("t.parquet"))


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=4), st.sampled_from([",", "\t", ";"]))
def test_what_the_csv_module_writes_reads_back(cells: list[list[str]], separator: str) -> None:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=separator, quoting=csv.QUOTE_ALL).writerows([["text", "id"], *cells])
    assert [list(row.values()) for _, row in rows(stream.getvalue())] == cells


def test_a_row_is_numbered_by_the_line_on_which_it_begins() -> None:
    assert rows('text,id\n"two\nlines",1\n\nx,2\n') == [
        (2, {"text": "two\nlines", "id": "1"}),
        (5, {"text": "x", "id": "2"}),
    ]


def test_a_bad_row_is_an_error_in_its_place_and_the_others_are_read() -> None:
    (a, first), (b, short), (c, broken), (d, last) = rows('text,id\nx,1\ny\n"z"z,3\nw,4\n')
    assert (first, last) == ({"text": "x", "id": "1"}, {"text": "w", "id": "4"})
    assert (a, b, c, d) == (2, 3, 4, 5)
    assert "fields here: 1, named by the first row: 2" in str(short)
    assert "not CSV" in str(broken)


def test_a_field_or_line_that_is_too_long_is_an_error_and_the_next_rows_are_read() -> None:
    long = "x" * (LONGEST + 5)
    found = rows(f'text\n{long}\nshort\n"{"y" * 600}\n{"y" * 600}"\nlast\n')
    assert [(number, row if isinstance(row, dict) else "error") for number, row in found][:2] == [
        (2, "error"),
        (3, {"text": "short"}),
    ]
    assert found[-1][1] == {"text": "last"}
    assert isinstance(found[2][1], SourceError)


def test_a_quotation_that_never_ends_is_an_error() -> None:
    assert "unexpected end of data" in str(rows('text\nx\n"never\nends')[-1][1])


def test_columns_without_a_name_or_with_the_same_are_an_error() -> None:
    assert [isinstance(row, SourceError) for _, row in rows("text,text\nx,y\n") + rows("text,\nx,y\n")] == [True, True]
    assert rows("") == []


def test_a_csv_of_answers_has_the_columns_of_all_records_and_a_probability_a_topic(tmp_path: Path) -> None:
    lines = answers(
        tmp_path, {"id": "1", "desk": "é"} | ANSWER, {"id": "2", "n": 5, "list": [1]} | ANSWER | {"warnings": ["a", "b"]}
    )
    write_sheet(lines, tmp_path / "t.csv", ".csv", TOPICS, {})
    assert (tmp_path / "t.csv").read_text(encoding="utf-8") == (
        "id,desk,n,list,topics,unsure,warnings,probability_sea,probability_sky\n"
        "1,é,,,sea;sky,,,0.75,0.5\n"
        "2,,5,[1],sea;sky,,a;b,0.75,0.5\n"
    )


def test_a_column_that_is_called_like_an_answer_is_kept_under_another_name(tmp_path: Path) -> None:
    lines = answers(tmp_path, {"id": "1", "probability_sea": "mine"} | ANSWER)
    write_sheet(lines, tmp_path / "t.tsv", ".tsv", TOPICS, {})
    names, cells = (line.split("\t") for line in (tmp_path / "t.tsv").read_text().splitlines())
    found = dict(zip(names, cells, strict=True))
    assert (found["input_probability_sea"], found["probability_sea"]) == ("mine", "0.75")


def test_columns_of_a_parquet_file_have_the_type_that_all_their_values_have(tmp_path: Path) -> None:
    huge = 2**70
    lines = answers(
        tmp_path,
        {"id": "1", "n": 1, "x": 1, "mixed": 1, "yes": True, "huge": huge, "none": None, "list": [1]} | ANSWER,
        {"id": "2", "n": 2, "x": 0.25, "mixed": "a", "yes": None, "huge": 1, "none": None, "list": []} | ANSWER,
    )
    found = table(lines)
    types = {name: str(found.schema.field(name).type) for name in found.schema.names}
    assert [types[name] for name in ("n", "x", "mixed", "yes", "huge", "none", "list")] == [
        *("int64", "double", "string", "bool", "string", "null", "string")
    ]
    assert types["topics"] == "list<element: string>" or types["topics"] == "list<item: string>"
    assert found.to_pylist()[0] == {
        "id": "1",
        "n": 1,
        "x": 1.0,
        "mixed": "1",
        "yes": True,
        "huge": str(huge),
        "none": None,
        "list": "[1]",
        "topics": ["sea", "sky"],
        "unsure": [],
        "warnings": [],
        "probability_sea": 0.75,
        "probability_sky": 0.5,
    }


def test_from_parquet_to_parquet_dates_decimals_and_lists_keep_type_and_value(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    parquet = pytest.importorskip("pyarrow.parquet")
    given_table = arrow.table(
        {
            "when": arrow.array([dt.datetime(2020, 1, 2, 3, tzinfo=dt.UTC), None], arrow.timestamp("us", "UTC")),
            "day": [dt.date(2020, 1, 2), None],
            "price": [decimal.Decimal("1.25"), None],
            "tags": [["a", "b"], []],
            "n": arrow.array([1, None], arrow.int8()),
            "x": [0.25, None],
            "kind": arrow.array(["u", "v"]).dictionary_encode(),
            "raw": [b"\xff", None],
            "not a number": [float("nan"), 1.0],
        }
    )
    parquet.write_table(given_table, tmp_path / "in.parquet")
    with (tmp_path / "in.parquet").open("rb") as handle:
        read: list[dict[str, Any]] = [row for _, row in parquet_rows(handle) if isinstance(row, dict)]
    assert read[0]["raw"] == "/w=="  # base64
    assert read[0]["not a number"] is None
    found = table(answers(tmp_path, *(row | ANSWER for row in read)), parquet_types([tmp_path / "in.parquet"]))
    for name in ("when", "day", "price", "tags", "n", "x"):
        assert found.schema.field(name).type == given_table.schema.field(name).type, name
        assert found[name].to_pylist() == given_table[name].to_pylist(), name
    assert found["kind"].to_pylist() == ["u", "v"]


def test_a_file_that_is_no_parquet_is_an_error_that_says_so(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    (tmp_path / "a.parquet").write_bytes(b"PAR1 nonsense PAR1")
    with (tmp_path / "a.parquet").open("rb") as handle, pytest.raises(SourceError, match="cannot be read as Parquet"):
        list(parquet_rows(handle))
