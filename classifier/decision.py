"""Scores come in, answers and probabilities go out: where yes begins and what a score is worth; texts are unknown here."""

import itertools
import math
import operator
from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence

from classifier.frozen import Frozen
from classifier.native import native

__all__ = ["Calibration", "Decision", "Rule", "Sigmoid", "Steps"]

# A score is a yes if it reaches its threshold: this is the decision rule; it stands nowhere else.
_REACHES: Callable[[float, float], bool] = operator.ge

_FAR = 700.0  # beyond it an exponential overflows, and what is added to it or to 1 no longer counts


class Sigmoid(Frozen):
    """The curve `logit p = above · ln(1 + e^score) − below · ln(1 + e^−score) + intercept`.

    With `above` = `below` it is `logit p = above · score + intercept`: Platt scaling (Platt, Probabilistic outputs for
    support vector machines, 1999, section 2). With two slopes it is beta calibration of the score's logistic (Kull, Silva
    Filho and Flach, Beta calibration, AISTATS 2017, section 3).
    """

    below: float
    above: float
    intercept: float

    def probability(self, score: float) -> float:
        """Return the probability of the topic, between 0 and 1."""
        above = math.log1p(math.exp(score)) if score < _FAR else score  # ln(1 + e^score)
        z = self.above * above - self.below * (above - score) + self.intercept
        return 1.0 / (1.0 + math.exp(-z)) if z > -_FAR else 0.0


class Steps(Frozen):
    """A curve through points, straight between them and level outside: isotonic regression.

    Zadrozny and Elkan, Transforming classifier scores into accurate multiclass probability estimates, KDD 2002, section 3.2.
    Both sequences rise and are of one length, at least 1.
    """

    scores: tuple[float, ...]
    probabilities: tuple[float, ...]

    def probability(self, score: float) -> float:
        """Return the probability of the topic, between 0 and 1."""
        right = bisect_right(self.scores, score)
        if right == 0:
            return self.probabilities[0]
        if right == len(self.scores):
            return self.probabilities[-1]
        x0, x1 = self.scores[right - 1], self.scores[right]
        y0, y1 = self.probabilities[right - 1], self.probabilities[right]
        return y0 + (y1 - y0) * (score - x0) / (x1 - x0)


Calibration = Sigmoid | Steps


class Decision(Frozen):
    """How one topic's score becomes an answer and a probability.

    A score at or above `threshold` is a yes. On articles the model had not seen, the yes answers at or above `upper` kept
    the precision that the recipe promises, and no more gold than it allows lay below `lower`. Where the topic was too rare
    to promise that, `upper` is None and every yes is unsure, or `lower` is None and no no is.
    """

    threshold: float
    lower: float | None
    upper: float | None
    calibration: Calibration

    def says_yes(self, score: float) -> bool:
        """Tell whether a score is a yes."""
        return _REACHES(score, self.threshold)

    @property
    def band(self) -> tuple[float, float]:
        """Where a no begins to be unsure, and where a yes begins to be sure; infinite where nothing is promised."""
        return math.inf if self.lower is None else self.lower, math.inf if self.upper is None else self.upper

    def is_unsure(self, score: float, *, said: bool) -> bool:
        """Tell whether an answer that was `said` to a score is one that people should look at."""
        lower, upper = self.band
        return score < upper if said else score >= lower

    def probability(self, score: float) -> float:
        """Return the calibrated probability of the topic, between 0 and 1."""
        return self.calibration.probability(score)


class Rule:
    """How an article's scores become its topics: a decision a topic, in the order of columns.

    With `at_least_one` an article in which no score is a yes is given the topic that comes nearest to its threshold: the
    training articles all carried a topic.
    """

    __slots__ = ("_highs", "_lows", "_probabilities", "_thresholds", "at_least_one", "decisions")

    def __init__(self, decisions: Sequence[Decision], *, at_least_one: bool = False) -> None:
        self.decisions = tuple(decisions)
        self.at_least_one = at_least_one
        # What follows from the decisions, at hand for every article.
        self._thresholds = tuple([decision.threshold for decision in self.decisions])
        self._probabilities = _probabilities([decision.calibration for decision in self.decisions])
        self._lows = tuple([decision.band[0] for decision in self.decisions])
        self._highs = tuple([decision.band[1] for decision in self.decisions])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Rule):
            return NotImplemented
        return self.decisions == other.decisions and self.at_least_one == other.at_least_one

    def __hash__(self) -> int:
        return hash((self.decisions, self.at_least_one))

    def __reduce__(self) -> tuple[object, ...]:
        """Go from process to process as decisions; what follows from them is made anew."""
        return _rule, (self.decisions, self.at_least_one)

    def yes(self, scores: Sequence[float]) -> list[bool]:
        """Tell for each topic whether an article carries it, given its scores."""
        said = list(map(_REACHES, scores, self._thresholds))
        if self.at_least_one and True not in said:
            said[self._nearest(scores)] = True
        return said

    def yes_of_each(self, scores: Sequence[float]) -> list[list[int]]:
        """Return for each article the columns of the topics it carries; its scores stand behind those of the one before."""
        width = len(self.decisions)
        found: list[list[int]] = [[] for _ in range(len(scores) // width)]
        reached = map(_REACHES, scores, itertools.cycle(self._thresholds))
        for place in itertools.compress(range(len(scores)), reached):
            found[place // width].append(place % width)
        if self.at_least_one:
            for number, columns in enumerate(found):
                if not columns:
                    columns.append(self._nearest(scores[number * width : (number + 1) * width]))
        return found

    def _nearest(self, scores: Sequence[float]) -> int:
        """Return the column of the score that comes nearest to its threshold, the first of equals."""
        return max(range(len(scores)), key=lambda k: scores[k] - self._thresholds[k])

    def unsure(self, scores: Sequence[float], yes: Sequence[bool]) -> list[bool]:
        """Tell for each topic whether people should look at the answer, given what was said."""
        rows = zip(scores, yes, self._lows, self._highs)  # noqa: B905 — asking for one length costs more than the rest
        return [score < high if said else score >= low for score, said, low, high in rows]  # `is_unsure`, without a call

    def probabilities(self, scores: list[float]) -> list[float]:
        """Return the calibrated probability of each topic."""
        return self._probabilities(scores)


def _probabilities(curves: Sequence[Calibration]) -> Callable[[list[float]], list[float]]:
    """Return what makes probabilities of scores by these curves: the kernel, if it can."""
    made = native("Sigmoids")
    sigmoids = [number for one in curves if isinstance(one, Sigmoid) for number in (one.below, one.above, one.intercept)]
    if made is None or len(sigmoids) < 3 * len(curves):  # three numbers a curve
        return lambda scores: [one.probability(score) for one, score in zip(curves, scores, strict=True)]
    found: Callable[[list[float]], list[float]] = made(array("d", sigmoids).tobytes()).probabilities
    return found


def _rule(decisions: tuple[Decision, ...], at_least_one: bool) -> Rule:  # noqa: FBT001 — as `__reduce__` gives it
    return Rule(decisions, at_least_one=at_least_one)
