"""`sklearn`: the estimator does what scikit-learn's tools expect of one that takes texts."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import get_scorer, roc_auc_score
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import (
    check_estimator_cloneable,
    check_estimator_repr,
    check_no_attributes_set_in_init,
    check_parameters_default_constructible,
)

from classifier import TrainingError, UsageError
from classifier.records import Example
from classifier.sklearn import TopicClassifier
from tests.conftest import TOPICS, make_examples

EXAMPLES: list[Example] = make_examples()
TEXTS = [example.article.content for example in EXAMPLES]
GOLD = np.array([[int(topic in example.annotation.topics) for topic in TOPICS.ids] for example in EXAMPLES])


@pytest.fixture(scope="module")
def fitted() -> TopicClassifier:
    return TopicClassifier(topics=TOPICS.ids).fit(TEXTS, GOLD)


@pytest.mark.parametrize(
    "check",
    [
        check_estimator_cloneable,
        check_estimator_repr,
        check_no_attributes_set_in_init,
        check_parameters_default_constructible,
    ],
)
def test_the_checks_of_scikit_learn_that_need_no_numbers_pass(check: object) -> None:
    check("TopicClassifier", TopicClassifier())  # type: ignore[operator]


def test_texts_in_indicator_matrix_out(fitted: TopicClassifier) -> None:
    said, probabilities, decisions = (f(TEXTS) for f in (fitted.predict, fitted.predict_proba, fitted.decision_function))
    assert said.shape == probabilities.shape == decisions.shape == GOLD.shape
    assert set(np.unique(said)) == {0, 1}
    assert ((probabilities >= 0) & (probabilities <= 1)).all()
    assert ((decisions >= 0) == said).all()
    assert fitted.classes_.tolist() == [[0, 1], [0, 1]]  # two topics, each absent or present
    assert fitted.model_.topics.ids == TOPICS.ids
    assert fitted.score(TEXTS, GOLD) == np.mean((said == GOLD).all(axis=1)) > 0.9


def test_tags_say_that_it_takes_texts_and_many_labels() -> None:
    tags = get_tags(TopicClassifier())
    assert tags.estimator_type == "classifier"
    assert tags.classifier_tags.multi_label
    assert tags.input_tags.string
    assert not tags.input_tags.two_d_array


def test_fit_gives_the_same_model_twice_and_changes_no_parameter(fitted: TopicClassifier) -> None:
    again = clone(fitted)
    before = again.get_params()
    assert again.fit(TEXTS, GOLD) is again
    assert again.get_params() == before
    assert (again.decision_function(TEXTS) == fitted.decision_function(TEXTS)).all()


def test_an_estimator_survives_pickling_as_grid_search_needs(fitted: TopicClassifier) -> None:
    again = pickle.loads(pickle.dumps(fitted))  # noqa: S301 — the user's own object, not a file of ours
    assert (again.predict_proba(TEXTS) == fitted.predict_proba(TEXTS)).all()


def test_grid_search_cross_validation_and_pipelines_work() -> None:
    search = GridSearchCV(TopicClassifier(pooling="article", longest=1), {"C": [0.01, 1.0]}, cv=2, scoring="f1_macro")
    assert search.fit(TEXTS, GOLD).best_params_ == {"C": 1.0}
    one = TopicClassifier(pooling="article", longest=1, C=1.0)
    assert cross_val_predict(one, TEXTS, GOLD, cv=2, method="predict_proba").shape == GOLD.shape
    assert cross_val_score(one, TEXTS, GOLD, cv=2).mean() > 0.5
    pipeline = make_pipeline(FunctionTransformer(lambda texts: [text.upper() for text in texts]), one)
    assert pipeline.fit(TEXTS, GOLD).predict(TEXTS).shape == GOLD.shape


@pytest.mark.parametrize("columns", [1, 2])
def test_scorers_take_columns_for_topics_however_few_they_are(columns: int) -> None:
    gold = GOLD[:, :columns]
    one = TopicClassifier(pooling="article", longest=1, C=1.0).fit(TEXTS, gold)
    for method in ("predict_proba", "decision_function"):
        assert cross_val_predict(one, TEXTS, gold, cv=2, method=method).shape == gold.shape
    expected = roc_auc_score(gold, one.predict_proba(TEXTS))
    assert get_scorer("roc_auc")(one, TEXTS, gold) == expected > 0.9


def test_topics_may_be_what_a_binarizer_calls_its_classes() -> None:
    for names in (np.array(TOPICS.ids), [7, 8]):
        named = TopicClassifier(topics=names, pooling="article", longest=1, C=1.0)
        assert clone(named).fit(TEXTS, GOLD).model_.topics.ids == tuple(map(str, names))


def test_what_was_not_judged_teaches_nothing() -> None:
    half = np.arange(len(TEXTS)) % 2 == 0
    unknown = np.where(half[:, None], GOLD, -1)
    some = TopicClassifier(pooling="article", longest=1).fit(TEXTS, unknown)
    assert some.model_.table.rows  # it learnt from the others
    with pytest.raises(TrainingError, match="0 has 0 articles that carry it and 0 that do not"):
        TopicClassifier().fit(TEXTS, np.full_like(GOLD, -1))


def test_misuse_is_a_clear_error(fitted: TopicClassifier) -> None:
    with pytest.raises(NotFittedError):
        TopicClassifier().predict(TEXTS)
    with pytest.raises(UsageError, match="sequence of texts"):
        fitted.predict("one text")
    with pytest.raises(UsageError, match="indicator matrix"):
        TopicClassifier().fit(TEXTS, ["sea"] * len(TEXTS))
    with pytest.raises(UsageError, match="a row a text"):
        TopicClassifier().fit(TEXTS[:-1], GOLD)
    with pytest.raises(UsageError, match="a name a column"):
        TopicClassifier(topics=["one"]).fit(TEXTS, GOLD)
    with pytest.raises(UsageError, match="article"):
        TopicClassifier(pooling="page").fit(TEXTS, GOLD)
    for setting in ({"precision": 1.5}, {"recall": 0.0}, {"C": 0.0}, {"longest": 6}, {"longest": 0}):
        with pytest.raises(UsageError, match=f"{next(iter(setting))} is "):
            TopicClassifier(**setting).fit(TEXTS, GOLD)
    with pytest.raises(UsageError, match="a text a group"):
        TopicClassifier().fit(TEXTS, GOLD, groups=["one"])
