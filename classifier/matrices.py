"""Examples come in, sparse matrices and labels go out: what a learner sees of the articles; fitting is unknown here."""

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from classifier.features import FeatureSettings, HintLists, article_hints, hint_topic, hint_value
from classifier.model import read_passages, read_sentences
from classifier.reading import Reader, reader
from classifier.records import Annotation, Example
from classifier.topics import Topics

__all__ = ["Passages", "read_examples"]

Labels = NDArray[np.int64]
Matrix = NDArray[np.float64]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Passages:
    """All passages of all articles as matrices; rows are passages, in the order of the articles.

    `counts` holds how often a word term occurs, `hints` the weight of each hint that holds; their columns are `words` and
    `hint_terms`. `labels` has shape (passages, topics): 1 about the topic, 0 not, -1 neither teaches nor counts. `article`
    has the article of each row, `number` its sentence number there. `gold` has shape (articles, topics). `lengths` has the
    number of tokens of each article.

    The last `names` rows are no articles: they are the topics' names and definitions, one a topic, which teach their topic
    and are never scored. Their articles are numbered on from the last.
    """

    topics: tuple[str, ...]
    pooling: str
    words: list[str]
    hint_terms: list[str]
    counts: Any
    hints: Any
    labels: Labels
    article: Labels
    number: Labels
    gold: Labels
    lengths: Labels
    names: int

    @property
    def scored(self) -> slice:
        """The rows that are passages of articles."""
        return slice(0, len(self.labels) - self.names)

    def rows_of(self, part: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which rows belong to the articles in `part`; the names of topics always do."""
        return np.append(part, np.ones(self.names, dtype=bool))[self.article]

    def words_by_article(self) -> Any:
        """Return the matrix (articles, words) of how often each article has each word term."""
        rows = self.scored
        owner = self.article[rows]
        ones = sparse.csr_array((np.ones(len(owner)), (owner, np.arange(len(owner)))), shape=(len(self.gold), len(owner)))
        return (ones @ self.counts[rows]).tocsr()

    def undecided(self) -> NDArray[np.bool_] | None:
        """Return which rows may or may not be the reason for a topic of their article; None if gold names all reasons."""
        if self.pooling == "article":
            return None
        carried = np.vstack([self.gold == 1, np.zeros((self.names, len(self.topics)), dtype=bool)])[self.article]
        named = np.zeros(carried.shape, dtype=bool)
        for column in range(len(self.topics)):
            named[:, column] = np.bincount(self.article, self.labels[:, column] == 1)[self.article] > 0
        found = carried & ~named & (self.labels < 0)
        return found if found.any() else None

    def highest(self, scores: Matrix) -> NDArray[np.bool_]:
        """Return which rows have the highest score of their article, topic by topic."""
        _, first = np.unique(self.article, return_index=True)
        peaks = np.maximum.reduceat(scores, first, axis=0)
        owner = np.unique(self.article, return_inverse=True)[1]
        return np.asarray(scores == peaks[owner])

    def pool(self, scores: Matrix) -> tuple[Matrix, Labels]:
        """Return each article's best score and that sentence's number, each of shape (articles, topics).

        `scores` has a row a passage of the articles. An article without a passage scores -1, which is a no.
        """
        article = self.article[self.scored]
        filled, first = np.unique(article, return_index=True)
        best = np.full(self.gold.shape, -1.0)
        number = np.zeros(self.gold.shape, dtype=np.int64)
        if len(first):
            best[filled] = np.maximum.reduceat(scores, first, axis=0)
            reached = np.where(scores == best[article], np.arange(len(scores))[:, None], len(scores))
            number[filled] = self.number[np.minimum.reduceat(reached, first, axis=0)]
        return best, number

    def weights(self, column: int, labels: Labels) -> Matrix:
        """Return how much each row counts for a topic: evidence less where its article has much of it, all else 1.

        The article is what is judged in the end, and one that says a thing once must not be drowned by one that says it
        ten times. Sharing an article's weight out among its evidence (1/n) would make every long report as light as a
        brief, so we take the middle, 1/√n. The weights of all evidence sum to its number.
        """
        evidence = labels[:, column] == 1
        weights = np.ones(len(evidence))
        if not evidence.any():
            return weights
        weights[evidence] = 1.0 / np.sqrt(np.bincount(self.article, evidence)[self.article][evidence])
        weights[evidence] *= evidence.sum() / weights[evidence].sum()
        return weights


def read_examples(
    examples: Sequence[Example], topics: Topics, settings: FeatureSettings, rarest: int, *, names: bool
) -> Passages:
    """Read every article once; word terms that stand in fewer than `rarest` passages are left out.

    With `names` each topic's name and definition is read as one passage more.
    """
    names_of = _Names(HintLists.of_topics(topics))
    words, hints = _Words(settings.longest), _Columns()
    labels: list[Labels] = []
    article, number, lengths = array("q"), array("q"), array("q")

    def add(content: str, passages: list[list[Span]], owner: int) -> list[frozenset[str]]:
        lengths.append(words.add(content, passages))
        held = article_hints(names_of.found(content, passages))
        for row in held:
            hints.add({hint: hint_value(hint, settings) for hint in row})
        article.extend([owner] * len(passages))
        return held

    for owner, example in enumerate(examples):
        passages, own = _passages(example, settings, words.reader)
        held = add(example.article.content, passages, owner)
        labels.append(_labels(example.annotation, topics, own, held, settings))
        number.extend(own)
    for column, topic in enumerate(topics if names else ()):
        definition = f"{topic.name}. {topic.definition}"
        add(definition, [[(0, len(definition))]], len(examples) + column)
        number.append(0)
        labels.append(np.eye(1, len(topics), column, dtype=np.int64))
    terms, counts = words.matrix(rarest)
    hint_names, hint_values = hints.matrix()
    none: Labels = np.empty((0, len(topics)), dtype=np.int64)
    return Passages(
        topics.ids,
        settings.pooling,
        terms,
        hint_names,
        counts,
        hint_values,
        np.vstack([none, *labels]),
        np.array(article, dtype=np.int64),
        np.array(number, dtype=np.int64),
        np.vstack([none, *(_gold(example.annotation, topics) for example in examples)]),
        np.array(lengths[: len(examples)], dtype=np.int64),
        len(topics) if names else 0,
    )


def _passages(example: Example, settings: FeatureSettings, reader: Reader) -> tuple[list[list[Span]], list[int]]:
    """Return the passages of an article and the number of the sentence that each is."""
    if settings.pooling == "sentence":
        spans, own = read_sentences(example.article, split=reader.sentences)
        return [[spans[number]] for number in own], own
    passages, _ = read_passages(example.article, settings, split=reader.sentences)
    return passages, list(range(len(passages)))


def _gold(annotation: Annotation, topics: Topics) -> Labels:
    """Return a row of 1 for a topic that is carried, 0 for one that is not, -1 for one that was not judged."""
    row = np.zeros((1, len(topics)), dtype=np.int64)
    for value, named in ((1, annotation.evidence), (-1, annotation.unknown)):
        row[0, [topics.column(topic) for topic in named if topic in topics]] = value
    return row


def _labels(
    annotation: Annotation, topics: Topics, own: Sequence[int], hints: Sequence[frozenset[str]], settings: FeatureSettings
) -> Labels:
    """Return what each of an article's passages teaches of each topic, shape (passages, topics): 1, 0, or -1 for nothing."""
    if settings.pooling == "article":
        return np.repeat(_gold(annotation, topics), len(own), axis=0)
    labels = np.zeros((len(own), len(topics)), dtype=np.int64)
    for topic in {*annotation.evidence, *annotation.doubtful, *annotation.unknown}:
        if topic in topics:
            labels[:, topics.column(topic)] = _sentence_labels(annotation, topic, own, hints)
    return labels


def _sentence_labels(annotation: Annotation, topic: str, own: Sequence[int], hints: Sequence[frozenset[str]]) -> list[int]:
    """Return what each of an article's own sentences teaches of one topic.

    In an article that carries a topic, a sentence without any name of the topic teaches nothing of it: whether it goes on
    about the topic is seen only beside its neighbours. Where no evidence sentence has a name, names say nothing. Where the
    article carries the topic and no sentence is named, none teaches anything until one is chosen.
    """
    labels = [_label(annotation, topic, sentence) for sentence in own]
    named = [any(hint_topic(hint) == topic for hint in found if ":" not in hint) for found in hints]
    if any(label == 1 and name for label, name in zip(labels, named, strict=True)):
        return [label if name else -1 for label, name in zip(labels, named, strict=True)]
    return labels


def _label(annotation: Annotation, topic: str, sentence: int) -> int:
    """Return what readers said of a sentence: 1, 0, or -1 for doubtful or not judged."""
    if topic in annotation.unknown or sentence in annotation.doubtful.get(topic, ()):
        return -1
    named = annotation.evidence.get(topic)
    if named is None:
        return 0
    return int(sentence in named) if named else -1


class _Names:
    """The names of hint lists, found in passages."""

    def __init__(self, lists: HintLists) -> None:
        self._reader = reader(max(lists.longest, 1))
        self._lists = {self._number(name): found for name, found in lists.lists_of_name.items()}

    def _number(self, name: str) -> int:
        """Return the number of a name, which is the last and longest of its runs."""
        numbers = array("i", self._reader.read(name, [[(0, len(name))]], True)[0])
        return numbers[-1]

    def found(self, content: str, passages: list[list[Span]]) -> list[frozenset[str]]:
        """Return for each passage the lists of which a name stands there."""
        if not self._lists:
            return [frozenset()] * len(passages)
        found, _, sizes, _ = self._reader.read(content, passages, False)
        numbers = iter(array("i", found))
        rows = [islice(numbers, size) for size in array("q", sizes)]
        return [frozenset([one for number in row for one in self._lists.get(number, ())]) for row in rows]


class _Words:
    """Rows of how often each run of words stands in a passage; a reader numbers the runs, which are its columns."""

    def __init__(self, longest: int) -> None:
        self.reader = reader(longest)
        self._numbers, self._counts, self._sizes = array("i"), array("I"), array("q")

    def add(self, content: str, passages: list[list[Span]]) -> int:
        """Add a row a passage; return how many words all have."""
        numbers, counts, sizes, words = self.reader.read(content, passages, True)
        self._numbers.frombytes(numbers)
        self._counts.frombytes(counts)
        self._sizes.frombytes(sizes)
        return words

    def matrix(self, rarest: int) -> tuple[list[str], Any]:
        """Return the terms that stand in at least `rarest` rows, sorted, and the matrix with their columns."""
        return _matrix(self._numbers, self._counts, self._sizes, self.reader.term, rarest)


class _Columns:
    """Rows of numbers by term, gathered into a sparse matrix without an object a number."""

    def __init__(self) -> None:
        self._column: dict[str, int] = {}
        self._indices, self._data, self._sizes = array("i"), array("d"), array("q")

    def add(self, row: Mapping[str, float]) -> None:
        """Add a row."""
        column = self._column
        self._indices.extend([column.setdefault(term, len(column)) for term in row])
        self._data.extend(row.values())
        self._sizes.append(len(row))

    def matrix(self) -> tuple[list[str], Any]:
        """Return the terms, sorted, and the matrix with their columns."""
        return _matrix(self._indices, self._data, self._sizes, list(self._column).__getitem__, 1)


def _matrix(
    numbers: "array[int]", data: "array[Any]", sizes: "array[int]", term: Callable[[int], str], rarest: int
) -> tuple[list[str], Any]:
    """Return the terms that stand in at least `rarest` rows, sorted, and the matrix with their columns.

    The rows lie one behind the other, of each as many numbers of terms as `sizes` says, and as many data.
    """
    found, values = np.asarray(numbers), np.asarray(data)
    frequency = np.bincount(found)
    kept = np.flatnonzero(frequency >= rarest)
    terms = list(map(term, kept.tolist()))
    order = sorted(range(len(terms)), key=terms.__getitem__)
    place = np.full(len(frequency), -1, dtype=np.int32)
    place[kept[order]] = np.arange(len(terms), dtype=np.int32)
    columns = place[found]
    stays = columns >= 0
    ends = np.concatenate([[0], np.cumsum(stays)])[np.concatenate([[0], np.cumsum(np.asarray(sizes))])]
    entries = (values[stays].astype(float), columns[stays], ends.astype(np.int32))
    matrix = sparse.csr_array(entries, shape=(len(sizes), len(terms)))
    matrix.sort_indices()
    return [terms[number] for number in order], matrix
