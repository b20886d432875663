"""Gold and answers come in, counts, metrics and intervals go out; texts, files and words are unknown here.

Precision, recall and F1 follow from counts alone. Where a ratio has no case (no gold, no answer) it is 1 if nothing was
missed or falsely said, else 0. Intervals come from resampling events, since articles on one event stand or fall together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Counts", "Evaluation", "Figure", "TopicFigures", "average_precision", "evaluate"]

_RESAMPLES = 2000  # the ends of a 95 % interval then rest on 50 resamples each
_TAIL = 2.5  # percent on either side of a 95 % interval
_SEED = 0  # fixed, so that a report is the same each time

Indicator = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Counts:
    """How often a topic was rightly said, falsely said and missed."""

    hits: int
    false_alarms: int
    missed: int

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.hits + other.hits, self.false_alarms + other.false_alarms, self.missed + other.missed)

    @property
    def precision(self) -> float:
        """The share of yes answers that are right."""
        said = self.hits + self.false_alarms
        return self.hits / said if said else float(self.missed == 0)

    @property
    def recall(self) -> float:
        """The share of gold that was found."""
        gold = self.hits + self.missed
        return self.hits / gold if gold else float(self.false_alarms == 0)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        all_three = 2 * self.hits + self.false_alarms + self.missed
        return 2 * self.hits / all_three if all_three else 1.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with the ends of its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class TopicFigures:
    """All figures of one topic; `average_precision` is None where there are no scores."""

    topic: str
    positives: int
    counts: Counts
    precision: Figure
    recall: Figure
    f1: Figure
    average_precision: float | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All figures of one set of answers; `exact` is the share of articles whose whole set of topics is right."""

    articles: int
    events: int
    topics: tuple[TopicFigures, ...]
    macro_f1: Figure
    micro_f1: Figure
    exact: Figure


def evaluate(
    topics: Sequence[str], gold: Indicator, said: Indicator, groups: Sequence[str], scores: NDArray[np.float64] | None = None
) -> Evaluation:
    """Return the figures of answers `said` against `gold`, both of shape (articles, topics).

    Entries of gold are 1, 0, or -1 where a topic was not judged: such an entry counts nowhere. `groups` has the event of
    each article. `scores` of the same shape, if given, rank the articles for average precision.
    """
    _, event = np.unique(np.asarray(groups), return_inverse=True)
    cells = np.stack([(gold == 1) & (said == 1), (gold == 0) & (said == 1), (gold == 1) & (said == 0)], axis=2).astype(float)
    right = np.all((gold == said) | (gold < 0), axis=1).astype(float)
    events = int(event.max()) + 1 if len(event) else 0
    by_event = np.zeros((events, *cells.shape[1:]))
    np.add.at(by_event, event, cells)
    exact_by_event = np.stack(
        [np.bincount(event, right, events), np.bincount(event, minlength=events).astype(float)], axis=1
    )
    times = np.random.default_rng(_SEED).multinomial(events, np.full(events, 1.0 / events), size=_RESAMPLES)
    resampled = np.tensordot(times, by_event, axes=1)  # (resamples, topics, 3)
    drawn = times @ exact_by_event
    figures = []
    for column, topic in enumerate(topics):
        counts = Counts(*(int(n) for n in cells[:, column].sum(axis=0)))
        ratios = _ratios(resampled[:, column])
        figures.append(
            TopicFigures(
                topic,
                int((gold[:, column] == 1).sum()),
                counts,
                _figure(counts.precision, ratios[0]),
                _figure(counts.recall, ratios[1]),
                _figure(counts.f1, ratios[2]),
                None if scores is None else average_precision(gold[:, column], scores[:, column]),
            )
        )
    total = sum((f.counts for f in figures), Counts(0, 0, 0))
    macro = float(np.mean([f.counts.f1 for f in figures]))
    return Evaluation(
        len(gold),
        events,
        tuple(figures),
        _figure(macro, np.mean([_ratios(resampled[:, k])[2] for k in range(len(topics))], axis=0)),
        _figure(total.f1, _ratios(resampled.sum(axis=1))[2]),
        _figure(float(right.mean()), drawn[:, 0] / drawn[:, 1]),
    )


def _ratios(counts: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return precision, recall and F1 of resampled counts (resamples, 3), by the convention of `Counts`."""
    hits, false_alarms, missed = counts.T

    def ratio(part: NDArray[np.float64], whole: NDArray[np.float64], else_one: NDArray[np.bool_]) -> NDArray[np.float64]:
        return np.where(whole > 0, part / np.maximum(whole, 1.0), else_one.astype(float))

    every = np.ones_like(hits, dtype=bool)
    return (
        ratio(hits, hits + false_alarms, missed == 0),
        ratio(hits, hits + missed, false_alarms == 0),
        ratio(2 * hits, 2 * hits + false_alarms + missed, every),
    )


def _figure(value: float, resampled: NDArray[np.float64]) -> Figure:
    low, high = np.percentile(resampled, [_TAIL, 100.0 - _TAIL])
    return Figure(value, float(low), float(high))


def average_precision(gold: NDArray[np.int64], scores: NDArray[np.float64]) -> float:
    """Return the mean precision at each gold article when articles are ranked by score; 0 without gold.

    Equal scores are one step of the ranking, as in scikit-learn's average_precision_score.
    """
    judged = gold >= 0
    order = np.argsort(-scores[judged], kind="stable")
    ranked, hits = scores[judged][order], np.cumsum(gold[judged][order])
    if not len(hits) or hits[-1] == 0:
        return 0.0
    last = np.flatnonzero(np.append(ranked[:-1] != ranked[1:], True))
    precision = hits[last] / (last + 1.0)
    return float(np.sum(np.diff(hits[last], prepend=0) * precision) / hits[-1])
