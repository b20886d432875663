"""The door to tables: CSV and Parquet files come in as rows, JSON Lines go out as such files. Articles are unknown here.

A CSV file is read and written line by line, a Parquet file batch by batch: neither needs memory for more than that.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from classifier.errors import SourceError

__all__ = ["SHEETS", "check_packages", "csv_rows", "parquet_rows", "parquet_types", "write_sheet"]

SHEETS = (".csv", ".tsv", ".parquet")
_BATCH = 256  # rows of a Parquet file held at once: some hundred kilobytes of news, some megabytes of long reads
_ANSWERS = ("topics", "unsure", "warnings")  # the lists that a table holds behind the columns it came with
_GROUP = 10_000  # rows a row group in Parquet files: the library's advice is many thousand, the memory's is few
_PYARROW = "Parquet files need the package pyarrow: pip install 'topic-classifier[parquet]'."

Row = tuple[int, dict[str, Any] | SourceError]


# -------------------------------------------------------------------------------------------------------------- reading


def csv_rows(stream: IO[str], longest: int, *, tabs: bool) -> Iterator[Row]:
    """Yield each row of a CSV file with the number of the line on which it begins; an error in place of a bad one.

    The first row names the columns. Without `tabs` the separator is the comma or semicolon or tab that is most frequent in
    it. No field or line is longer than `longest` characters.
    """
    import csv  # only a CSV file pays for it

    csv.field_size_limit(longest)
    head = stream.readline(longest)
    separator = "\t" if tabs else max(",;\t", key=head.count)
    names = next(csv.reader([head], delimiter=separator), [])
    if len(set(names)) < len(names) or not all(name.strip() for name in names):
        yield (
            1,
            SourceError("the first row should name every column, each differently. Write such a row, and save it again."),
        )
        return
    lines = _Lines(stream, longest)
    rows = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        line = lines.read + 2  # the first row is line 1
        try:
            cells = next(rows, None)
        except (csv.Error, SourceError) as error:
            yield line, SourceError(f"not CSV ({error}). Put quotation marks round fields with separators or line ends.")
            continue
        if cells is None:
            return
        if len(cells) == len(names):
            yield line, dict(zip(names, cells, strict=True))
        elif cells:
            yield (
                line,
                SourceError(
                    f"fields here: {len(cells)}, named by the first row: {len(names)}. Put quotation marks round fields with"
                    f" {separator!r} in them."
                ),
            )


class _Lines:
    """The lines of a stream; one that is too long is an error, and the next call goes on behind it."""

    def __init__(self, stream: IO[str], longest: int) -> None:
        self._stream, self._longest = stream, longest
        self.read = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        self.read += 1
        line = self._stream.readline(self._longest)
        if not line:
            raise StopIteration
        if self._breaks_off(line):
            while self._breaks_off(line):
                line = self._stream.readline(self._longest)
            raise SourceError(f"a line is longer than {self._longest} characters")
        return line

    def _breaks_off(self, line: str) -> bool:
        return len(line) == self._longest and not line.endswith(("\n", "\r"))


def parquet_rows(file: IO[bytes]) -> Iterator[Row]:
    """Yield each row of a Parquet file with its number, from 1; values that JSON lacks become words.

    Raises `SourceError` if the file is none, or breaks off.
    """
    arrow = _arrow()
    number = 0
    try:
        with arrow.parquet.ParquetFile(file, pre_buffer=False) as table:
            for batch in table.iter_batches(_BATCH):
                columns = {
                    name: _values(arrow, column) for name, column in zip(batch.schema.names, batch.columns, strict=True)
                }
                for cells in zip(*columns.values(), strict=True):
                    number += 1
                    yield number, dict(zip(columns, cells, strict=True))
    except (arrow.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise SourceError(
            f"{file.name} cannot be read as Parquet after row {number}: {reason}. Write the file again."
        ) from None


def parquet_types(files: Iterable[Path]) -> dict[str, Any]:
    """Return the Arrow types of the columns of Parquet files; a column of two types has none."""
    arrow = _arrow()
    types: dict[str, set[Any]] = {}
    for file in files:
        for field in arrow.parquet.read_schema(file):
            types.setdefault(field.name, set()).add(field.type)
    return {name: next(iter(found)) for name, found in types.items() if len(found) == 1}


def _arrow() -> Any:  # noqa: ANN401 — a module without types
    try:
        import pyarrow as arrow  # noqa: ICN001 — the room speaks of Arrow
        import pyarrow.compute
        import pyarrow.parquet
    except ModuleNotFoundError:
        raise SourceError(_PYARROW) from None
    return arrow


def _values(arrow: Any, column: Any) -> list[Any]:  # noqa: ANN401 — pyarrow has no types
    """Return the values of a column as JSON has them."""
    kind, types = column.type, arrow.types
    if types.is_dictionary(kind):
        column, kind = column.dictionary_decode(), kind.value_type
    if types.is_floating(kind):
        finite = arrow.compute.is_finite(column.cast(arrow.float64()))
        return list(arrow.compute.if_else(finite, column, arrow.scalar(None, kind)).to_pylist())
    if _by_words(arrow, kind):
        column = column.cast(arrow.string())
    values = column.to_pylist()
    return values if _native(arrow, kind) else [_json(value) for value in values]


def _native(arrow: Any, kind: Any) -> bool:  # noqa: ANN401
    """Tell whether JSON has the values of an Arrow type."""
    types = arrow.types
    if types.is_list(kind) or types.is_large_list(kind):
        return _native(arrow, kind.value_type) and not types.is_floating(kind.value_type)
    return any(
        test(kind) for test in (types.is_boolean, types.is_integer, types.is_string, types.is_large_string, types.is_null)
    ) or _by_words(arrow, kind)


def _by_words(arrow: Any, kind: Any) -> bool:  # noqa: ANN401
    """Tell whether the values of an Arrow type become words and back without loss: dates, times of day, decimals."""
    types = arrow.types
    return any(test(kind) for test in (types.is_date, types.is_timestamp, types.is_time, types.is_decimal))


def _json(value: Any) -> Any:  # noqa: ANN401
    """Return any value of Python as one that JSON has."""
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, bytes):
        import base64

        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {str(key): _json(part) for key, part in value.items()}
    return [_json(part) for part in value] if isinstance(value, list | tuple) else str(value)


# -------------------------------------------------------------------------------------------------------------- writing


def check_packages(sort: str | None) -> None:
    """Raise `SourceError` if files of a sort cannot be written for want of a package."""
    if sort == ".parquet":
        _arrow()


def write_sheet(lines: Path, file: Path, sort: str, topics: Sequence[str], types: Mapping[str, Any]) -> None:
    """Write answers that are lines of JSON as a table of a `sort`: `.csv`, `.tsv` or `.parquet`.

    The lines are read twice, first for the columns. These are those of the records in the order in which they first occur,
    then `topics`, `unsure`, `warnings` and a probability a topic. `types` holds Arrow types that columns should have.
    """
    columns: dict[str, set[type]] = {}
    for record in _records(lines, topics):
        for name, value in record.items():
            columns.setdefault(name, set()).add(str if _is_huge(value) else type(value))
    answers = [*_ANSWERS, *(f"probability_{topic}" for topic in topics)]
    names = [name for name in columns if name not in answers and name != "evidence"] + answers
    names += ["evidence"] if "evidence" in columns else []
    if sort == ".parquet":
        _write_parquet(lines, file, {name: columns.get(name, set()) for name in names}, topics, types)
    else:
        _write_csv(lines, file, names, topics, "\t" if sort == ".tsv" else ",")


def _records(lines: Path, topics: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield the records of a file with a column a probability in place of one object."""
    answers = [f"probability_{topic}" for topic in topics]
    with lines.open("rb") as handle:
        for line in handle:
            record: dict[str, Any] = json.loads(line)
            probabilities = record.pop("probabilities")
            for name in answers:
                if name in record:
                    record[f"input_{name}"] = record.pop(name)
            yield record | {"warnings": record.get("warnings", [])} | dict(zip(answers, probabilities.values(), strict=True))


