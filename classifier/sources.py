"""The door to the user's files: paths come in, chunks of raw records and Articles go out. No models here.

Reading is in two steps, so that the second can be done by several processes: `read_chunks` cuts files into chunks, always
the same ones, with little work; `articles_of` makes articles of a chunk. A bad file or record never stops the others: it
comes out in its place as a `SourceError` that says where and why.
"""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence

from classifier.columns import Columns, article_of, separator_of
from classifier.errors import SourceError
from classifier.records import Article, Prediction

TYPE_CHECKING = False  # what `typing` says at run time; see `frozen`
if TYPE_CHECKING:
    from io import TextIOWrapper
    from typing import IO, Any

__all__ = [
    "LONGEST",
    "PAGE_SECONDS",
    "Chunk",
    "articles_of",
    "lost_page",
    "prediction_record",
    "read_chunks",
    "read_inputs",
    "text_article",
    "text_chunk",
]

LONGEST = 8 * 2**20  # bytes of one record: twice War and Peace. Of the shortest lines it takes half a gigabyte to answer
PAGE_SECONDS = 20  # for one page, which commonly takes a twentieth of a second: what takes this long is caught in a loop
_CHUNK = 2**18  # bytes: a hundred articles, a hundredth of a second's work; neither handing over nor holding them costs much
_LOOK = 2**20  # bytes at the beginning of a table by which its encoding is found: rare letters may come late
_FILES = 256  # small files in a chunk
_ROWS = 512  # rows in a chunk, where they are short

_TEXT, _LINES, _PAGE = ("", ".txt", ".text"), (".jsonl", ".ndjson"), (".html", ".htm", ".xhtml")
_CSV, _PARQUET = (".csv", ".tsv"), ".parquet"
_SUFFIXES = frozenset((*_TEXT, *_LINES, *_PAGE, *_CSV, _PARQUET))
_RULE = "Files read are .txt and .html (one article each), .jsonl, .csv, .tsv (also behind these .gz) and .parquet"
# What texts of the press are written in if not in Unicode; a short text fits many encodings, and these are the likely ones.
_ENCODINGS = ["cp1252", "cp1251", "koi8_r", "cp1254", "cp1256", "gb18030", "shift_jis", "euc_kr", "mac_roman"]
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_PRESCAN = 1024  # bytes of a page in which its encoding must be named (HTML standard, "prescan a byte stream")
_SHOWN = 60  # characters of a bad line shown in a message

Row = tuple[int, "dict[str, Any] | SourceError"]  # a row of a table and its number
Found = tuple[
    str, int, Article | SourceError
]  # the input's name, the line or row in it (0 for all of it), and what is there


class Chunk:
    """Some raw records of a kind: `texts` and `page` hold files, `lines` JSON Lines, `rows` rows of a table, `bad` an error.

    `name` is the input they are from and `number` the line of the first one, `read` how many bytes of that input it
    took, `identifier` what records without an id are called by, `seconds` how long making articles of it may take.
    """

    __slots__ = ("data", "identifier", "kind", "name", "number", "read", "seconds")

    def __init__(self, kind: str, name: str, data: Any, *, identifier: str = "", number: int = 0, read: int = 0) -> None:  # noqa: ANN401, PLR0913
        self.kind = kind
        self.name = name
        self.data = data
        self.identifier = identifier
        self.number = number
        self.read = read
        self.seconds = PAGE_SECONDS if kind == "page" else None


def read_inputs(
    inputs: Sequence[str], columns: Columns | None = None, *, unique: bool = True
) -> Iterator[Article | SourceError]:
    """Yield the articles of files, folders and `-` (standard input), in order; a `SourceError` in place of a bad one.

    A text or page is an article with its name for an id; files of records have an article a line or row, with columns as
    `Columns` finds them; all other columns travel along. A folder stands for all such files below it, in the order of their
    paths. No input at all means standard input. With `unique` an id that came before is an error: gold is told by ids.
    """
    columns = columns or Columns()
    seen: set[str] = set()
    for name, number, found in _read(inputs, columns):
        if unique and isinstance(found, Article):
            if found.id in seen:
                place = _place(name, number)
                yield SourceError(
                    f"{place}: the id {found.id!r} came before. Every article needs its own id: rename or drop one."
                )
                continue
            seen.add(found.id)
        yield found


