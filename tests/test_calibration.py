"""`calibration`: the curves are those of the literature, by scikit-learn's word, and the least surprising one is taken."""

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from classifier.calibration import choose_calibration, fit_beta, fit_isotonic, fit_platt, log_loss
from classifier.decision import Sigmoid, Steps

GENERATOR = np.random.default_rng(7)
SCORES = GENERATOR.normal(size=4000)


def draw(probabilities: np.ndarray) -> np.ndarray:
    """Return gold that comes true with these probabilities."""
    return (GENERATOR.random(len(probabilities)) < probabilities).astype(np.int64)


PLATT_GOLD = draw(1 / (1 + np.exp(-(2.0 * SCORES - 1.0))))
FOLD = np.arange(len(SCORES)) % 5


def test_platts_curve_is_the_logistic_regression_on_smoothed_targets() -> None:
    positives, negatives = PLATT_GOLD.sum(), (1 - PLATT_GOLD).sum()
    target = np.where(PLATT_GOLD == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    machine = LogisticRegression(C=np.inf, tol=1e-8)
    twice = np.repeat(SCORES, 2)[:, None]
    machine.fit(twice, np.tile([1, 0], len(SCORES)), sample_weight=np.column_stack([target, 1 - target]).ravel())
    curve = fit_platt(PLATT_GOLD, SCORES)
    assert (curve.above, curve.intercept) == pytest.approx((machine.coef_[0, 0], machine.intercept_[0]), abs=1e-3)
    assert curve.below == curve.above


def test_platts_curve_ends_where_gold_is_parted_cleanly() -> None:
    curve = fit_platt(np.repeat([0, 1], 50), np.repeat([-1.0, 1.0], 50))
    # smoothed targets: 51/52 above, 1/52 below
    assert (curve.probability(1.0), curve.probability(-1.0)) == pytest.approx((51 / 52, 1 / 52), abs=1e-3)


def test_the_beta_curve_finds_two_slopes() -> None:
    true = Sigmoid(0.5, 4.0, 0.0)
    curve = fit_beta(draw(np.array([true.probability(s) for s in SCORES.tolist()])), SCORES)
    assert isinstance(curve, Sigmoid)
    # a slope's standard error is about .2 with 4,000 scores
    assert (curve.below, curve.above) == pytest.approx((0.5, 4.0), abs=1.0)


def test_the_isotonic_curve_is_that_of_scikit_learn() -> None:
    machine = IsotonicRegression(out_of_bounds="clip").fit(SCORES, PLATT_GOLD)
    curve = fit_isotonic(PLATT_GOLD, SCORES)
    least = 1 / (len(SCORES) + 2)
    for score in np.linspace(-3, 3, 50):
        assert curve.probability(score) == pytest.approx(np.clip(machine.predict([score])[0], least, 1 - least), abs=1e-9)


@pytest.mark.parametrize(
    ("gold", "kind"),
    [
        (PLATT_GOLD, Sigmoid),
        (draw(np.where(SCORES > 1.0, 0.9, np.where(SCORES > -0.5, 0.5, 0.1))), Steps),  # stairs that no sigmoid follows
        (draw(np.full(len(SCORES), 0.005)), Sigmoid),  # about 20 positives: too few for anything but Platt
    ],
)
def test_the_curve_is_chosen_that_surprises_held_out_folds_least(gold: np.ndarray, kind: type) -> None:
    curve, held_out = choose_calibration(gold, SCORES, FOLD)
    assert isinstance(curve, kind)
    assert abs(held_out.mean() - gold.mean()) < 0.02


def test_few_positives_get_platts_curve_whatever_fits_better() -> None:
    scores = np.linspace(-1, 1, 400)
    stairs = np.zeros(400, dtype=np.int64)
    stairs[360:] = 1  # 40 positives, parted so cleanly that steps would fit best
    curve, _ = choose_calibration(stairs, scores, np.arange(400) % 5)
    assert isinstance(curve, Sigmoid)
    assert curve.above == curve.below


def test_held_out_probabilities_come_from_curves_that_have_not_seen_the_fold() -> None:
    _, held_out = choose_calibration(PLATT_GOLD, SCORES, FOLD)
    other = PLATT_GOLD.copy()
    other[:50:5] = 1 - other[:50:5]  # ten articles of fold 0
    _, changed = choose_calibration(other, SCORES, FOLD)
    curve = fit_platt(PLATT_GOLD[FOLD != 0], SCORES[FOLD != 0])
    assert (
        changed[FOLD == 0]
        == pytest.approx(held_out[FOLD == 0])
        == [curve.probability(s) for s in SCORES[FOLD == 0].tolist()]
    )
    assert changed[FOLD == 1] != pytest.approx(held_out[FOLD == 1])


def test_what_was_not_judged_changes_no_curve() -> None:
    gold = np.append(PLATT_GOLD, [-1] * 100)
    scores, fold = np.append(SCORES, np.full(100, 9.0)), np.append(FOLD, np.zeros(100, dtype=np.int64))
    assert choose_calibration(gold, scores, fold)[0] == choose_calibration(PLATT_GOLD, SCORES, FOLD)[0]


def test_log_loss_is_the_sum_of_surprises() -> None:
    # -ln .8 - ln(1 - .1) = .2231 + .1054
    assert log_loss(np.array([1, 0]), np.array([0.8, 0.1])) == pytest.approx(0.3285, abs=1e-4)
