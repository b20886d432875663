"""`curves` and `splits`: what figures show, and who teaches whom, by scikit-learn's word or worked out by hand."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import precision_recall_curve

from classifier.curves import bins, crossing, curves, histogram, ranking
from classifier.decision import Decision, Rule, Sigmoid
from classifier.evaluation import evaluate, part_figures, sure_of_the_opposite
from classifier.records import Example
from classifier.splits import answers, forward_in_time, leave_one_out, share_of_training
from classifier.training import EVIDENCE_RECIPES, Training, answer_splits, train
from tests.conftest import TOPICS

scored = st.lists(st.tuples(st.integers(0, 1), st.integers(-4, 4)), min_size=2, max_size=60).filter(
    lambda rows: any(gold for gold, _ in rows)
)


@given(scored)
def test_precision_and_recall_at_each_threshold_are_those_of_scikit_learn(rows: list[tuple[int, int]]) -> None:
    gold, scores = np.array([g for g, _ in rows]), np.array([float(s) for _, s in rows])
    found = ranking(gold, scores)
    precision, recall, thresholds = precision_recall_curve(gold, scores)
    # scikit-learn's thresholds rise, and it adds the point of no answer at all
    assert found.thresholds == pytest.approx(thresholds[::-1])
    assert found.precision == pytest.approx(precision[:-1][::-1])
    assert found.recall == pytest.approx(recall[:-1][::-1])


def test_a_long_curve_is_drawn_by_a_hundred_of_its_points_with_both_ends() -> None:
    draw = np.random.default_rng(0)
    gold = draw.integers(0, 2, 5000)
    scores = gold + draw.normal(size=5000)
    found = ranking(gold, scores)
    precision, recall, thresholds = precision_recall_curve(gold, scores)
    assert 50 < len(found.thresholds) <= 100
    assert (found.thresholds[0], found.thresholds[-1]) == (thresholds[-1], thresholds[0])
    known = set(zip(thresholds.tolist(), precision.tolist(), recall.tolist(), strict=False))
    assert set(zip(found.thresholds, found.precision, found.recall, strict=True)) <= known


def test_f1_at_a_threshold_is_worked_out_from_counts() -> None:
    # at or above 3: 1 hit of 1, F1 = 2·1/(1+2); above 2: 1 of 2, 2·1/(2+2); above 1: 2 of 3, 2·2/(3+2)
    found = ranking(np.array([1, 0, 1, 0]), np.array([3.0, 2.0, 1.0, 1.0 - 1e-9]))
    assert found.f1[:3] == pytest.approx((2 / 3, 1 / 2, 4 / 5))


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 19)), min_size=1, max_size=80))
def test_bins_are_those_of_scikit_learn_each_within_its_interval(rows: list[tuple[int, int]]) -> None:
    gold, p = np.array([g for g, _ in rows]), np.array([n / 20 + 0.01 for _, n in rows])  # no number on an edge
    found = bins(gold, p)
    true, said = (
        calibration_curve(gold, p, n_bins=10, pos_label=1) if gold.any() else (np.zeros(len(found)), [b.said for b in found])
    )
    assert [b.true for b in found] == pytest.approx(list(true))
    assert [b.said for b in found] == pytest.approx(list(said))
    assert sum(b.cases for b in found) == len(rows)
    assert all(0 <= b.low <= b.true + 1e-12 and b.true - 1e-12 <= b.high <= 1 for b in found)


def test_the_interval_of_a_bin_is_wilsons() -> None:
    # 8 of 10: (.8 + z²/20 ± z·√(.8·.2/10 + z²/400)) / (1 + z²/10) with z = 1.96 is .490 to .943
    (only,) = bins(np.array([1] * 8 + [0] * 2), np.full(10, 0.75))
    assert (only.low, only.high) == pytest.approx((0.490, 0.943), abs=0.0005)


def test_a_histogram_has_both_sorts_whole_however_many_there_are() -> None:
    found = histogram(np.array([1, 0, 0, 0]), np.array([2.0, 0.0, 0.0, 1.0]))
    assert sum(found.carried) == sum(found.others) == pytest.approx(1.0)
    assert (found.carried[-1], found.others[0]) == pytest.approx((1.0, 2 / 3))
    assert (found.edges[0], found.edges[-1]) == (0.0, 2.0)
    level = histogram(np.array([1, 0]), np.array([3.0, 3.0]))
    assert (level.carried, level.others) == ((1.0,), (1.0,))


def test_what_was_not_judged_is_in_no_figure_and_one_sided_gold_has_none() -> None:
    gold, scores = np.array([1, 0, -1]), np.array([0.9, 0.2, 0.4])
    found = curves("t", gold, scores, scores)
    assert found is not None
    assert (found.positives, sum(b.cases for b in found.bins), len(found.ranking.thresholds)) == (1, 2, 2)
    assert curves("t", np.array([1, 1, -1]), scores, scores) is None
    assert curves("t", np.array([0, 0, -1]), scores, scores) is None


def test_the_crossing_counts_what_is_said_of_articles_that_carry_another_topic() -> None:
    gold = np.array([[1, 1], [1, 0], [1, 0], [0, 0], [0, 0], [1, -1]])
    said = np.array([[1, 1], [1, 1], [1, 0], [0, 1], [0, 0], [1, 1]])
    found = crossing(["a", "b"], gold, said)
    assert found.together == ((4, 1), (1, 1))
    # of articles with a, two do not carry b (one was not judged), one of them was given it; of two with none, one was given b
    assert found.cases == ((0, 2), (0, 0), (2, 2))
    assert found.said == ((0, 1), (0, 0), (0, 1))
    assert found.shares == ((None, 1 / 2), (None, None), (0.0, 1 / 2))


def test_gold_is_suspect_where_the_model_is_surer_than_it_is_of_that_answer_elsewhere() -> None:
    # mean probability of gold yes (.9 + .7 + .2) / 3 = .6, of gold no (.1 + .65) / 2 = .375
    gold = np.array([[1], [1], [1], [0], [0], [-1]])
    p = np.array([[0.9], [0.7], [0.2], [0.1], [0.65], [1.0]])
    assert sure_of_the_opposite(gold, p)[:, 0].tolist() == [False, False, True, False, True, False]
    assert not sure_of_the_opposite(gold.clip(1, 1), p).any()


def test_a_part_has_the_figures_that_evaluation_gives_it() -> None:
    gold, said = np.array([[1, 0], [0, 1], [1, 1], [0, 0]]), np.array([[1, 1], [0, 1], [0, 1], [0, 0]])
    groups = ["x", "y", "y", "z"]
    counts, f1, exact = part_figures(gold, said, groups)
    whole = evaluate(["a", "b"], gold, said, groups)
    assert (f1, exact) == (whole.micro_f1, whole.exact)
    assert (counts.hits, counts.false_alarms, counts.missed) == (3, 1, 1)


def test_the_interval_of_macro_f1_holds_the_figure_though_topics_are_rare() -> None:
    # forty topics of one article each, every second missed: macro-F1 is .5, and a third of resamples lack any one topic
    gold = np.vstack([np.eye(40, dtype=np.int64), np.zeros((60, 40), dtype=np.int64)])
    said = gold * (np.arange(40) % 2)
    macro = evaluate([str(n) for n in range(40)], gold, said, [str(n) for n in range(100)]).macro_f1
    assert macro.low <= macro.value <= macro.high
    assert macro.value == 0.5


# ------------------------------------------------------------------------------------------------------------------ splits

FOLD = np.array([0, 1, 2, 0, 1, 2])
EVENTS = ["a", "b", "c", "d", "b", "f"]


def test_a_share_of_training_lies_within_the_greater_one_and_teaches_no_fold_its_own() -> None:
    half, whole = share_of_training(FOLD, EVENTS, 1 / 2), share_of_training(FOLD, EVENTS, 1.0)
    assert all(np.array_equal(whole.taught[fold], fold != FOLD) for fold in range(3))
    assert not (half.taught & ~whole.taught).any()
    assert (half.taught[:, 1] == half.taught[:, 4]).all()  # one event
    chosen = {event for event, taught in zip(EVENTS, half.taught.max(axis=0), strict=True) if taught}
    assert len(chosen) == 3  # of five events the first half and the one begun
    backwards = share_of_training(FOLD[::-1], EVENTS[::-1], 1 / 2)
    assert (backwards.taught[:, ::-1] == half.taught).all()


def test_forward_in_time_only_earlier_articles_teach_and_an_event_stays_whole() -> None:
    dates = [f"20{year:02d}-01-01" for year in (9, 5, 1, 3, 8, 2, 4, 7, 6, 10)]
    groups = [str(n) for n in range(10)]
    groups[2] = groups[0]  # the oldest article belongs to an event that ends in 2009
    split = forward_in_time(dates, groups)
    assert split is not None
    assert split.part[2] == split.part[0]
    for part, taught in enumerate(split.taught):
        answered = [date for date, own in zip(dates, split.part, strict=True) if own == part]
        assert all(dates[n] < max(answered) for n in np.flatnonzero(taught))
        assert not (taught & (split.part >= part)).any()
    assert not split.taught[0].any()


@pytest.mark.parametrize(
    "dates", [["2020-01-01"] * 10, ["", *["2020-01-01"] * 9], [f"{2001 + n % 3}-01-01" for n in range(10)]]
)
def test_without_dates_or_with_too_few_there_is_no_forward(dates: list[str]) -> None:
    assert forward_in_time(dates, [str(n) for n in range(10)]) is None


def test_with_one_genre_left_out_neither_it_nor_its_events_teach() -> None:
    split = leave_one_out(["x", "x", "y", "y", "z", "z"], ["1", "2", "3", "4", "2", "6"])
    assert split is not None
    assert split.part.tolist() == [0, 0, 1, 1, 2, 2]
    assert split.taught.tolist() == [
        [False, False, True, True, False, True],  # the first z is on event 2, of which x tells too
        [True, True, False, False, True, True],
        [True, False, True, True, False, False],
    ]
    assert leave_one_out(["x", "x"], ["1", "2"]) is None


def test_each_article_is_answered_by_the_thresholds_of_its_part() -> None:
    rule = Rule((Decision(9.0, None, None, Sigmoid(1.0, 1.0, 0.0)),))
    said = answers(rule, np.array([[1.0], [1.0], [3.0]]), np.array([0, 1, 1]), np.array([[1.0], [2.0]]))
    assert said.tolist() == [[1], [0], [1]]


def test_cross_validation_as_a_split_gives_the_scores_and_thresholds_of_training(
    examples: list[Example], training: Training
) -> None:
    whole = share_of_training(training.fold, training.groups, 1.0)
    ((scores, thresholds),) = answer_splits(examples, training, [whole])
    assert np.array_equal(scores, training.scores)
    assert np.array_equal(thresholds, training.thresholds)


def test_what_nothing_teaches_is_not_answered_and_jobs_change_nothing(examples: list[Example], training: Training) -> None:
    dates = [f"{2000 + n // 10}-01-01" for n in range(len(examples))]
    split = forward_in_time(dates, training.groups)
    assert split is not None
    one, two = (answer_splits(examples, training, [split], jobs=jobs)[0] for jobs in (1, 2))
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(one, two, strict=True))
    scores, thresholds = one
    assert (np.isnan(scores).any(axis=1) == (split.part == 0)).all()
    assert np.isnan(thresholds).any(axis=1).tolist() == [True, True, False, False, False]


def test_where_no_article_that_taught_was_judged_for_a_topic_there_is_no_threshold(examples: list[Example]) -> None:
    def unjudged(example: Example) -> Example:
        evidence = {topic: lines for topic, lines in example.annotation.evidence.items() if topic != "sky"}
        return dataclasses.replace(
            example, annotation=dataclasses.replace(example.annotation, evidence=evidence, unknown=frozenset({"sky"}))
        )

    rows = [unjudged(example) if number < 40 else example for number, example in enumerate(examples)]
    training = train(rows, TOPICS, EVIDENCE_RECIPES)
    split = forward_in_time([f"{2000 + n // 10}-01-01" for n in range(len(rows))], training.groups)
    assert split is not None
    ((_, thresholds),) = answer_splits(rows, training, [split])
    # of the five blocks of some fourteen articles, the first three hold none or few that were judged
    judged = [(training.gold[taught & (split.part > 0), 1] >= 0).any() for taught in split.taught]
    assert (~np.isnan(thresholds).any(axis=1)).tolist() == judged
    assert judged[1:3] == [False, False]
