"""Gold and answers come in, counts, metrics and intervals go out; texts, files and words are unknown here.

Precision, recall and F1 follow from counts alone. Where a ratio has no case (no gold, no answer) it is 1 if nothing was
missed or falsely said, else 0. Intervals come from resampling events, since articles on one event stand or fall together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Counts",
    "Difference",
    "Evaluation",
    "Figure",
    "Reliability",
    "Review",
    "TopicFigures",
    "average_precision",
    "compare",
    "evaluate",
    "part_figures",
    "reliability",
    "review",
    "sure_of_the_opposite",
]

_RESAMPLES = 2000  # the ends of a 95 % interval then rest on 50 resamples each
_AT_ONCE = 50  # resamples held in memory together: each has a number an event
_TAIL = 2.5  # percent on either side of a 95 % interval
_BINS = 15  # of equal width for the calibration error: the number most publications use
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


@dataclass(frozen=True, slots=True)
class Reliability:
    """How far probabilities can be believed: 0 is perfect for both.

    `brier` is the mean squared distance from gold (Brier, Verification of forecasts expressed in terms of probability,
    1950). `calibration_error` is the mean distance, weighted by the articles in it, between the mean probability of a bin
    and the share of gold in it (Naeini, Cooper and Hauskrecht, Obtaining well calibrated probabilities, AAAI 2015, section
    4).
    """

    brier: float
    calibration_error: float


@dataclass(frozen=True, slots=True)
class Review:
    """What the unsure band of a topic costs and keeps.

    `unsure` is the share of articles whose answer people should look at. `sure_yes` counts the other yes answers,
    `precision` is theirs (None if there are none), and `recall` the share of gold that is not among the other no answers
    (None without gold). `promised_precision` and `promised_recall` are None where the topic was too rare to promise.
    """

    topic: str
    unsure: float
    promised_precision: float | None
    sure_yes: int
    precision: float | None
    promised_recall: float | None
    recall: float | None


@dataclass(frozen=True, slots=True)
class Difference:
    """How much better the second of two sets of answers is, in F1; `worse` if it is so beyond the play of chance."""

    name: str
    old: float
    new: float
    difference: Figure
    worse: bool


def evaluate(
    topics: Sequence[str], gold: Indicator, said: Indicator, groups: Sequence[str], scores: NDArray[np.float64] | None = None
) -> Evaluation:
    """Return the figures of answers `said` against `gold`, both of shape (articles, topics).

    Entries of gold are 1, 0, or -1 where a topic was not judged: such an entry counts nowhere. `groups` has the event of
    each article. `scores` of the same shape, if given, rank the articles for average precision.
    """
    cells = _cells(gold, said)
    right = _right(gold, said)
    drawn = _resample(groups, np.column_stack([cells.reshape(len(gold), -1), right, np.ones(len(gold))]))
    resampled = drawn[:, :-2].reshape(len(drawn), len(topics), 3)
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
    single = [f.counts.f1 for f in figures]
    # A rare topic is in few resamples. Where one has no case of it, it keeps its own F1: the 1 that the convention gives
    # would lift the interval above the figure.
    by_topic = zip(resampled.swapaxes(0, 1), single, strict=True)
    again = [np.where(cases.any(axis=1), _ratios(cases)[2], f1) for cases, f1 in by_topic]
    return Evaluation(
        len(gold),
        len(set(groups)),
        tuple(figures),
        _figure(float(np.mean(single)), np.mean(again, axis=0)),
        _figure(total.f1, _ratios(resampled.sum(axis=1))[2]),
        _figure(float(right.mean()), drawn[:, -2] / drawn[:, -1]),
    )


def part_figures(gold: Indicator, said: Indicator, groups: Sequence[str]) -> tuple[Counts, Figure, Figure]:
    """Return counts, micro-F1 and the share of articles that are all right; arguments as for `evaluate`."""
    cells, right = _cells(gold, said).sum(axis=1), _right(gold, said)
    counts = Counts(*(int(n) for n in cells.sum(axis=0)))
    drawn = _resample(groups, np.column_stack([cells, right, np.ones(len(gold))]))
    return (
        counts,
        _figure(counts.f1, _ratios(drawn[:, :3])[2]),
        _figure(float(right.mean()), drawn[:, 3] / drawn[:, 4]),
    )


def _right(gold: Indicator, said: Indicator) -> NDArray[np.float64]:
    """Return 1 for each article whose whole set of topics is right, as far as it was judged, and 0 for the others."""
    return np.asarray(np.all((gold == said) | (gold < 0), axis=1), dtype=float)


def _cells(gold: Indicator, said: Indicator) -> NDArray[np.float64]:
    """Return for each pair whether it is a hit, a false alarm, a miss: shape (articles, topics, 3)."""
    return np.stack([(gold == 1) & (said == 1), (gold == 0) & (said == 1), (gold == 1) & (said == 0)], axis=2).astype(float)


def _resample(groups: Sequence[str], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sums of the articles' values in each resample of the events, shape (resamples, values)."""
    _, event = np.unique(np.asarray(groups), return_inverse=True)
    events = int(event.max()) + 1
    by_event = np.zeros((events, values.shape[1]))
    np.add.at(by_event, event, values)
    generator, even = np.random.default_rng(_SEED), np.full(events, 1.0 / events)
    drawn = [generator.multinomial(events, even, size=_AT_ONCE) @ by_event for _ in range(_RESAMPLES // _AT_ONCE)]
    return np.vstack(drawn)


def compare(
    topics: Sequence[str], gold: Indicator, old: Indicator, new: Indicator, groups: Sequence[str]
) -> tuple[Difference, ...]:
    """Return how two sets of answers to the same articles differ: macro-F1, micro-F1, then each topic's F1.

    All four arrays have shape (articles, topics) and gold is as for `evaluate`. Both sets are resampled together, by event
    (paired bootstrap: Efron and Tibshirani, An introduction to the bootstrap, 1993, chapter 16). A topic is worse if its
    difference lies below 0 with 97.5 % divided by the number of topics (Bonferroni), so that many topics raise no false
    alarm.
    """
    width = len(topics)
    cells = [_cells(gold, said).reshape(len(gold), -1) for said in (old, new)]
    halves = np.split(_resample(groups, np.hstack(cells)), 2, axis=1)
    f1 = [np.stack([_ratios(half[:, 3 * k : 3 * k + 3])[2] for k in range(width)], axis=1) for half in halves]
    micro = [_ratios(half.reshape(len(half), width, 3).sum(axis=1))[2] for half in halves]
    before, after = (evaluate(topics, gold, said, groups) for said in (old, new))
    found = [
        _difference("macro-F1", before.macro_f1.value, after.macro_f1.value, f1[1].mean(axis=1) - f1[0].mean(axis=1), 1),
        _difference("micro-F1", before.micro_f1.value, after.micro_f1.value, micro[1] - micro[0], 1),
    ]
    for k, (was, now) in enumerate(zip(before.topics, after.topics, strict=True)):
        found.append(_difference(topics[k], was.f1.value, now.f1.value, f1[1][:, k] - f1[0][:, k], width))
    return tuple(found)


def _difference(name: str, old: float, new: float, resampled: NDArray[np.float64], comparisons: int) -> Difference:
    worse = bool(np.percentile(resampled, 100.0 - _TAIL / comparisons) < 0)
    return Difference(name, old, new, _figure(new - old, resampled), worse)


def reliability(gold: Indicator, probabilities: NDArray[np.float64]) -> Reliability:
    """Return how far the probabilities of pairs of article and topic can be believed; both arrays of one shape."""
    judged = gold >= 0
    p, truth = probabilities[judged], gold[judged].astype(float)
    if not len(p):
        return Reliability(0.0, 0.0)
    bins = np.minimum((p * _BINS).astype(int), _BINS - 1)
    gaps = np.abs(np.bincount(bins, p, _BINS) - np.bincount(bins, truth, _BINS))
    return Reliability(float(np.mean((p - truth) ** 2)), float(gaps.sum() / len(p)))


def sure_of_the_opposite(gold: Indicator, probabilities: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return where probabilities speak so plainly against gold that gold should be read again; all of one shape.

    For a pair with gold yes: the probability of no is at least its mean over the pairs of that topic with gold no, and the
    other way round (confident learning: Northcutt, Jiang and Chuang, JAIR 2021, section 3.1).
    """
    found = np.zeros(gold.shape, dtype=bool)
    for column in range(gold.shape[1]):
        truth, p = gold[:, column], probabilities[:, column]
        if (truth == 1).any() and (truth == 0).any():
            found[:, column] |= (truth == 0) & (p >= p[truth == 1].mean())
            found[:, column] |= (truth == 1) & (p <= p[truth == 0].mean())
    return found


def review(
    topic: str,
    gold: Indicator,
    said: Indicator,
    unsure: NDArray[np.bool_],
    promised: tuple[float | None, float | None],
) -> Review:
    """Return what the unsure band of one topic costs and keeps, given its column of gold and answers.

    `promised` has the precision and the recall that the model promises, None where it does not.
    """
    judged = gold >= 0
    sure_yes = judged & (said == 1) & ~unsure
    missed = (gold == 1) & (said == 0) & ~unsure
    carried = int((gold == 1).sum())
    return Review(
        topic,
        float(unsure.mean()) if len(unsure) else 0.0,
        promised[0],
        int(sure_yes.sum()),
        float((gold[sure_yes] == 1).mean()) if sure_yes.any() else None,
        promised[1],
        1.0 - float(missed.sum()) / carried if carried else None,
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
