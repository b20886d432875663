"""`thresholds`: the best of all there are, by scikit-learn's F1; bands keep what they promise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import f1_score

from classifier.thresholds import Promise, choose_band, f1_threshold, micromacro_thresholds

Row = tuple[int, int]
rows_with_gold = st.lists(st.tuples(st.integers(0, 1), st.integers(-5, 5)), min_size=1, max_size=30).filter(
    lambda rows: any(g for g, _ in rows)
)


@given(rows_with_gold)
def test_the_threshold_has_the_best_f1_of_all_thresholds(rows: list[Row]) -> None:
    gold = np.array([g for g, _ in rows], dtype=np.int64)
    scores = np.array([s for _, s in rows], dtype=float)
    best = max(f1_score(gold, scores >= cut) for cut in np.unique(scores))
    assert f1_score(gold, scores >= f1_threshold(gold, scores, np.ones(len(gold)))) == pytest.approx(best)


@given(rows_with_gold)
def test_with_one_topic_and_no_shrinkage_micromacro_is_the_best_f1(rows: list[Row]) -> None:
    gold = np.array([[g] for g, _ in rows], dtype=np.int64)
    scores = np.array([[s] for _, s in rows], dtype=float)
    best = max(f1_score(gold[:, 0], scores[:, 0] >= cut) for cut in np.unique(scores))
    (threshold,) = micromacro_thresholds(gold, scores, 0.0)
    assert f1_score(gold[:, 0], scores[:, 0] >= threshold) == pytest.approx(best)


def test_a_rare_topic_does_not_cost_the_frequent_ones_their_micro_f1() -> None:
    # Topic 0: 8 positives parted cleanly. Topic 1: its one positive ranks 12th of 20. Letting it in gives F1 1/6.5 = .15 and
    # brings 11 false alarms: micro-F1 falls from 16/17 to 18/29, more than the macro-F1 gains. So it stays out.
    gold = np.zeros((20, 2), dtype=np.int64)
    gold[:8, 0] = 1
    gold[11, 1] = 1
    scores = np.column_stack([np.linspace(2, -2, 20), np.linspace(2, -2, 20)])
    frequent, rare = micromacro_thresholds(gold, scores, 0.0)
    assert scores[7, 0] > frequent > scores[8, 0]
    assert rare > scores[:, 1].max()


def test_a_rare_topics_threshold_is_drawn_to_the_shared_one() -> None:
    # All positives of both topics together: best shared cut below 1.0 (9 hits of 9). Topic 1 has one positive at 3.0, so its
    # own cut is half way from 3 to -1, at 1; the shared cut is half way from 1 to -1, at 0; weights 1/(1+1) each give 0.5.
    gold = np.array([[1, 0]] * 8 + [[0, 1]] + [[0, 0]] * 4, dtype=np.int64)
    scores = np.where(gold == 1, 1.0, -1.0)
    scores[8, 1] = 3.0
    assert micromacro_thresholds(gold, scores, 1.0)[1] == pytest.approx(0.5)


def test_what_was_not_judged_plays_no_part_in_the_threshold() -> None:
    gold, scores = np.array([1, 1, 0, 0]), np.array([4.0, 3.0, 2.0, 1.0])
    more = f1_threshold(np.append(gold, -1), np.append(scores, 2.5), np.ones(5))
    assert more == f1_threshold(gold, scores, np.ones(4)) == 2.5
    one = micromacro_thresholds(gold[:, None], scores[:, None], 0.0)
    assert micromacro_thresholds(np.append(gold, -1)[:, None], np.append(scores, 2.5)[:, None], 0.0) == one == [2.5]


def test_a_weight_of_two_counts_like_a_copy() -> None:
    gold, scores = np.array([1, 0, 1, 0, 0, 1]), np.array([6.0, 5.0, 4.0, 3.0, 2.0, 1.0])
    weights = np.array([1.0, 1.0, 1.0, 2.0, 2.0, 1.0])
    copied = f1_threshold(np.repeat(gold, weights.astype(int)), np.repeat(scores, weights.astype(int)), np.ones(8))
    assert f1_threshold(gold, scores, weights) == copied == 3.5


@given(st.lists(st.booleans(), min_size=120, max_size=300), st.floats(0.5, 0.99), st.floats(0.5, 0.99))
def test_outside_the_band_promises_hold_by_scipys_interval(flips: list[bool], precision: float, recall: float) -> None:
    """The bound that the band rests on is that of `scipy.stats.binomtest`."""
    scores = np.linspace(3, -3, len(flips))
    gold = ((scores > 0) ^ (np.array(flips) & (np.abs(scores) < 1))).astype(np.int64)
    band = choose_band(gold, scores, 0.0, Promise(precision, recall, 0.95))
    if band.upper is not None:
        sure = gold[scores >= band.upper]
        assert binomtest(int(sure.sum()), len(sure), alternative="greater").proportion_ci(0.95).low >= precision - 1e-9
    if band.lower is not None:
        kept, carried = int(gold[scores >= band.lower].sum()), int(gold.sum())
        assert binomtest(kept, carried, alternative="greater").proportion_ci(0.95).low >= recall - 1e-9


def test_a_topic_of_few_positives_promises_nothing() -> None:
    # 30 of 30 right is at least .905 with 95 % confidence (.05 ^ (1/30)), 60 of 60 at least .951
    few = choose_band(np.repeat([1, 0], 30), np.repeat([1.0, -1.0], 30), 0.0, Promise(0.95, 0.95, 0.95))
    enough = choose_band(np.repeat([1, 0], 60), np.repeat([1.0, -1.0], 60), 0.0, Promise(0.95, 0.95, 0.95))
    assert (few.lower, few.upper) == (None, None)
    assert (enough.lower, enough.upper) == (0.0, 0.0)


def test_the_band_is_no_wider_than_the_promise_needs() -> None:
    # 100 gold scores from 10 to 1, 100 others from 0 down: any cut is right, so the band is nothing but the threshold ...
    gold, scores = np.repeat([1, 0], 100), np.concatenate([np.linspace(10, 1, 100), np.linspace(0, -9, 100)])
    band = choose_band(gold, scores, 0.5, Promise(0.95, 0.95, 0.95))
    assert (band.lower, band.upper) == (0.5, 0.5)
    # ... and a threshold set too high leaves gold below it, down to where enough is in
    band = choose_band(gold, scores, 4.0, Promise(0.95, 0.95, 0.95))
    assert band.upper is not None
    assert band.lower is not None
    assert 4.0 <= band.upper < 4.2
    # recall .95 with 95 % confidence takes 99 of 100 (of 98, the bound is .938): below the 99th and above the 100th score
    assert scores[99] < band.lower < scores[98]


def test_macro_f1_has_a_voice_beside_micro_f1() -> None:
    # Topic 0: 10 positives parted cleanly. Topic 1: its one positive ranks third of 20. Out: micro 20/21 = .952, F1 0. In, at
    # the third: micro 22/24 = .917, F1 2/4 = .5, half of it counts for the mean of two topics: .917 + .25 beats .952.
    gold = np.zeros((20, 2), dtype=np.int64)
    gold[:10, 0] = 1
    gold[2, 1] = 1
    scores = np.column_stack([np.linspace(2, -2, 20)] * 2)
    rare = micromacro_thresholds(gold, scores, 0.0)[1]
    assert scores[2, 1] > rare > scores[3, 1]
