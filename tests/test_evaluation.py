"""`evaluation` and `report`: counts, metrics and intervals, by scikit-learn's word."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, brier_score_loss, precision_recall_fscore_support

from classifier.assess import assess_training
from classifier.card import model_card
from classifier.evaluation import Counts, average_precision, compare, evaluate, reliability, review
from classifier.records import Example
from classifier.report import csv_per_topic, errors_jsonl, json_report
from classifier.training import Training

pairs = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1), st.integers(-3, 3)), min_size=1, max_size=40)


@given(pairs)
def test_precision_recall_and_f1_are_those_of_scikit_learn(rows: list[tuple[int, int, int]]) -> None:
    gold, said = np.array([[g] for g, _, _ in rows]), np.array([[s] for _, s, _ in rows])
    (figures,) = evaluate(["t"], gold, said, [str(n) for n in range(len(rows))]).topics
    if gold.any() and said.any():  # our convention for the empty cases differs and is tested below
        p, r, f, _ = precision_recall_fscore_support(gold[:, 0], said[:, 0], average="binary", zero_division=0)
        assert (figures.precision.value, figures.recall.value, figures.f1.value) == pytest.approx((p, r, f))


@given(pairs.filter(lambda rows: any(g for g, _, _ in rows)))
def test_average_precision_is_that_of_scikit_learn(rows: list[tuple[int, int, int]]) -> None:
    gold, scores = np.array([g for g, _, _ in rows]), np.array([s for _, _, s in rows], dtype=float)
    assert average_precision(gold, scores) == pytest.approx(average_precision_score(gold, scores))


def test_a_ratio_without_a_case_is_one_only_if_nothing_went_wrong() -> None:
    nothing = Counts(0, 0, 0)
    assert (nothing.precision, nothing.recall, nothing.f1) == (1.0, 1.0, 1.0)
    missed = Counts(0, 0, 3)
    assert (missed.precision, missed.recall, missed.f1) == (0.0, 0.0, 0.0)


def test_the_topic_list_comes_from_the_model_so_false_alarms_without_gold_count() -> None:
    evaluation = evaluate(["a", "b"], np.array([[1, 0], [0, 0]]), np.array([[1, 1], [0, 1]]), ["x", "y"])
    # a: 1 hit; b: 2 false alarms. micro-F1 = 2·1 / (2·1 + 2) = 0.5, macro-F1 = (1 + 0) / 2
    assert evaluation.micro_f1.value == 0.5
    assert evaluation.macro_f1.value == 0.5
    assert evaluation.exact.value == 0.0


def test_what_was_not_judged_counts_nowhere() -> None:
    evaluation = evaluate(["a"], np.array([[1], [-1], [-1]]), np.array([[1], [1], [0]]), ["x", "y", "z"])
    assert evaluation.topics[0].counts == Counts(1, 0, 0)
    assert evaluation.exact.value == 1.0


def test_intervals_resample_events_so_copies_of_an_event_do_not_narrow_them() -> None:
    gold, said = np.array([[1], [1], [1], [0]] * 10), np.array([[1], [0], [1], [1]] * 10)
    alone = evaluate(["a"], gold, said, [str(n) for n in range(40)]).macro_f1
    copies = evaluate(
        ["a"], np.repeat(gold, 5, axis=0), np.repeat(said, 5, axis=0), [str(n // 5) for n in range(200)]
    ).macro_f1
    assert (copies.low, copies.high) == pytest.approx((alone.low, alone.high))
    assert alone.low < alone.value < alone.high


def test_the_interval_is_that_of_as_many_events_as_there_are() -> None:
    gold, said = np.ones((40, 1), dtype=int), np.array([[1]] * 30 + [[0]] * 10)
    exact = evaluate(["a"], gold, said, [str(n) for n in range(40)]).exact
    # 30 of 40 right: resampling gives Binomial(40, 0.75) / 40, whose 2.5 % and 97.5 % points are 24/40 and 35/40; one step more or less is chance
    assert (exact.low, exact.high) == pytest.approx((24 / 40, 35 / 40), abs=0.026)


def test_the_report_says_the_same_in_every_form(training: Training, examples: list[Example]) -> None:
    report = assess_training(examples, training)
    record = json.loads(json_report(report))
    assert [system["name"] for system in record["systems"]] == ["this model", "keyword rules", "always none"]
    model = record["systems"][0]
    wrong = sum(t["counts"]["false_alarms"] + t["counts"]["missed"] for t in model["topics"])
    assert wrong == len(report.errors) == len(errors_jsonl(report).splitlines())
    card = model_card(report, name="toy")
    assert f"{model['macro_f1']['value']:.3f}" in card
    assert csv_per_topic(report).count("\n") == 1 + 3 * 2
    assert json_report(report) == json_report(assess_training(examples, training))


def test_keyword_rules_find_whole_words_in_title_or_text(training: Training, examples: list[Example]) -> None:
    report = assess_training(examples, training)
    rules = report.systems[1][1].topics[0]
    # "ferry" stands in every third template of the sea articles: 8 of 24, and nowhere else
    assert (rules.counts.hits, rules.counts.false_alarms, rules.counts.missed) == (8, 0, 16)


@given(st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1)), min_size=1, max_size=60))
def test_the_brier_score_is_that_of_scikit_learn(rows: list[tuple[int, float]]) -> None:
    gold, probabilities = np.array([[g] for g, _ in rows]), np.array([[p] for _, p in rows])
    assert reliability(gold, probabilities).brier == pytest.approx(
        brier_score_loss(gold[:, 0], probabilities[:, 0], pos_label=1)
    )


def test_the_calibration_error_is_the_gap_between_said_and_true_in_each_bin() -> None:
    # bin of .9: said .9 four times, true three times: gap |3.6 - 3| = .6; bin of .1: said .1 once, true never: gap .1
    gold, probabilities = np.array([[1], [1], [1], [0], [0], [-1]]), np.array([[0.9]] * 4 + [[0.1], [0.0]])
    assert reliability(gold, probabilities).calibration_error == pytest.approx(0.7 / 5)
    assert reliability(gold, gold.clip(0).astype(float)).calibration_error == 0


def test_the_review_says_what_the_band_costs_and_keeps() -> None:
    gold = np.array([1, 1, 0, 1, 1, 0, 0, -1])
    said = np.array([1, 1, 1, 1, 0, 0, 0, 1])
    unsure = np.array([0, 0, 0, 1, 0, 1, 0, 0], dtype=bool)
    row = review("t", gold, said, unsure, (0.95, None))
    # 2 of 8 unsure; sure yes: the first three, two of them right; of 4 gold one lies among the sure no
    assert [row.unsure, row.sure_yes, row.precision, row.recall] == pytest.approx([0.25, 3, 2 / 3, 0.75])
    assert (row.promised_precision, row.promised_recall) == (0.95, None)
    nothing = review("t", np.zeros(3, dtype=np.int64), np.zeros(3, dtype=np.int64), np.zeros(3, dtype=bool), (None, None))
    assert (nothing.precision, nothing.recall) == (None, None)


def test_a_model_that_misses_more_is_worse_and_one_that_differs_by_chance_is_not() -> None:
    gold = np.tile([[1, 0], [0, 1], [0, 0], [1, 1]], (50, 1))
    groups = [str(n) for n in range(200)]
    blind = gold.copy()
    blind[::4, 0] = 0  # half of topic a's gold is missed: recall and F1 fall to 1/2 and 2/3
    found = {row.name: row for row in compare(["a", "b"], gold, gold, blind, groups)}
    a = found["a"]
    assert [a.old, a.new, a.difference.value] == pytest.approx([1.0, 2 / 3, -1 / 3])
    assert a.difference.low < a.difference.value < a.difference.high < 0
    assert [found[name].worse for name in ("a", "b", "macro-F1", "micro-F1")] == [True, False, True, True]
    assert not any(row.worse for row in compare(["a", "b"], gold, blind, gold, groups))
    slip = gold.copy()
    slip[0, 0] = 0  # one article of 200
    assert not any(row.worse for row in compare(["a", "b"], gold, gold, slip, groups))


def test_a_fault_in_one_event_is_no_proof_however_many_articles_it_has() -> None:
    gold = np.ones((40, 1), dtype=np.int64)
    blind = gold.copy()
    blind[:20] = 0
    apart, together = [str(n) for n in range(40)], ["one"] * 20 + [str(n) for n in range(20)]
    assert compare(["a"], gold, gold, blind, apart)[2].worse
    assert not compare(["a"], gold, gold, blind, together)[2].worse