def _read(inputs: Sequence[str], columns: Columns) -> Iterator[Found]:
    """Yield all articles, those of pages made in another process, since pages are known to catch their readers in loops."""
    workers = None
    try:
        for chunk in read_chunks(inputs, live=True):
            if chunk.kind != "page":
                yield from articles_of(chunk, columns)
                continue
            from classifier.workers import Lost, Workers  # only pages pay for it

            workers = workers or Workers(1, _reader, columns).__enter__()
            for _, found in workers.map([chunk]):
                yield from [lost_page(chunk, slow=found.slow)] if isinstance(found, Lost) else found
    finally:
        if workers:
            workers.__exit__(None, None, None)


def _reader(columns: Columns) -> Callable[[Chunk], list[Found]]:
    return lambda chunk: list(articles_of(chunk, columns))


def lost_page(chunk: Chunk, *, slow: bool) -> Found:
    """Return the error for a page that no worker finished, because it was too slow or because it died."""
    what = f"took longer than {PAGE_SECONDS} seconds" if slow else "ended the process that read it"
    rule = "Save the article's text as .txt and name that file."
    return chunk.name, 0, SourceError(f"{chunk.name}: finding the article in the page {what}. {rule}")


def text_article(text: str) -> Article:
    """Return a literal text as an article. Raises `SourceError` if there is nothing in it."""
    if not text.strip():
        raise SourceError("The text is empty. Give --text something to read, as in --text 'Talks on Idlib resume.'")
    return Article(id="text", text=text)


def text_chunk(text: str) -> Chunk:
    """Return a literal text as a chunk with an article in it, called as by `text_article`."""
    return Chunk("rows", "--text", [(0, {"id": "text", "text": text})])


def _place(name: str, number: int) -> str:
    unit = "row" if name.lower().endswith(".parquet") else "line"
    return f"{name}, {unit} {number}" if number else name


# --------------------------------------------------------------------------------------------------------------- chunks


def read_chunks(inputs: Sequence[str], *, live: bool = False, besides: Iterable[str] = ()) -> Iterator[Chunk]:
    """Yield all that the inputs hold, cut into chunks; the same files give the same chunks.

    With `live`, standard input is cut where it pauses. `besides` are files that folders do not stand for.
    """
    chunks = _unpacked(inputs, {os.path.abspath(file) for file in besides}, live=live)
    yield from chunks if live else _pack(chunks)


def _unpacked(inputs: Sequence[str], left_out: set[str], *, live: bool) -> Iterator[Chunk]:
    """Yield chunks with a file in each, or a part of one."""
    basenames = [os.path.basename(name) for name in inputs]
    for name in inputs or ["-"]:
        if name == "-":
            yield from _stream_chunks(sys.stdin.buffer, live=live)
        elif os.path.isdir(name):
            yield from _folder_chunks(name, left_out)
        else:
            identifier = os.path.basename(name)
            yield from _file_chunks(name, name if basenames.count(identifier) > 1 else identifier)


def _pack(chunks: Iterable[Chunk]) -> Iterator[Chunk]:
    """Put small texts that follow each other into one chunk."""
    texts: list[tuple[str, str, bytes]] = []
    size = read = 0
    for chunk in chunks:
        if texts and (chunk.kind != "texts" or size + len(chunk.data[0][2]) > _CHUNK or len(texts) == _FILES):
            yield Chunk("texts", texts[0][0], texts, read=read)
            texts, size, read = [], 0, 0
        if chunk.kind == "texts":
            texts += chunk.data
            size += len(chunk.data[0][2])
            read += chunk.read
        else:
            yield chunk
    if texts:
        yield Chunk("texts", texts[0][0], texts, read=read)


def _folder_chunks(folder: str, left_out: set[str]) -> Iterator[Chunk]:
    empty = True
    for file in walk(folder):
        if os.path.abspath(file) not in left_out:
            empty = False
            yield from _file_chunks(file, os.path.relpath(file, folder))
    if empty:
        rule = "Name a folder with articles: .txt, .html, .jsonl, .csv, .tsv or .parquet."
        yield _bad(folder, f"{folder} has no .txt or .jsonl file in it or below it, nor another that is read. {rule}")


