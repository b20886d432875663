"""Gold and out-of-fold scores come in, the curve from score to probability goes out; thresholds and texts are unknown here.

Three curves are tried: Platt's, with one slope; beta's, with two; isotonic regression's, with steps. The one under which
held-out folds are least surprised (log loss) is fitted to all scores.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression

from classifier.decision import Calibration, Sigmoid, Steps

__all__ = ["choose_calibration", "fit_beta", "fit_isotonic", "fit_platt", "log_loss"]

Labels = NDArray[np.int64]
Matrix = NDArray[np.float64]

_FEWEST = 50  # positives below which two slopes, let alone steps, would follow single articles: Platt's curve is taken
_DIGITS = 4  # Newton's last digits depend on the processor's exponential; four are far more than a probability is good for
_STEPS, _CLOSE = 100, 1e-9  # Newton's method doubles its digits each step; it ends long before
_FAR = 500.0  # log odds beyond which the exponential would overflow
_LEAST = 1e-12  # no answer is surer than that: one wrong certainty must not outweigh all else
_RIDGE = 1e-9  # keeps the Hessian solvable where a curve is flat


def choose_calibration(gold: Labels, scores: Matrix, fold: Labels) -> tuple[Calibration, Matrix]:
    """Return the curve of one topic, and the probability of each score by a curve of that kind that has not seen its fold.

    Gold is 1, 0, or -1 for not judged; `fold` has the fold of each article.
    """
    judged = gold >= 0
    kinds: list[Callable[[Labels, Matrix], Calibration]] = [fit_platt]
    if (gold == 1).sum() >= _FEWEST:
        kinds += [fit_beta, fit_isotonic]
    held_out = np.full((len(kinds), len(gold)), np.nan)
    for number in np.unique(fold):
        rest, own = judged & (fold != number), fold == number
        for row, fit in zip(held_out, kinds, strict=True):
            row[own] = _probabilities(fit(gold[rest], scores[rest]), scores[own])
    best = int(np.argmin([log_loss(gold[judged], row[judged]) for row in held_out]))
    return kinds[best](gold[judged], scores[judged]), held_out[best]


def log_loss(gold: Labels, probabilities: Matrix) -> float:
    """Return the surprise at gold, summed over articles, in nats."""
    p = np.clip(probabilities, _LEAST, 1.0 - _LEAST)
    return float(-np.sum(np.log(np.where(gold == 1, p, 1.0 - p))))


def _probabilities(curve: Calibration, scores: Matrix) -> Matrix:
    """Return what `curve.probability` says of each score, many at a time."""
    if isinstance(curve, Steps):
        return np.interp(scores, curve.scores, curve.probabilities)
    above = np.logaddexp(0.0, scores)
    z = curve.below * (scores - above) + curve.above * above + curve.intercept
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(z, -_FAR, _FAR))))


def fit_platt(gold: Labels, scores: Matrix) -> Sigmoid:
    """Return Platt's curve: one slope, targets drawn in from 0 and 1 as his section 2.2 says, so that it always ends."""
    slope, intercept = _newton(np.column_stack([scores, np.ones(len(scores))]), gold)
    slope = max(slope, 0.0)
    return Sigmoid(slope, slope, intercept)


def fit_beta(gold: Labels, scores: Matrix) -> Sigmoid:
    """Return the beta curve: a slope below 0 and one above; where one of them would fall, Platt's curve."""
    above = np.logaddexp(0.0, scores)
    below, up, intercept = _newton(np.column_stack([scores - above, above, np.ones(len(scores))]), gold)
    return Sigmoid(below, up, intercept) if min(below, up) >= 0.0 else fit_platt(gold, scores)


def fit_isotonic(gold: Labels, scores: Matrix) -> Steps:
    """Return the isotonic curve; no probability is nearer to 0 or 1 than one article more could make it."""
    least = 1.0 / (len(gold) + 2.0)
    machine = IsotonicRegression(y_min=least, y_max=1.0 - least, out_of_bounds="clip").fit(scores, gold)
    return Steps(tuple(machine.X_thresholds_.tolist()), tuple(machine.y_thresholds_.tolist()))


def _newton(features: Matrix, gold: Labels) -> list[float]:
    """Return the coefficients of the logistic regression on smoothed targets, by damped Newton steps, rounded.

    Lin, Lin and Weng, A note on Platt's probabilistic outputs for support vector machines, Machine Learning 2007, section 3.
    """
    positives, negatives = float((gold == 1).sum()), float((gold == 0).sum())
    targets = np.where(gold == 1, (positives + 1.0) / (positives + 2.0), 1.0 / (negatives + 2.0))
    # Platt starts at the log odds of the base rate.
    at = np.zeros(features.shape[1])
    at[-1] = math.log((positives + 1.0) / (negatives + 1.0))

    def loss(coefficients: Matrix) -> float:
        z = features @ coefficients
        return float(np.sum(np.logaddexp(0.0, z) - targets * z))

    now = loss(at)
    for _ in range(_STEPS):
        p = 1.0 / (1.0 + np.exp(-np.clip(features @ at, -_FAR, _FAR)))
        gradient = features.T @ (p - targets)
        hessian = features.T @ (features * (p * (1.0 - p))[:, None]) + _RIDGE * np.eye(len(at))
        step = np.linalg.solve(hessian, gradient)
        size, then = 1.0, loss(at - step)
        while then > now and size > _CLOSE:
            size /= 2.0
            then = loss(at - size * step)
        if now - then <= _CLOSE * (1.0 + abs(now)):
            break
        at, now = at - size * step, then
    return [round(float(number), _DIGITS) for number in at]
