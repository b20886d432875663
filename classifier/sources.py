"""The door to the user's files: paths come in, Articles go out; Predictions come in, JSON Lines go out. No models here.

A bad file or record never stops the others: it comes out in its place as a `SourceError` that says where and why.
"""

import contextlib
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from classifier.errors import SourceError
from classifier.evidence import evidence_records
from classifier.records import Article, Prediction

__all__ = ["jsonl_line", "prediction_record", "read_inputs", "replacing", "text_article"]

_TEXT_SUFFIXES = frozenset({"", ".txt", ".text"})
_LINES_SUFFIXES = frozenset({".jsonl", ".ndjson"})
_FIELDS = ("id", "title", "text", "date", "source", "url")
# What texts of the press are written in if not in Unicode; a short text fits many encodings, and these are the likely ones.
_ENCODINGS = ["cp1252", "cp1251", "koi8_r", "cp1254", "cp1256", "gb18030", "shift_jis", "euc_kr", "mac_roman"]
_SHOWN = 60  # characters of a bad line shown in a message


def read_inputs(inputs: Sequence[str]) -> Iterator[Article | SourceError]:
    """Yield the articles of files, folders and `-` (standard input), in order; a `SourceError` in place of a bad one.

    A `.txt` file is an article with its name for an id; a `.jsonl` file has an article a line, an object with `text` and,
    if you like, `id`, `title` and other fields, which travel along. A folder stands for all such files below it, in the
    order of their paths. No input at all means standard input. An id that came before is an error.
    """
    seen: set[str] = set()
    for place, found in _read_all(inputs or ["-"], seen):
        if isinstance(found, Article):
            if found.id in seen:
                yield SourceError(
                    f"{place}: the id {found.id!r} came before. Every article needs its own id: rename or drop one."
                )
                continue
            seen.add(found.id)
        yield found


def text_article(text: str) -> Article:
    """Return a literal text as an article. Raises `SourceError` if there is nothing in it."""
    if not text.strip():
        raise SourceError("The text is empty. Give --text something to read, as in --text 'Talks on Idlib resume.'")
    return Article(id="text", text=text)


def _read_all(inputs: Sequence[str], seen: set[str]) -> Iterator[tuple[str, Article | SourceError]]:
    """Yield every article or error with its place, inputs one after the other."""
    for name in inputs:
        if name == "-":
            yield from _read_stream(sys.stdin.buffer, "standard input")
        elif Path(name).is_dir():
            yield from _read_folder(Path(name))
        else:
            identifier = Path(name).name
            yield from _read_file(Path(name), name if identifier in seen else identifier)


def _read_folder(folder: Path) -> Iterator[tuple[str, Article | SourceError]]:
    files = [
        file
        for file in sorted(folder.rglob("*"))
        if file.suffix.lower() in (_TEXT_SUFFIXES | _LINES_SUFFIXES) - {""} and file.is_file()
    ]
    if not files:
        yield (
            str(folder),
            SourceError(f"{folder} has no .txt or .jsonl file in it or below it. Name a folder with articles."),
        )
    for file in files:
        yield from _read_file(file, str(file.relative_to(folder)))


def _read_file(file: Path, identifier: str) -> Iterator[tuple[str, Article | SourceError]]:
    suffix = file.suffix.lower()
    if suffix not in _TEXT_SUFFIXES | _LINES_SUFFIXES:
        rule = "Files read are .txt (one article) and .jsonl (one article a line): save it as one of these."
        yield str(file), SourceError(f"{file} ends in {suffix}. {rule}")
        return
    try:
        with file.open("rb") as handle:
            if suffix in _LINES_SUFFIXES:
                yield from _read_lines(handle, str(file))
            else:
                yield str(file), _read_text(handle.read(), str(file), identifier)
    except FileNotFoundError:
        yield str(file), SourceError(f"{file} is not there. Look at the path; a text by itself goes behind --text.")
    except OSError as error:
        yield str(file), SourceError(f"{file} cannot be read: {error.strerror}. Look at its permissions.")


def _read_stream(stream: IO[bytes], place: str) -> Iterator[tuple[str, Article | SourceError]]:
    """Read a stream: JSON Lines if it begins with a brace, one text otherwise."""
    first = stream.readline()
    while first and not first.strip():
        first = stream.readline()
    if first.lstrip().startswith(b"{"):
        yield from _read_lines(_chain(first, stream), place)
    else:
        yield place, _read_text(first + stream.read(), place, "-")


