"""Labelled articles and answers come in, arrays side by side go out: what measuring needs; figures are unknown here."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.errors import SourceError
from classifier.labelled import gold_of
from classifier.model import TopicModel
from classifier.records import Article
from classifier.topics import Topics

__all__ = ["Answered", "events", "gold_array", "indicator"]

Indicator = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Answered:
    """Labelled articles with a model's answers; arrays have shape (articles, topics).

    `groups` has the event of each article. `gold` is 1, 0, or -1 where a topic was not judged, `said` 1 or 0. `best` has the
    number of the sentence that gave each score, -1 where none did.
    """

    model: TopicModel
    articles: Sequence[Article]
    groups: Sequence[str]
    gold: Indicator
    said: Indicator
    scores: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    best: Indicator


def gold_array(articles: Sequence[Article], topics: Topics) -> Indicator:
    """Return the gold of labelled articles, shape (articles, topics): 1 carries, 0 does not, -1 not judged.

    Raises `SourceError` if an article has no gold, or if nothing at all was judged: every figure would be perfect.
    """
    found = [gold_of(article, topics) for article in articles]
    rows = [[-1 if t in unknown else int(t in carried) for t in topics.ids] for carried, unknown in found]
    gold = np.array(rows, dtype=np.int64).reshape(-1, len(topics))
    if (gold < 0).all():
        raise SourceError('Every topic of every article is "unknown", so there is nothing to measure by. Judge some.')
    return gold


def events(articles: Sequence[Article]) -> list[str]:
    """Return the event of each article; one without stands for itself."""
    return [str(article.extra.get("event") or article.id) for article in articles]


def indicator(rows: Sequence[Sequence[str]], topics: Topics) -> Indicator:
    """Return 1 where a row names a topic and 0 elsewhere, shape (rows, topics)."""
    return np.array([[int(topic in row) for topic in topics.ids] for row in rows], dtype=np.int64).reshape(-1, len(topics))