def walk(folder: str) -> Iterator[str]:
    """Yield the files below a folder that can be read, in the order of their paths, holding one folder's names at a time."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        entries = []
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from walk(entry.path)
        elif _suffix(entry.name) in _SUFFIXES - {""} and entry.is_file():
            yield entry.path


def _suffix(file: str) -> str:
    """Return what a file's name says of its format: its last suffix, `.gz` aside; Parquet is compressed in itself."""
    name = os.path.basename(file).lower()
    suffix = os.path.splitext(name.removesuffix(".gz"))[1]
    return ".gz" if name.endswith(".gz") and suffix in ("", _PARQUET) else suffix


def _file_chunks(file: str, identifier: str) -> Iterator[Chunk]:
    suffix = _suffix(file)
    if suffix not in _SUFFIXES:
        yield _bad(file, f"{file} ends in {suffix}. {_RULE}: save it as one of these.")
        return
    try:
        with open(file, "rb") as raw:
            yield from _open_chunks(raw, file, suffix, identifier)
    except FileNotFoundError:
        yield _bad(
            file, f"{file} is not there. Look at the path; for a text by itself there is `classifier predict --text`."
        )
    except (OSError, EOFError, ValueError) as error:  # of reading, of a .gz that breaks off, of UTF-16 that does
        reason = getattr(error, "strerror", None) or error
        yield _bad(file, f"{file} cannot be read: {reason}. Look at its permissions, and whether it is whole.")
    except SourceError as error:
        yield _bad(file, str(error))


def _open_chunks(raw: IO[bytes], file: str, suffix: str, identifier: str) -> Iterator[Chunk]:
    stream: IO[bytes] = raw
    if file.lower().endswith(".gz"):
        import gzip
        import zlib

        stream = gzip.open(raw)  # type: ignore[assignment]  # noqa: SIM115 — it has nothing to close
        damaged: type[Exception] = zlib.error
    else:
        damaged = EOFError
    try:
        if suffix in _LINES:
            yield from _line_chunks(stream.read, file, identifier, raw.tell)
        elif suffix in _CSV:
            yield from _row_chunks(_csv(stream, tabs=suffix == ".tsv"), file, identifier, raw.tell)
        elif suffix == _PARQUET:
            from classifier.sheets import parquet_rows  # only tables pay for the room

            yield from _row_chunks(parquet_rows(raw), file, identifier, raw.tell)
        else:
            yield _whole_chunk(stream.read(LONGEST + 1), file, identifier, "page" if suffix in _PAGE else "texts")
    except damaged as error:
        raise EOFError(error) from None


def _stream_chunks(stream: IO[bytes], *, live: bool) -> Iterator[Chunk]:
    """Read a stream: JSON Lines if it begins with a brace, a page or a table if it begins as one, one text otherwise."""
    name = "standard input"
    read: Callable[[int], bytes] = stream.read1 if live and hasattr(stream, "read1") else stream.read
    head = b""
    while len(head) < LONGEST and not head.strip() and (block := read(_CHUNK)):
        head += block
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:_PRESCAN].lower()
    if start.startswith(b"[") and start[1:].lstrip().startswith(b'{"'):
        yield _bad(name, f"{name} is one JSON array. Write an article a line, without brackets and commas round them.")
    elif start.startswith(b"{"):
        yield from _line_chunks(_behind(head, read), name, "-", lambda: 0)
    elif separator := separator_of(start.partition(b"\n")[0].decode("ascii", "replace")):
        import shutil
        import tempfile  # only who pipes a table pays for them: its encoding is found by a look ahead

        with tempfile.TemporaryFile() as kept:
            kept.write(head)
            shutil.copyfileobj(stream, kept)
            kept.seek(0)
            yield from _row_chunks(_csv(kept, tabs=separator == "\t"), name, "-", kept.tell)
    else:
        data = head + stream.read(max(LONGEST + 1 - len(head), 0))
        yield _whole_chunk(data, name, "-", "page" if start.startswith((b"<!doctype html", b"<html")) else "texts")