def _chain(first: bytes, rest: Iterable[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


# ----------------------------------------------------------------------------------------------------------------- text


def _read_text(data: bytes, place: str, identifier: str) -> Article | SourceError:
    """Return the article of a text file."""
    try:
        text, encoding = _decode(data, place)
    except SourceError as error:
        return error
    if not text.strip():
        return SourceError(f"{place} is empty. An article needs at least a sentence; leave the file out.")
    return Article(
        id=identifier, text=text.replace("\r\n", "\n"), extra={"encoding": encoding} if encoding != "utf-8" else {}
    )


def _decode(data: bytes, place: str) -> tuple[str, str]:
    """Return the text of bytes and the name of its encoding: UTF-8, one declared by a byte order mark, or one detected."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            with contextlib.suppress(UnicodeDecodeError):
                return data.removeprefix(b"\xef\xbb\xbf").decode(encoding), encoding
    if b"\0" in data:
        raise SourceError(
            f"{place} is binary: there are zero bytes in it. Save the article's text as UTF-8 and name that file."
        )
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    from charset_normalizer import from_bytes  # only a text that is not UTF-8 pays for the detection

    best = from_bytes(data, cp_isolation=_ENCODINGS).best()
    if best is None:
        raise SourceError(f"{place} is neither UTF-8 nor any other encoding that fits. Save the article's text as UTF-8.")
    return str(best), best.encoding


# ----------------------------------------------------------------------------------------------------------- JSON Lines


def _read_lines(lines: Iterable[bytes], name: str) -> Iterator[tuple[str, Article | SourceError]]:
    empty = True
    for number, line in enumerate(lines, 1):
        if line.strip():
            empty = False
            place = f"{name}, line {number}"
            yield place, _read_record(line, place, str(number))
    if empty:
        yield name, SourceError(f'{name} is empty. Write an article a line, as in {{"id": "a1", "text": "…"}}.')


def _read_record(line: bytes, place: str, number: str) -> Article | SourceError:
    """Return the article of one line of JSON Lines."""
    shown = line[:_SHOWN].decode("utf-8", "replace").strip()
    try:
        record = json.loads(line)
    except UnicodeDecodeError:
        return SourceError(f"{place}: not UTF-8: «{shown}». JSON Lines are UTF-8 by their standard: convert the file.")
    except (ValueError, RecursionError) as error:
        return SourceError(f"{place}: not JSON ({error}): «{shown}». Write one JSON object a line.")
    if not isinstance(record, dict) or not isinstance(record.get("text"), str):
        return SourceError(f'{place}: no text: «{shown}». Give each object a "text" with the article in a string.')
    values = {key: record.get(key) for key in _FIELDS}
    numeric = type(record.get("id")) is int  # a number is as good an id as a string
    wrong = [k for k, value in values.items() if not (value is None or isinstance(value, str) or (k == "id" and numeric))]
    if wrong:
        return SourceError(f"{place}: {', '.join(wrong)} should be a string. Write it in quotation marks, or leave it out.")
    given = {key: str(value) for key, value in values.items() if value is not None}
    if not (given["text"].strip() or given.get("title", "").strip()):
        return SourceError(f"{place}: the text is empty. An article needs at least a sentence; leave the record out.")
    extra = {key: value for key, value in record.items() if key not in _FIELDS}
    return Article(**{"id": number, **given}, extra=extra)


# --------------------------------------------------------------------------------------------------------------- output


def prediction_record(article: Article, prediction: Prediction, *, explain: bool) -> dict[str, Any]:
    """Return what goes out for one article: its own fields but for the text, then the answers.

    With `explain` the sentences that speak for each topic answered yes or unsure go along, from a prediction that was
    made with explanations.
    """
    own = {key: getattr(article, key) for key in _FIELDS if key != "text"}
    record: dict[str, Any] = {key: value for key, value in own.items() if value or key == "id"}
    record.update(article.extra)
    record["topics"] = list(prediction.topics)
    record["unsure"] = list(prediction.unsure)
    record["probabilities"] = {topic: round(value, 4) for topic, value in prediction.probabilities.items()}
    if explain:
        record["evidence"] = evidence_records(article, prediction.explanations)
    if prediction.warnings:
        record["warnings"] = list(prediction.warnings)
    return record


def jsonl_line(record: dict[str, Any]) -> str:
    """Return a record as one line of JSON, with its line end; a lone surrogate is escaped, all else is as it reads."""
    line = json.dumps(record, ensure_ascii=False)
    try:
        line.encode()
    except UnicodeEncodeError:
        line = json.dumps(record)
    return line + "\n"


@contextlib.contextmanager
def replacing(file: Path) -> Iterator[IO[str]]:
    """Open a file for writing under another name; it gets its own name only when all is written.

    Raises `SourceError` if the place cannot be written to.
    """
    draft = file.with_name(file.name + ".part")
    try:
        with draft.open("w", encoding="utf-8", newline="\n") as handle:
            yield handle
            handle.flush()
            os.fsync(handle.fileno())
        draft.replace(file)
    except OSError as error:
        raise SourceError(
            f"{file} cannot be written: {error.strerror}. Name a place with room that you may write to."
        ) from None
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