def _write_csv(lines: Path, file: Path, names: Sequence[str], topics: Sequence[str], separator: str) -> None:
    import csv

    with file.open("w", encoding="utf-8", errors="backslashreplace", newline="") as handle:
        writer = csv.writer(handle, delimiter=separator, lineterminator="\n")
        writer.writerow(names)
        for record in _records(lines, topics):
            writer.writerow([_cell(name, record.get(name)) for name in names])


def _cell(name: str, value: Any) -> Any:  # noqa: ANN401
    """Return a value as a cell of a CSV file: lists of answers with semicolons between them, as `retrain` reads them."""
    if name in _ANSWERS:
        return ";".join(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list | bool) else value


def _write_parquet(
    lines: Path, file: Path, columns: Mapping[str, set[type]], topics: Sequence[str], types: Mapping[str, Any]
) -> None:
    arrow = _arrow()
    chosen = {name: _type(arrow, name, found, types.get(name)) for name, found in columns.items()}
    schema = arrow.schema([(name, kind) for name, (kind, _) in chosen.items()])
    with arrow.parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        group: list[dict[str, Any]] = []
        for record in _records(lines, topics):
            group.append(record)
            if len(group) == _GROUP:
                writer.write_table(_table(arrow, group, chosen, schema))
                group = []
        writer.write_table(_table(arrow, group, chosen, schema))


def _table(arrow: Any, records: Sequence[Mapping[str, Any]], chosen: Mapping[str, Any], schema: Any) -> Any:  # noqa: ANN401
    arrays = []
    for name, (kind, change) in chosen.items():
        values = [None if (value := record.get(name)) is None else change(value) for record in records]
        arrays.append(
            arrow.array(values, arrow.string()).cast(kind) if _by_words(arrow, kind) else arrow.array(values, kind)
        )
    return arrow.Table.from_arrays(arrays, schema=schema)


def _type(arrow: Any, name: str, found: set[type], known: Any) -> tuple[Any, Callable[[Any], Any]]:  # noqa: ANN401
    """Return a column's Arrow type and what makes a value fit it: the known type, else the one that all values have."""
    words = arrow.list_(arrow.string())
    if name in _ANSWERS:
        return words, _same
    if known is not None and not arrow.types.is_null(known) and (_native(arrow, known) or arrow.types.is_floating(known)):
        return known, _same
    found = found - {type(None)}
    if found <= {bool}:
        return (arrow.bool_() if found else arrow.null()), _same
    if found == {int}:
        return arrow.int64(), _same
    if found <= {int, float}:
        return arrow.float64(), float
    return arrow.string(), _words


def _is_huge(value: object) -> bool:
    """Tell whether a number is one that tables lack: a whole one of more than 64 bits. It is written in words."""
    return type(value) is int and not -(2**63) <= value < 2**63


def _same(value: Any) -> Any:  # noqa: ANN401
    return value


def _words(value: Any) -> str:  # noqa: ANN401
    """Return a value as words: a string as it is, all else as JSON."""
    return (
        value.encode("utf-8", "backslashreplace").decode()
        if isinstance(value, str)
        else json.dumps(value, ensure_ascii=False)
    )
