"""Texts and an indicator matrix come in, an estimator for scikit-learn's tools goes out; files are unknown here."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from classifier.errors import UsageError
from classifier.features import LONGEST_RUN, POOLINGS
from classifier.model import TopicModel
from classifier.records import Annotation, Article, Example, Prediction
from classifier.saving import compiled
from classifier.topics import Topic, Topics, topic_name
from classifier.training import ARTICLE_RECIPES, Recipe, train

__all__ = ["TopicClassifier"]


class TopicClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A multi-label text classifier with thresholds, calibrated probabilities and an unsure band, all chosen in `fit`.

    `topics` names the columns of `y` (0, 1, 2 … if None), as `MultiLabelBinarizer.classes_` does; their names teach.
    `pooling` ("article" or "sentence"), `longest` (tokens in a word term) and `C` (inverse regularisation) are chosen by
    cross-validation where they are None. `precision`, `recall` and `at_least_one` are as for `classifier retrain`. `n_jobs`
    is the number of processes.

    After `fit`, `classes_` has what each column of `y` can say, 0 and 1, shape (topics, 2), so that scikit-learn's scorers
    take one or two topics for columns too and not for two classes; `model_` is the TopicModel, which can also explain.
    """

    model_: TopicModel

    def __init__(  # noqa: PLR0913 — the settings of a recipe
        self,
        *,
        topics: Sequence[object] | NDArray[Any] | None = None,
        pooling: str | None = None,
        longest: int | None = None,
        C: float | None = None,  # noqa: N803 — scikit-learn's name
        precision: float = 0.95,
        recall: float = 0.95,
        at_least_one: bool | None = None,
        n_jobs: int = 1,
    ) -> None:
        self.topics = topics
        self.pooling = pooling
        self.longest = longest
        self.C = C
        self.precision = precision
        self.recall = recall
        self.at_least_one = at_least_one
        self.n_jobs = n_jobs

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "model_" in state:  # a kernel stays in its process
            self.model_ = compiled(state["model_"])

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401 — scikit-learn's protocol
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.two_d_array = True, False
        tags.target_tags.required, tags.target_tags.multi_output, tags.target_tags.single_output = True, True, False
        tags.classifier_tags.multi_label = True
        return tags

    def fit(self, X: Sequence[str], y: ArrayLike, groups: Sequence[str] | None = None) -> Self:  # noqa: N803
        """Teach the texts `X`, given an indicator matrix of shape (texts, topics): 1 carries, 0 does not, -1 not judged.

        `groups` names what may not be torn apart between folds; without it near-duplicates stay together. Raises
        `UsageError` if shapes or values are others, `TrainingError` if there is too little to learn from.
        """
        texts, gold = _texts(X), _indicator(y)
        if len(texts) != len(gold):
            raise UsageError(f"There are {len(texts)} texts and {len(gold)} rows of y. Give a row a text.")
        ids = [str(column) for column in range(gold.shape[1])] if self.topics is None else [str(t) for t in self.topics]
        if len(ids) != gold.shape[1]:
            raise UsageError(f"There are {len(ids)} names in topics and {gold.shape[1]} columns in y. Give a name a column.")
        topics = Topics([Topic(topic, "" if self.topics is None else topic_name(topic), "") for topic in ids])
        names = [""] * len(texts) if groups is None else [str(group) for group in groups]
        if len(names) != len(texts):
            raise UsageError(f"There are {len(texts)} texts and {len(names)} groups. Give a text a group.")
        examples = [
            _example(number, text, row, ids, group)
            for number, (text, row, group) in enumerate(zip(texts, gold.tolist(), names, strict=True))
        ]
        self.model_ = compiled(train(examples, topics, self._recipes(), jobs=self.n_jobs).model)
        self.classes_ = np.tile([0, 1], (gold.shape[1], 1))
        return self

    def predict(self, X: Sequence[str]) -> NDArray[np.int64]:  # noqa: N803
        """Return an indicator matrix of shape (texts, topics)."""
        ids = self._fitted().topics.ids
        rows = [[int(topic in prediction.topics) for topic in ids] for prediction in self._predictions(X)]
        return np.array(rows, dtype=np.int64).reshape(-1, len(ids))

    def predict_proba(self, X: Sequence[str]) -> NDArray[np.float64]:  # noqa: N803
        """Return the calibrated probability of each topic, shape (texts, topics)."""
        width = len(self._fitted().topics)
        return np.array([list(p.probabilities.values()) for p in self._predictions(X)], dtype=float).reshape(-1, width)

    def decision_function(self, X: Sequence[str]) -> NDArray[np.float64]:  # noqa: N803
        """Return each score less its topic's threshold, shape (texts, topics): at 0 and above the answer is yes."""
        decisions = self._fitted().rule.decisions
        scores = np.array([list(p.scores.values()) for p in self._predictions(X)], dtype=float).reshape(-1, len(decisions))
        return np.asarray(scores - np.array([decision.threshold for decision in decisions]))

    def _fitted(self) -> TopicModel:
        check_is_fitted(self)
        return self.model_

    def _predictions(self, texts: Sequence[str]) -> list[Prediction]:
        return list(self._fitted().predict_many(Article(text) for text in _texts(texts)))

    def _recipes(self) -> list[Recipe]:
        """Return the recipes that agree with what the user has settled."""
        if self.pooling is not None and self.pooling not in POOLINGS:
            raise UsageError(f"pooling is {self.pooling!r}; it can be {' or '.join(POOLINGS)}. Use one of these.")
        for name, value in (("precision", self.precision), ("recall", self.recall)):
            if not 0 < value < 1:
                raise UsageError(f"{name} is {value}; it is a share between 0 and 1. Give one.")
        for name, most, number in (("C", np.inf, self.C), ("longest", LONGEST_RUN, self.longest)):
            if number is not None and not 0 < number <= most:
                raise UsageError(f"{name} is {number}; it lies above 0 and is {most} at most. Give such a number, or None.")
        wanted = [recipe for recipe in ARTICLE_RECIPES if self.pooling in {None, recipe.features.pooling}]
        return list(dict.fromkeys(self._settled(recipe) for recipe in wanted))

    def _settled(self, recipe: Recipe) -> Recipe:
        features = recipe.features if self.longest is None else replace(recipe.features, longest=self.longest)
        return replace(
            recipe,
            features=features,
            C=recipe.C if self.C is None else self.C,
            precision=self.precision,
            recall=self.recall,
            at_least_one=self.at_least_one,
        )


def _texts(texts: Sequence[str]) -> list[str]:
    """Return the texts as a list; a lone string, or anything in it that is none, raises `UsageError`."""
    if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
        raise UsageError("X is a sequence of texts, one string an article. Wrap a single text in a list.")
    return [str(text) for text in texts]


def _indicator(y: ArrayLike) -> NDArray[np.int64]:
    gold = np.asarray(y)
    if gold.ndim != 2 or not np.isin(gold, (-1, 0, 1)).all():  # noqa: PLR2004 — texts and topics
        raise UsageError(
            "y is an indicator matrix of shape (texts, topics) with 1, 0, or -1 for not judged. MultiLabelBinarizer makes"
            " such a matrix."
        )
    return gold.astype(np.int64)


def _example(number: int, text: str, row: Sequence[int], ids: Sequence[str], group: str) -> Example:
    carried: dict[str, tuple[int, ...]] = {topic: () for topic, gold in zip(ids, row, strict=True) if gold == 1}
    unknown = frozenset(topic for topic, gold in zip(ids, row, strict=True) if gold < 0)
    return Example(Article(text, id=str(number)), Annotation(str(number), "", carried, unknown), group)