def _behind(head: bytes, read: Callable[[int], bytes]) -> Callable[[int], bytes]:
    """Return a function that reads what was already read, then the rest."""
    first = [head]
    return lambda size: first.pop() if first else read(size)


def _whole_chunk(data: bytes, name: str, identifier: str, kind: str) -> Chunk:
    """Return the chunk of a file that is one article."""
    if len(data) > LONGEST:
        rule = "One article is never so long: cut the file into its articles."
        return _bad(name, f"{name} is longer than {LONGEST // 2**20} MiB. {rule}")
    return Chunk(kind, name, [(name, identifier, data)], read=len(data))


def _bad(name: str, message: str, number: int = 0) -> Chunk:
    return Chunk("bad", name, message, number=number)


def _line_chunks(read: Callable[[int], bytes], name: str, identifier: str, tell: Callable[[], int]) -> Iterator[Chunk]:
    """Cut JSON Lines into chunks of whole lines."""
    number, empty, before = 1, True, 0
    for block in _blocks(read):
        if block is None:
            message = f"the line is longer than {LONGEST // 2**20} MiB. One article is never so long: leave it out."
            yield _bad(name, f"{_place(name, number)}: {message}", number)
            number, empty = number + 1, False
            continue
        empty = empty and not block.strip()
        read_now = tell()
        yield Chunk("lines", name, block, identifier=identifier, number=number, read=read_now - before)
        before = read_now
        number += block.count(b"\n")
    if empty:
        yield _bad(name, f'{name} is empty. Write an article a line, as in {{"id": "a1", "text": "…"}}.')


def _blocks(read: Callable[[int], bytes]) -> Iterator[bytes | None]:
    """Yield runs of whole lines in UTF-8; None in place of a line that is too long to be held."""
    kept: list[bytes] = []
    size, skipping, first = 0, False, True
    while block := read(_CHUNK):
        if first:
            first = False
            if block.startswith((b"\xff\xfe", b"\xfe\xff")):
                block, read = _from_utf16(block, read)
            block = block.removeprefix(b"\xef\xbb\xbf")
        end = block.find(b"\n") + 1
        if end and (skipping or size + end - 1 > LONGEST):
            yield None
            kept, size, skipping, block = [], 0, False, block[end:]
        if skipping:
            continue
        cut = block.rfind(b"\n") + 1
        if cut:
            yield b"".join([*kept, block[:cut]])
            kept, size, block = [], 0, block[cut:]
        kept.append(block)
        size += len(block)
        if size > LONGEST:
            kept, size, skipping = [], 0, True
    if skipping:
        yield None
    elif size:
        yield b"".join(kept)


def _from_utf16(block: bytes, read: Callable[[int], bytes]) -> tuple[bytes, Callable[[int], bytes]]:
    """Return a first block of UTF-16 as UTF-8, and a function that reads on in UTF-8."""
    import codecs

    decoder = codecs.getincrementaldecoder("utf-16")()

    def recoded(size: int) -> bytes:
        data = read(size)
        return decoder.decode(data, final=not data).encode()

    return decoder.decode(block).encode(), recoded


def _row_chunks(rows: Iterable[Row], name: str, identifier: str, tell: Callable[[], int]) -> Iterator[Chunk]:
    """Cut the rows of a table into chunks."""
    held: list[Row] = []
    size = before = 0
    for row in itertools.chain(rows, [None]):
        if held and (row is None or size >= _CHUNK or len(held) == _ROWS):
            read_now = tell()
            yield Chunk("rows", name, held, identifier=identifier, number=held[0][0], read=read_now - before)
            held, size, before = [], 0, read_now
        if row:
            held.append(row)
            size += sum(len(cell) for cell in row[1].values() if isinstance(cell, str)) if isinstance(row[1], dict) else 0
    if not before:
        yield _bad(name, f"{name} is empty. Write a row an article under a row that names the columns.")


def _csv(stream: IO[bytes], *, tabs: bool) -> Iterator[Row]:
    """Yield the rows of a CSV file; where it is not UTF-8, they name the encoding."""
    from classifier.sheets import csv_rows  # only tables pay for the room

    text = _as_text(stream)
    known = {} if text.encoding == "utf-8-sig" else {"encoding": text.encoding}
    try:
        for number, row in csv_rows(text, LONGEST, tabs=tabs):
            yield number, (known | row if isinstance(row, dict) else row)
    finally:
        text.detach()  # it would close the stream, which is not its own


