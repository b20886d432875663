"""`decision`: the threshold itself is a yes, the band is half open, every curve rises and stays between 0 and 1."""

import math
import pickle
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.decision import Calibration, Decision, Rule, Sigmoid, Steps
from classifier.native import native

PLATT = Sigmoid(2.0, 2.0, 0.5)
STEPS = Steps((-1.0, 0.0, 2.0), (0.1, 0.4, 0.8))


@pytest.mark.parametrize("curve", [PLATT, Sigmoid(0.3, 4.0, -1.0), STEPS])
@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_a_greater_score_is_never_less_probable(curve: Calibration, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0.0 <= curve.probability(low) <= curve.probability(high) <= 1.0


def test_with_one_slope_the_curve_is_the_logistic_function() -> None:
    # slope 2, intercept 0.5, score 0.25: z = 1, and 1 / (1 + e^-1) = 0.731058…
    assert PLATT.probability(0.25) == pytest.approx(1 / (1 + math.exp(-1)))


def test_with_two_slopes_the_curve_is_beta_calibration_of_the_logistic() -> None:
    # beta calibration of s: logit p = a ln s - b ln(1 - s) + c; s the logistic of the score, a on the lower side
    s = 1 / (1 + math.exp(-0.7))
    expected = 0.3 * math.log(s) - 4.0 * math.log(1 - s) - 1.0
    assert Sigmoid(0.3, 4.0, -1.0).probability(0.7) == pytest.approx(1 / (1 + math.exp(-expected)))


def test_steps_are_straight_between_points_and_level_outside() -> None:
    # half way from (0, .4) to (2, .8) lies (1, .6)
    assert [STEPS.probability(x) for x in (-9.0, -1.0, 1.0, 2.0, 9.0)] == pytest.approx([0.1, 0.1, 0.6, 0.8, 0.8])


def test_the_threshold_itself_is_a_yes_and_the_band_is_half_open() -> None:
    decision = Decision(0.0, -1.0, 1.0, PLATT)
    assert decision.says_yes(0.0)
    assert not decision.says_yes(-1e-12)
    unsure = [decision.is_unsure(score, said=decision.says_yes(score)) for score in (-1.1, -1.0, 0.0, 0.99, 1.0)]
    assert unsure == [False, True, True, True, False]


def test_without_a_promise_every_yes_is_unsure_and_no_no_is() -> None:
    decision = Decision(0.0, None, None, PLATT)
    assert decision.is_unsure(1e9, said=True)
    assert not decision.is_unsure(-1e-9, said=False)


def test_only_where_every_article_carries_a_topic_the_nearest_is_given() -> None:
    decisions = (Decision(0.0, None, None, PLATT), Decision(2.0, None, 3.0, PLATT))
    # -1 lies 1 below its threshold, 1.5 lies half below: the second comes nearest
    assert Rule(decisions).yes([-1.0, 1.5]) == [False, False]
    assert Rule(decisions, at_least_one=True).yes([-1.0, 1.5]) == [False, True]
    assert Rule(decisions, at_least_one=True).yes([0.0, 1.5]) == [True, False]
    assert Rule(decisions, at_least_one=True).yes([-0.1, 1.0]) == [
        True,
        False,
    ]  # a tenth below, though 1.0 is the greater score
    assert Rule(decisions, at_least_one=True).unsure([-1.0, 1.5], [False, True]) == [False, True]


@given(st.lists(st.tuples(st.floats(-3, 3), st.floats(-3, 3), st.floats(-3, 3)), max_size=6), st.booleans())
def test_many_articles_are_judged_as_each_is_alone(rows: list[tuple[float, float, float]], always: bool) -> None:
    rule = Rule([Decision(t, None, None, Sigmoid(1.0, 1.0, 0.0)) for t in (-1.0, 0.0, 2.0)], at_least_one=always)
    columns = [[k for k, said in enumerate(rule.yes(row)) if said] for row in rows]
    assert rule.yes_of_each([score for row in rows for score in row]) == columns
    for row in rows:
        alone = [decision.says_yes(score) for decision, score in zip(rule.decisions, row, strict=True)]
        assert rule.yes(row) == alone or (always and True not in alone)


@given(st.floats(), st.floats(-9, 9), st.floats(-9, 9), st.floats(-9, 9))
def test_the_kernel_makes_the_same_probabilities(score: float, below: float, above: float, intercept: float) -> None:
    decisions = [Decision(0.0, None, None, curve) for curve in (Sigmoid(below, above, intercept), PLATT)]
    plain = [decision.probability(score) for decision in decisions]
    assert isinstance(native("Sigmoids"), type), (
        "the kernel was not built: pip install . builds it where there is a C compiler"
    )
    assert repr(Rule(decisions).probabilities([score, score])) == repr(plain)
    assert repr(Rule([*decisions, Decision(0.0, None, None, STEPS)]).probabilities([score] * 3)[:2]) == repr(plain)


@pytest.mark.parametrize("wrong", [[0.0], [0.0] * 3, [0.0, 1], [0.0, None], (0.0, 0.0), None])
def test_the_kernel_takes_a_score_a_curve(wrong: object) -> None:
    curves = native("Sigmoids")(array("d", [1.0, 1.0, 0.0] * 2).tobytes())
    assert curves.probabilities([0.0, 0.0]) == [1 / 2, 1 / 2]  # e^0 = 1
    with pytest.raises((TypeError, ValueError)):
        curves.probabilities(wrong)
    with pytest.raises(ValueError, match="three numbers"):
        native("Sigmoids")(b"12345678")


def test_a_rule_goes_from_process_to_process() -> None:
    rule = Rule((Decision(0.0, None, None, PLATT), Decision(1.0, -2.0, 3.0, STEPS)), at_least_one=True)
    there = pickle.loads(pickle.dumps(rule))  # noqa: S301 — our own
    assert there == rule
    assert there.probabilities([1.0, 1.0]) == rule.probabilities([1.0, 1.0])
