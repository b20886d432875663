"""The door to `labels/`: topic list and annotations come in, Topics and Examples go out; models are unknown here.

`topics.toml` is the closed list of topics. `gold.tsv` has a row an article, `id topics title note` between tabs: `topics`
names the evidence, as in `syria:0,3,4? covid:7` (sentence 0 is the title, a sentence with a question mark is one of which
readers disagreed), `-` for an article judged to carry none; `?covid` for a topic that was not judged. The title repeats
the corpus, so that a slipped id cannot survive the join.
"""

import itertools
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from classifier.errors import LabelsError, UsageError
from classifier.reading import sentences_of
from classifier.records import Annotation, Article, BehaviourTexts, Example, Finding
from classifier.topics import Topic, Topics

__all__ = ["check_labels", "format_evidence", "join", "load_annotations", "load_behaviour", "load_topics", "parse_evidence"]

_HEADER = ("id", "topics", "title", "note")
_SHOWN = 5  # findings shown in an error; `classifier check` shows all


def load_topics(file: Path) -> Topics:
    """Return the topic list of a `topics.toml`. Raises `LabelsError` if it is missing or not of the form."""
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise LabelsError(f"{file} is missing. Write the topic list there: one [[topic]] table a topic.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LabelsError(f"{file} is not TOML: {error}. Mend that line.") from None
    try:
        return Topics(_topic(entry) for entry in table["topic"])
    except UsageError as error:
        raise LabelsError(f"{file}: {error}") from None
    except (KeyError, TypeError, AttributeError) as error:
        raise LabelsError(
            f"{file}: a [[topic]] table lacks or misuses {error}. Each needs id, name, definition and, if you like, "
            "[topic.hints] with lists of names."
        ) from None


def _topic(entry: Mapping[str, object]) -> Topic:
    hints, rules = entry.get("hints", {}), entry.get("rules", [])
    if not isinstance(hints, Mapping) or not isinstance(rules, list):
        raise TypeError("hints or rules")
    lists = {str(kind): tuple(str(name) for name in names) for kind, names in hints.items()}
    return Topic(str(entry["id"]), str(entry["name"]), str(entry["definition"]), lists, tuple(str(word) for word in rules))


def load_behaviour(file: Path, topics: Topics) -> tuple[list[BehaviourTexts], list[str]]:
    """Return the sentences of a `behaviour.toml`, topic by topic, and its neutral ones. Raises `LabelsError`."""
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        texts = [
            BehaviourTexts(
                topic,
                tuple(entry["carry"]),
                tuple(entry["passing"]),
                tuple((one, other) for one, other in entry["spellings"]),
                entry["spelling_sentence"],
                tuple((one, other) for one, other in entry["swaps"]),
                entry["swap_sentence"],
            )
            for topic, entry in table["topic"].items()
        ]
        topics.sort(texts_of.topic for texts_of in texts)
        return texts, list(table["neutral"])
    except FileNotFoundError:
        raise LabelsError(f"{file} is missing. Write the sentences there from which behaviour cases are made.") from None
    except (
        UsageError,
        tomllib.TOMLDecodeError,
        UnicodeDecodeError,
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
    ) as error:
        raise LabelsError(
            f"{file} is not of its form: {type(error).__name__} {error}. Compare it with the shipped one."
        ) from None


def load_annotations(file: Path, topics: Topics) -> list[Annotation]:
    """Return the annotations of a TSV file in its order. Raises `LabelsError` if a row breaks the format."""
    annotations, findings = _scan(file, topics)
    _raise(file, findings)
    return annotations


def join(articles: Sequence[Article], annotations: Iterable[Annotation], file: Path) -> list[Example]:
    """Return every article with its annotation, in the order of the articles.

    Raises `LabelsError` if one lacks the other, titles differ, or evidence names a sentence that is not there.
    """
    by_id = {annotation.id: annotation for annotation in annotations}
    _raise(file, _join_findings(file, articles, by_id, {}))
    return [Example(article, by_id[article.id], article.extra.get("event") or article.id) for article in articles]


def check_labels(file: Path, topics: Topics, articles: Sequence[Article]) -> list[Finding]:
    """Return every breach of the rules of an annotation file: its format, its order, its join with the corpus."""
    annotations, findings = _scan(file, topics)
    ids = [annotation.id for annotation in annotations]
    lines = {identifier: number for number, identifier in enumerate(ids, 2)}
    for number, (previous, identifier) in enumerate(itertools.pairwise(ids), 3):
        if identifier <= previous:
            found = f"id {identifier} comes after {previous}."
            findings.append(Finding(file.name, number, found, "Sort the rows by id, each id once."))
    return findings + _join_findings(file, articles, {a.id: a for a in annotations}, lines)


def _raise(file: Path, findings: Sequence[Finding]) -> None:
    if findings:
        shown = "\n".join(f"  {finding}" for finding in findings[:_SHOWN])
        raise LabelsError(
            f"{file}: {len(findings)} breaches of the rules for labels, the first:\n{shown}\n"
            "Mend these rows; `classifier check` lists all of them."
        )


def _scan(file: Path, topics: Topics) -> tuple[list[Annotation], list[Finding]]:
    """Read every row of an annotation file; return the rows that are well formed and the findings on the others."""
    try:
        rows = file.read_text(encoding="utf-8").split("\n")
    except FileNotFoundError:
        raise LabelsError(f"{file} is missing. Write a row an article there: {' '.join(_HEADER)}, between tabs.") from None
    except UnicodeDecodeError as error:
        raise LabelsError(f"{file} is not UTF-8 ({error}). Save it as UTF-8.") from None
    annotations: list[Annotation] = []
    findings: list[Finding] = []
    if tuple(rows[0].split("\t")) != _HEADER:
        findings.append(Finding(file.name, 1, "the header is another.", f"Write {' '.join(_HEADER)}, between tabs."))
    for number, row in enumerate(rows[1:], 2):
        if not row:
            continue
        cells = row.split("\t")
        if len(cells) != len(_HEADER):
            found = f"{len(cells)} cells."
            findings.append(Finding(file.name, number, found, f"Write {len(_HEADER)} between tabs: {' '.join(_HEADER)}."))
            continue
        identifier, cell, title, note = cells
        try:
            annotations.append(parse_evidence(identifier, cell, title, note, topics))
        except ValueError as error:
            findings.append(
                Finding(file.name, number, f"{identifier}: {error}", "Write as in `syria:0,3,4 covid:7`, or `-` for none.")
            )
    return annotations, findings


def parse_evidence(identifier: str, cell: str, title: str, note: str, topics: Topics) -> Annotation:
    """Return the annotation that a cell such as `syria:0,3,4? covid:7 ?ukraine` stands for.

    Raises `ValueError` that says what is wrong with the cell.
    """
    evidence: dict[str, tuple[int, ...]] = {}
    doubtful: dict[str, tuple[int, ...]] = {}
    unknown = set()
    for part in [] if cell == "-" else cell.split(" "):
        topic, colon, numbers = part.removeprefix("?").partition(":")
        if topic not in topics:
            raise ValueError(f"unknown topic {topic!r} (the list has {', '.join(topics.ids)}).")
        if topic in evidence or topic in doubtful or topic in unknown:
            raise ValueError(f"{topic} stands twice.")
        if part.startswith("?") and not colon:
            unknown.add(topic)
            continue
        items = numbers.split(",")
        if part.startswith("?") or not all(
            item.removesuffix("?").isascii() and item.removesuffix("?").isdigit() for item in items
        ):
            raise ValueError(f"{part!r} names no evidence sentences.")
        sure = tuple(sorted({int(item) for item in items if not item.endswith("?")}))
        doubts = tuple(sorted({int(item[:-1]) for item in items if item.endswith("?")}))
        if sure:
            evidence[topic] = sure
        if doubts:
            doubtful[topic] = doubts
    return Annotation(identifier, title, {t: evidence[t] for t in topics.sort(evidence)}, frozenset(unknown), doubtful, note)


def format_evidence(annotation: Annotation, topics: Topics) -> str:
    """Return the cell that `parse_evidence` reads."""
    parts = []
    for topic in topics.ids:
        marks = {n: str(n) for n in annotation.evidence.get(topic, ())} | {
            n: f"{n}?" for n in annotation.doubtful.get(topic, ())
        }
        if marks:
            parts.append(f"{topic}:{','.join(marks[n] for n in sorted(marks))}")
        elif topic in annotation.unknown:
            parts.append(f"?{topic}")
    return " ".join(parts) or "-"


def _join_findings(
    file: Path, articles: Sequence[Article], by_id: Mapping[str, Annotation], lines: Mapping[str, int]
) -> list[Finding]:
    """Return where articles and annotations do not fit together."""
    findings = []
    for article in articles:
        annotation = by_id.get(article.id)
        if annotation is None:
            found = f"article {article.id} of the corpus has no row."
            findings.append(Finding(file.name, 1, found, "Judge it, or take it out of the corpus."))
            continue
        line = lines.get(article.id, 0)
        if annotation.title != article.title:
            found = f"{article.id} is titled «{annotation.title[:50]}» here and «{article.title[:50]}» in the corpus."
            findings.append(Finding(file.name, line, found, "See whether the id slipped; then copy the title."))
        sentences = 1 + len(sentences_of(article.text))
        for topic, numbers in (*annotation.evidence.items(), *annotation.doubtful.items()):
            if max(numbers) >= sentences:
                found = f"{article.id} has evidence {max(numbers)} for {topic} but ends with sentence {sentences - 1}."
                findings.append(Finding(file.name, line, found, "Name sentences that are there; 0 is the title."))
    known = {article.id for article in articles}
    for identifier in by_id:
        if identifier not in known:
            found = f"{identifier} is no article of the corpus."
            findings.append(Finding(file.name, lines.get(identifier, 0), found, "Take the row out, or add the article."))
    return findings
