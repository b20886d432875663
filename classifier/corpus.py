"""The door to `corpus/`: files of hand-written articles come in, Articles go out; labels and topics are unknown here.

A file holds one JSON object a line, sorted by id, with the keys of `FIELDS` in that order. `text` has one sentence a line
and a blank line between paragraphs, so that evidence can be read off and reviewed; an Article flows again: the lines of a
paragraph are joined by spaces, and `check` holds that the sentence splitter finds the lines again.
"""

import datetime as dt
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from classifier.errors import CorpusError
from classifier.reading import sentences_of, tokens_of
from classifier.records import Article, Finding

__all__ = ["FIELDS", "Demands", "check_corpus", "flow", "load_corpus", "load_demands", "near_duplicates"]

FIELDS = ("id", "date", "title", "text", "event", "subject", "genre", "stance", "design", "style")

_FEWEST_WORDS = 25  # below that there is hardly an article: the two-sentence briefs of the corpus begin at about 40
_SHOWN = 5  # findings shown in an error; `classifier check` shows all


def load_corpus(directory: Path) -> list[Article]:
    """Return all articles of a corpus folder in the order of their ids.

    The fields beyond those of an Article (event, genre, stance, design, style) are in `extra`. Raises `CorpusError` if
    the folder is missing or a record breaks the format.
    """
    articles, findings = _scan(directory)
    if findings:
        shown = "\n".join(f"  {finding}" for finding in findings[:_SHOWN])
        raise CorpusError(
            f"{directory}: {len(findings)} breaches of the corpus format, the first:\n{shown}\n"
            "Mend these lines; `classifier check` lists all of them."
        )
    return sorted(articles, key=lambda article: article.id)


def check_corpus(directory: Path) -> list[Finding]:
    """Return every breach of the corpus format: fields, order, dates, sentences a line, length, near-duplicates."""
    articles, findings = _scan(directory)
    return findings + near_duplicates(articles)


@dataclass(frozen=True, slots=True)
class Demands:
    """What a corpus promises: at least so many articles of each sort; `long` is the words from which one counts as long."""

    long: int
    least: Mapping[str, int]


def load_demands(file: Path) -> Demands:
    """Return what `coverage.toml` promises of the corpus beside it; nothing where there is no such file."""
    if not file.is_file():
        return Demands(0, {})
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        return Demands(int(table["long"]), {str(sort): int(least) for sort, least in table["least"].items()})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise CorpusError(
            f"{file} is not of its form: {error}. Write `long = WORDS` and [least] with a number a sort."
        ) from None


def flow(text: str) -> str:
    """Join the lines of each paragraph by spaces: the corpus form of a text becomes the form a reader gets."""
    return "\n\n".join(" ".join(paragraph.split("\n")) for paragraph in text.split("\n\n"))


def _scan(directory: Path) -> tuple[list[Article], list[Finding]]:
    """Read every record of a corpus folder; return the articles that are well formed and the findings on the others."""
    files = sorted(directory.glob("*.jsonl"))
    if not files:
        raise CorpusError(f"{directory} holds no corpus: no file in it ends in .jsonl. Name the folder with the articles.")
    articles: list[Article] = []
    findings: list[Finding] = []
    seen: dict[str, str] = {}
    for file in files:
        previous = ""
        for number, line in enumerate(file.read_bytes().splitlines(), 1):
            try:
                record = json.loads(line)
            except ValueError as error:
                findings.append(Finding(file.name, number, f"not JSON ({error}).", "Write one JSON object a line."))
                continue
            problems = list(_problems(record))
            if not problems:
                if record["id"] in seen:
                    problems.append(
                        (f"id {record['id']} stands already in {seen[record['id']]}.", "Give each article its own id.")
                    )
                if record["id"] <= previous:
                    problems.append((f"id {record['id']} comes after {previous}.", "Sort each file by id."))
                previous = record["id"]
                seen[previous] = f"{file.name}, line {number}"
                articles.append(_article(record, f"{file.name}:{number}"))
            findings.extend(Finding(file.name, number, found, remedy) for found, remedy in problems)
    return articles, findings


def _problems(record: object) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with one record as pairs of finding and remedy."""
    if not isinstance(record, dict) or tuple(record) != FIELDS or not all(isinstance(v, str) for v in record.values()):
        yield "not a record of the corpus.", f"Give it the keys {', '.join(FIELDS)}, in this order, each with a string."
        return
    empty = [key for key in FIELDS if not record[key].strip()]
    if empty:
        yield f"nothing stands under {', '.join(empty)}.", "Fill every field."
        return
    try:
        dt.date.fromisoformat(record["date"])
    except ValueError:
        yield f"date {record['date']!r} is no day.", "Write YYYY-MM-DD."
    words = len(tokens_of(record["text"]))
    if words < _FEWEST_WORDS:
        yield f"the text of {record['id']} has {words} words.", f"Write at least {_FEWEST_WORDS}, or leave the article out."
    yield from _sentence_problems(record["id"], record["text"])


def _sentence_problems(identifier: str, text: str) -> Iterator[tuple[str, str]]:
    """Yield the lines of a text that the sentence splitter would cut or join when the text flows."""
    flowing = flow(text)
    lines = [line for line in text.split("\n") if line]
    found = [flowing[start:end] for start, end in sentences_of(flowing)]
    for line, sentence in zip(lines, found, strict=False):
        if line != sentence:
            yield (
                f"{identifier} has the line «{line[:60]}» where the splitter finds the sentence «{sentence[:60]}».",
                "Write one sentence a line as the splitter finds it.",
            )
            return
    if len(lines) != len(found):
        yield f"{identifier} has {len(lines)} lines but {len(found)} sentences.", "Write one sentence a line."


def _article(record: dict[str, str], place: str) -> Article:
    extra = {key: record[key] for key in FIELDS[4:]}
    return Article(
        id=record["id"], title=record["title"], text=flow(record["text"]), date=record["date"], source=place, extra=extra
    )


# ------------------------------------------------------------------------------------------------------ near-duplicates

_SHINGLE = 8  # words in a run: shorter ones are set phrases of the news language
_SHARED = 2  # runs that two articles may share by chance, a title of an office or the name of an agreement among them


def near_duplicates(articles: Sequence[Article]) -> list[Finding]:
    """Return pairs of articles that share more than a few runs of eight words: look-alike phrasing teaches nothing new."""
    owner: dict[str, int] = {}
    shared: dict[tuple[int, int], list[str]] = {}
    for number, article in enumerate(articles):
        words = tokens_of(article.content)
        for run in {" ".join(words[i : i + _SHINGLE]) for i in range(len(words) - _SHINGLE + 1)}:
            first = owner.setdefault(run, number)
            if first != number:
                shared.setdefault((first, number), []).append(run)
    findings = []
    for (first, second), runs in sorted(shared.items()):
        if len(runs) > _SHARED:
            file, _, line = articles[second].source.partition(":")
            pair = f"{articles[second].id} shares {len(runs)} runs of {_SHINGLE} words with {articles[first].id}"
            found = f"{pair}, «{min(runs)}» among them."
            findings.append(Finding(file, int(line), found, "Word one of them afresh."))
    return findings
