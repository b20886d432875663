"""Gold, scores and probabilities come in, what figures show goes out: curves, bins, crossings; drawing is unknown here."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bin", "Crossing", "Histogram", "Ranking", "TopicCurves", "bins", "crossing", "curves", "histogram", "ranking"]

Indicator = NDArray[np.int64]
Numbers = tuple[float, ...]

_POINTS = 100  # of a curve: more cannot be told apart on a figure as wide as a hand
_BINS = 10  # of a reliability diagram: a tenth of the probabilities each
_BARS = 30  # of a histogram
_Z = 1.96  # standard errors on either side of a 95 % interval


@dataclass(frozen=True, slots=True)
class Ranking:
    """Precision, recall and F1 of the articles at or above each threshold, the thresholds falling."""

    thresholds: Numbers
    precision: Numbers
    recall: Numbers
    f1: Numbers


@dataclass(frozen=True, slots=True)
class Bin:
    """Articles of about the same probability: their number, its mean, the share of gold, and that share's 95 % interval."""

    cases: int
    said: float
    true: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Histogram:
    """Scores of the articles that carry a topic and of those that do not: the share of either in each of equal steps."""

    edges: Numbers
    carried: Numbers
    others: Numbers


@dataclass(frozen=True, slots=True)
class TopicCurves:
    """All that the figures of one topic show."""

    topic: str
    positives: int
    ranking: Ranking
    bins: tuple[Bin, ...]
    histogram: Histogram


@dataclass(frozen=True, slots=True)
class Crossing:
    """What topics have to do with each other: rows are the topics, and below them articles that carry no topic at all.

    `together` counts articles that carry both topics by gold, and has no last row. `cases` counts articles that carry the
    row's topic and not the column's, `said` those of them to which the column's topic was given, `shares` how much of them
    these are (None of none).
    """

    topics: tuple[str, ...]
    together: tuple[tuple[int, ...], ...]
    cases: tuple[tuple[int, ...], ...]
    said: tuple[tuple[int, ...], ...]
    shares: tuple[tuple[float | None, ...], ...]


def curves(
    topic: str, gold: Indicator, scores: NDArray[np.float64], probabilities: NDArray[np.float64]
) -> TopicCurves | None:
    """Return the curves of one topic, given its columns; None if no article carries it or all do.

    Entries of gold are 1, 0, or -1 where the topic was not judged: such an article counts nowhere.
    """
    judged = gold >= 0
    truth = gold[judged]
    if not 0 < truth.sum() < len(truth):
        return None
    known = scores[judged]
    return TopicCurves(
        topic, int(truth.sum()), ranking(truth, known), bins(truth, probabilities[judged]), histogram(truth, known)
    )


def ranking(gold: Indicator, scores: NDArray[np.float64]) -> Ranking:
    """Return precision and recall at every score, or at a hundred of them that follow the curve at even steps."""
    order = np.argsort(-scores, kind="stable")
    ranked, hits = scores[order], np.cumsum(gold[order])
    last = np.flatnonzero(np.append(ranked[:-1] != ranked[1:], True))  # equal scores are one step
    let_in = last + 1.0
    precision, recall = hits[last] / let_in, hits[last] / hits[-1]
    f1 = 2.0 * hits[last] / (let_in + hits[-1])
    way = np.cumsum(np.abs(np.diff(precision, prepend=precision[0])) + np.abs(np.diff(recall, prepend=0.0)))
    steps = np.linspace(way[0], way[-1], _POINTS)
    kept = np.arange(len(last)) if len(last) <= _POINTS else np.unique(np.searchsorted(way, steps).clip(0, len(last) - 1))
    return Ranking(*(tuple(column[kept].tolist()) for column in (ranked[last], precision, recall, f1)))


def bins(gold: Indicator, probabilities: NDArray[np.float64]) -> tuple[Bin, ...]:
    """Return the bins of equal width that have an article, the lowest first.

    The interval of a share is Wilson's (Probable inference, the law of succession, and statistical inference, JASA 1927).
    """
    place = np.minimum((probabilities * _BINS).astype(int), _BINS - 1)
    cases = np.bincount(place, minlength=_BINS)
    said, true = np.bincount(place, probabilities, _BINS), np.bincount(place, gold, _BINS)
    found = []
    for n, p, hits in zip(cases.tolist(), said.tolist(), true.tolist(), strict=True):
        if not n:
            continue
        share, extra = hits / n, _Z * _Z / n
        middle = (share + extra / 2.0) / (1.0 + extra)
        wide = _Z * (share * (1.0 - share) / n + extra / (4.0 * n)) ** (1 / 2) / (1.0 + extra)
        found.append(Bin(n, p / n, share, max(middle - wide, 0.0), min(middle + wide, 1.0)))
    return tuple(found)


def histogram(gold: Indicator, scores: NDArray[np.float64]) -> Histogram:
    """Return how the scores of gold and of the others are spread; there is at least one of either."""
    edges = np.linspace(scores.min(), scores.max(), _BARS + 1) if scores.min() < scores.max() else scores[0] + np.arange(2.0)
    counted = [np.histogram(scores[gold == value], edges)[0] for value in (1, 0)]
    carried, others = (tuple((counts / counts.sum()).tolist()) for counts in counted)
    return Histogram(tuple(edges.tolist()), carried, others)


def crossing(topics: Sequence[str], gold: Indicator, said: Indicator) -> Crossing:
    """Return what the topics have to do with each other; `gold` and `said` have shape (articles, topics)."""
    none = ((gold == 1).sum(axis=1) == 0)[:, None]
    rows = np.hstack([gold == 1, none]).astype(np.int64)
    not_carried = gold == 0
    wrongly = not_carried & (said == 1)
    together, cases, given = rows[:, :-1].T @ (gold == 1), rows.T @ not_carried, rows.T @ wrongly
    counted = [tuple(tuple(row) for row in counts.tolist()) for counts in (together, cases, given)]
    shares = [
        [s / n if n else None for s, n in zip(*pair, strict=True)] for pair in zip(counted[2], counted[1], strict=True)
    ]
    return Crossing(tuple(topics), counted[0], counted[1], counted[2], tuple(map(tuple, shares)))
