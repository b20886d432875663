"""Gold and out-of-fold scores come in, thresholds and unsure bands go out; how the scores were made is unknown here.

Entries of gold are 1, 0, or -1 for not judged: such an entry counts nowhere. A threshold lies half way between the last
score that it lets in and the next, so that a score it was chosen on can move a little without changing sides.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

__all__ = ["Band", "Promise", "choose_band", "f1_threshold", "micromacro_thresholds"]

Labels = NDArray[np.int64]
Matrix = NDArray[np.float64]

_BEYOND = 2.0  # how far beyond the last score a next one is thought: the distance of a plain yes from a plain no


@dataclass(frozen=True, slots=True)
class _Cuts:
    """Where a threshold of one topic could well lie: above all scores, and below each score of gold, the highest first.

    `hits` and `let_in` count the gold and the articles at or above each. No other threshold is better than its neighbour
    here: it would let in more that is not gold, or less that is.
    """

    places: Matrix
    hits: Matrix
    let_in: Matrix

    @classmethod
    def of(cls, gold: Labels, scores: Matrix) -> "_Cuts":
        ranked = np.sort(scores[gold >= 0])
        found, counts = np.unique(scores[gold == 1], return_counts=True)
        below = np.searchsorted(ranked, found[::-1])  # how many scores are lower
        following = np.where(below > 0, ranked[below - 1], ranked[0] - _BEYOND)
        return cls(
            np.concatenate([[ranked[-1] + _BEYOND / 2.0], (found[::-1] + following) / 2.0]),
            np.concatenate([[0.0], np.cumsum(counts[::-1])]),
            np.concatenate([[0.0], len(ranked) - below]),
        )

    @property
    def gold(self) -> float:
        """How much gold there is."""
        return float(self.hits[-1])

    @property
    def f1(self) -> Matrix:
        """F1 at each cut; 0 where there is no gold."""
        return 2.0 * self.hits / np.maximum(self.let_in + self.gold, 1.0)


def f1_threshold(gold: Labels, scores: Matrix, weights: Matrix) -> float:
    """Return the threshold with the greatest F1, entries counted with their weights; all three of one length."""
    judged = gold >= 0
    order = np.argsort(-scores[judged], kind="stable")
    ranked, counted = scores[judged][order], weights[judged][order]
    hits, let_in = np.cumsum(counted * gold[judged][order]), np.cumsum(counted)
    f1 = 2.0 * hits / (let_in + hits[-1])
    f1[:-1][ranked[:-1] == ranked[1:]] = -1.0  # equal scores cannot be told apart
    best = int(np.argmax(f1))
    following = ranked[best + 1] if best + 1 < len(ranked) else ranked[best] - _BEYOND
    return float((ranked[best] + following) / 2.0)


def micromacro_thresholds(gold: Labels, scores: Matrix, shrinkage: float) -> list[float]:
    """Return a threshold a topic, `gold` and `scores` of shape (articles, topics).

    Topics are taken by falling frequency, and each threshold has the greatest sum of the micro-F1 and the macro-F1 of the
    topics so far (Lin and Lin, On the thresholding strategy for infrequent labels in multi-label classification, CIKM 2023,
    section 4). A rare topic's own threshold rests on few scores, so it is drawn towards the one threshold that is best for
    all topics together: with n positives it counts n / (n + `shrinkage`).
    """
    every = _Cuts.of(gold.ravel(), scores.ravel())
    shared = float(every.places[int(np.argmax(every.f1))])
    positives = (gold == 1).sum(axis=0)
    thresholds = [shared] * gold.shape[1]
    hits = total = 0.0
    for rank, column in enumerate(np.argsort(-positives, kind="stable").tolist(), 1):
        cuts = _Cuts.of(gold[:, column], scores[:, column])
        micro = 2.0 * (hits + cuts.hits) / np.maximum(total + cuts.let_in + cuts.gold, 1.0)
        best = int(np.argmax(micro + cuts.f1 / rank))
        hits, total = hits + cuts.hits[best], total + cuts.let_in[best] + cuts.gold
        own = positives[column] / (positives[column] + shrinkage)
        thresholds[column] = float(own * cuts.places[best] + (1.0 - own) * shared)
    return thresholds


@dataclass(frozen=True, slots=True)
class Band:
    """The scores between sure no and sure yes; None where the topic is too rare to promise that side."""

    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True)
class Promise:
    """What answers outside a band keep: yes a precision, no a recall, each with a probability of `confidence`."""

    precision: float
    recall: float
    confidence: float


def choose_band(gold: Labels, scores: Matrix, threshold: float, promise: Promise) -> Band:
    """Return the band round one topic's threshold outside which its answers keep a promise.

    Yes answers at or above `upper` have the precision, and all but a share 1 - recall of gold lies at or above `lower`. Each
    holds with the confidence on articles like these (one-sided bound of Clopper and Pearson, The use of confidence or
    fiducial limits, Biometrika 1934), so a topic of few positives promises nothing.
    """
    cuts = _Cuts.of(gold, scores)
    middle = threshold
    above, below = cuts.places >= middle, cuts.places <= middle
    precise = np.flatnonzero(above & (_at_least(cuts.hits, cuts.let_in, promise.confidence) >= promise.precision))
    complete = np.flatnonzero(
        below & (_at_least(cuts.hits, np.full_like(cuts.hits, cuts.gold), promise.confidence) >= promise.recall)
    )
    upper = float(cuts.places[precise[-1]]) if len(precise) else None
    lower = float(cuts.places[complete[0]]) if len(complete) else None
    return Band(lower, upper)


def _at_least(hits: Matrix, cases: Matrix, confidence: float) -> Matrix:
    """Return the lower end of the one-sided interval of a share `hits` / `cases`; 0 without a hit."""
    return np.where(hits > 0, beta.ppf(1.0 - confidence, np.maximum(hits, 1.0), cases - hits + 1.0), 0.0)