def _as_text(stream: IO[bytes]) -> TextIOWrapper:
    """Return a CSV file's stream as text; what does not fit the encoding that its beginning has is kept as surrogates."""
    import io

    head = stream.read(_LOOK)
    stream.seek(0)
    encoding = next((encoding for mark, encoding in _MARKS if head.startswith(mark)), None)
    if encoding is None:
        whole = head[: head.rfind(b"\n") + 1] or head  # no character is cut in two
        encoding = _decode(whole, "The file")[1] if whole else "utf-8"
    errors = "strict" if encoding == "utf-16" else "surrogateescape"
    encoding = "utf-8-sig" if encoding == "utf-8" else encoding
    return io.TextIOWrapper(stream, encoding, errors, newline="")


# ------------------------------------------------------------------------------------------------------------- articles


def articles_of(chunk: Chunk, columns: Columns) -> Iterator[Found]:
    """Yield the articles of a chunk, each with its place; a `SourceError` in place of a bad one."""
    if chunk.kind == "bad":
        yield chunk.name, chunk.number, SourceError(chunk.data)
    elif chunk.kind == "lines":
        for number, line in enumerate(chunk.data.split(b"\n"), chunk.number):
            if line and not line.isspace():
                yield chunk.name, number, _from_line(line, chunk, number, columns)
    elif chunk.kind == "rows":
        for number, row in chunk.data:
            yield chunk.name, number, _from_row(row, chunk, number, columns)
    else:
        read = _read_page if chunk.kind == "page" else _read_text
        for name, identifier, data in chunk.data:
            try:
                yield name, 0, read(data, name, identifier)
            except SourceError as error:
                yield name, 0, error


def _from_line(line: bytes, chunk: Chunk, number: int, columns: Columns) -> Article | SourceError:
    """Return the article of one line of JSON Lines."""
    from classifier.jsonlines import loads  # texts do without

    try:
        record = loads(line)
        if isinstance(record, dict):
            return article_of(record, columns, f"{chunk.identifier}:{number}")
        reason = 'no text. Write one JSON object a line, with the article in its "text".'
    except UnicodeDecodeError:
        reason = "not UTF-8. JSON Lines are UTF-8 by their standard: convert the file."
    except (ValueError, RecursionError) as error:
        reason = f"not JSON ({error}). Write one JSON object a line."
    except SourceError as error:
        reason = str(error)
    shown = line[:_SHOWN].decode("utf-8", "replace").strip()
    return SourceError(f"{_place(chunk.name, number)}: {reason} It begins «{shown}».")


def _from_row(row: dict[str, Any] | SourceError, chunk: Chunk, number: int, columns: Columns) -> Article | SourceError:
    """Return the article of one row of a table."""
    wrong = str(row) if isinstance(row, SourceError) else _unreadable(row)
    try:
        if not wrong:
            return article_of(row, columns, f"{chunk.identifier}:{number}")  # type: ignore[arg-type]
    except SourceError as error:
        wrong = str(error)
    return SourceError(f"{_place(chunk.name, number)}: {wrong}")


def _unreadable(row: dict[str, Any]) -> str:
    """Return what is wrong with the cells of a row: one is too long, or has bytes that its encoding lacks."""
    for name, cell in row.items():
        if isinstance(cell, str) and len(cell) > LONGEST:
            return f"{name} is longer than {LONGEST // 2**20} Mi characters. Leave the row out."
        if isinstance(cell, str) and not cell.isascii() and any("\udc80" <= character <= "\udcff" for character in cell):
            return f"{name} is not in the encoding in which the file begins. Save all of it as UTF-8."
    return ""


def _read_text(data: bytes, place: str, identifier: str) -> Article:
    """Return the article of a text file."""
    text, encoding = _decode(data, place)
    if not text.strip():
        raise SourceError(f"{place} is empty. An article needs at least a sentence; leave the file out.")
    return Article(
        id=identifier, text=text.replace("\r\n", "\n"), extra={"encoding": encoding} if encoding != "utf-8" else {}
    )


def _read_page(data: bytes, place: str, identifier: str) -> Article:
    """Return the article of an HTML page: its main text, title and date as trafilatura finds them."""
    try:
        import trafilatura
    except ImportError as error:
        needed = "Pages need the package trafilatura: pip install 'topic-classifier[html]'."
        raise SourceError(f"{place}: {str(error).splitlines()[0]}. {needed}") from None
    text, encoding = _decode(data, place, page=True)
    try:
        found: Any = trafilatura.bare_extraction(text, include_comments=False, with_metadata=True)
    except Exception as error:  # noqa: BLE001 — a page can bring code that is not ours to anything
        what = f"finding the article in the page failed ({type(error).__name__}: {error})"
        raise SourceError(f"{place}: {what}. Save the article's text as .txt and name that file.") from None
    if found is None or not (found.text or "").strip():
        raise SourceError(f"{place}: no article was found in the page. Save the article's text as .txt and name that file.")
    paragraphs = [line.strip() for line in found.text.split("\n") if line.strip()]
    if found.title and paragraphs[0] == found.title:
        del paragraphs[0]
    own = {"title": found.title, "date": found.date, "source": found.sitename, "url": found.url}
    return Article(
        "\n\n".join(paragraphs),
        id=identifier,
        extra={"encoding": encoding} if encoding != "utf-8" else {},
        **{key: str(value) for key, value in own.items() if value},
    )


def _decoded(data: bytes, encoding: str) -> str | None:
    """Return bytes as text; None if they are not in this encoding, or there is none of that name."""
    try:
        return data.decode(encoding)
    except (LookupError, UnicodeDecodeError):
        return None


def _decode(data: bytes, place: str, *, page: bool = False) -> tuple[str, str]:
    """Return the text of bytes and the name of its encoding: UTF-8, one that is declared, or one detected.

    A byte order mark declares one, and so does a page.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark) and (text := _decoded(data.removeprefix(b"\xef\xbb\xbf"), encoding)) is not None:
            return text, encoding
    if b"\0" in data:
        raise SourceError(
            f"{place} is binary: there are zero bytes in it. Save the article's text as UTF-8 and name that file."
        )
    if (text := _decoded(data, "utf-8")) is not None:
        return text, "utf-8"
    if page:
        import re

        declared = re.search(rb"""charset\s*=\s*["']?([\w.:-]+)""", data[:_PRESCAN])
        if declared and (text := _decoded(data, declared[1].decode("ascii", "replace").lower())) is not None:
            return text, declared[1].decode().lower()
    from charset_normalizer import from_bytes  # only a text that is not UTF-8 pays for the detection

    best = from_bytes(data, cp_isolation=_ENCODINGS).best()
    if best is None:
        raise SourceError(f"{place} is neither UTF-8 nor any other encoding that fits. Save the article's text as UTF-8.")
    return str(best), best.encoding


# --------------------------------------------------------------------------------------------------------------- output

_ANSWERS = frozenset({"id", "title", "topics", "unsure", "probabilities", "evidence", "warnings"})


def prediction_record(article: Article, prediction: Prediction, *, explain: bool) -> dict[str, Any]:
    """Return what goes out for one article: its own fields but for the text, then the answers.

    A field of the article's that is called like an answer is kept as `input_` and its name. With `explain` the sentences
    that speak for each topic answered yes or unsure go along, from a prediction that was made with explanations.
    """
    record: dict[str, Any] = {"id": article.id}
    for key in ("title", "date", "source", "url"):
        if value := getattr(article, key):
            record[key] = value
    if _ANSWERS.isdisjoint(article.extra):
        record.update(article.extra)
    else:
        for key, value in article.extra.items():
            name = key
            while name in _ANSWERS or (name != key and name in article.extra):
                name = f"input_{name}"
            record[name] = value
    record["topics"] = list(prediction.topics)
    record["unsure"] = list(prediction.unsure)
    record["probabilities"] = {topic: round(value, 4) for topic, value in prediction.probabilities.items()}
    if explain:
        from classifier.evidence import evidence_records  # most records go without

        record["evidence"] = evidence_records(article, prediction.explanations)
    if prediction.warnings:
        record["warnings"] = list(prediction.warnings)
    return record
