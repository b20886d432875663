"""Examples come in, a TopicModel goes out: folds, fitting, thresholds, calibration; files and reports are unknown here.

Every sentence of a training article is an example of its own. Every article is scored by a model that has not seen its
event (grouped cross-validation); on those scores the thresholds, the bands and the probabilities are chosen, and the
evaluation rests on them.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

from classifier.decision import Decision, Rule, Sigmoid
from classifier.errors import TrainingError
from classifier.features import Bag, FeatureSettings, HintLists, article_bags, hint_topic, hint_value
from classifier.model import Norms, Table, TopicModel, read_sentences
from classifier.records import Annotation, Example
from classifier.text import tokens
from classifier.topics import Topics

__all__ = [
    "DEFAULT_RECIPE",
    "Recipe",
    "Training",
    "choose_threshold",
    "package_versions",
    "settings",
    "split_folds",
    "train",
    "with_card",
]

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Recipe:
    """Every setting of training, each with its reason.

    - `features`: see `FeatureSettings`.
    - `rarest`: a word term must stand in this many sentences; on one occurrence nothing can be learnt that lasts.
    - `C`: inverse regularisation of LinearSVC; chosen by cross-validation on the corpus among 0.1, 0.3, 1 and 2.
    - `folds`: 5 leaves four fifths of the articles to each model, and ten times five fits would gain little.
    - `precision`, `recall`: what the answers outside the unsure band promise.
    - `seed`: liblinear shuffles its coordinates; a fixed seed makes the model reproducible.
    """

    features: FeatureSettings = field(default_factory=FeatureSettings)
    rarest: int = 2
    C: float = 2.0
    folds: int = 5
    precision: float = 0.95
    recall: float = 0.95
    seed: int = 0


DEFAULT_RECIPE = Recipe()


@dataclass(frozen=True, slots=True)
class Training:
    """A model, and what cross-validation said of the articles it was made from.

    `scores` has shape (articles, topics): each article scored by a model that has not seen its event. `fold` has the
    fold of each article. `gold` has shape (articles, topics): 1 carries, 0 does not, -1 not judged. `thresholds` has
    shape (folds, topics): each row was chosen without the articles of that fold. `best` has shape (articles, topics):
    the number of the sentence that gave the score.
    """

    model: TopicModel
    scores: Matrix
    best: NDArray[np.int64]
    fold: NDArray[np.int64]
    gold: NDArray[np.int64]
    thresholds: Matrix


def train(examples: Sequence[Example], topics: Topics, recipe: Recipe, *, jobs: int = 1) -> Training:
    """Teach a model from examples whose annotations name evidence sentences.

    The same examples, topics and recipe give the same model under any number of `jobs` (processes). Raises
    `TrainingError` if there is too little to learn from.
    """
    data = _Sentences.of(examples, topics, recipe)
    _demand_enough(data.gold, topics, len({example.group for example in examples}), recipe)
    fold = split_folds([example.group for example in examples], data.gold, recipe.folds)
    parts = [fold != number for number in range(recipe.folds)] + [np.ones(len(examples), dtype=bool)]
    fitted = Parallel(n_jobs=jobs)(delayed(_fit)(data, part, recipe) for part in parts)
    unseen = np.empty(data.labels.shape)
    for number, lines in enumerate(fitted[:-1]):
        held_out = fold[data.article] == number
        unseen[held_out] = lines.scores(data)[held_out]
    scores, best = data.pool(unseen)
    thresholds = np.array([data.thresholds(unseen, fold != number) for number in range(recipe.folds)])
    final = data.thresholds(unseen, np.ones(len(examples), dtype=bool))
    decisions = [_decide(data.gold[:, k], scores[:, k], final[k], recipe) for k in range(len(topics))]
    table = fitted[-1].table(data)
    model = TopicModel(
        topics,
        HintLists.of_topics(topics),
        recipe.features,
        table,
        Rule(tuple(decisions)),
        Norms(),
        {"recipe": settings(recipe)},
    )
    return Training(model, scores, best, fold, data.gold, thresholds)


def settings(recipe: Recipe) -> dict[str, object]:
    """Return every setting of a recipe by name, those of the features among them."""
    return {**asdict(recipe.features), **{key: value for key, value in asdict(recipe).items() if key != "features"}}


def package_versions() -> dict[str, str]:
    """Return the versions of the packages on which the numbers of a model depend."""
    return {name: version(name) for name in ("numpy", "scipy", "scikit-learn")}


def _demand_enough(gold: NDArray[np.int64], topics: Topics, groups: int, recipe: Recipe) -> None:
    """Raise `TrainingError` unless every topic has something to be told from in every fold."""
    if groups < recipe.folds:
        raise TrainingError(
            f"There are {groups} events to train from; each of {recipe.folds} folds needs one. Add articles on other events."
        )
    for column, topic in enumerate(topics.ids):
        positives, negatives = int((gold[:, column] == 1).sum()), int((gold[:, column] == 0).sum())
        if min(positives, negatives) < recipe.folds:
            raise TrainingError(
                f"Topic {topic} has {positives} articles that carry it and {negatives} that do not; each needs"
                f" {recipe.folds} or more, one a fold. Label more articles, or take the topic off the list."
            )


# ----------------------------------------------------------------------------------------------------------------- folds


def split_folds(groups: Sequence[str], gold: NDArray[np.int64], folds: int) -> NDArray[np.int64]:
    """Return the fold of each article so that a group lies in one fold and every topic is spread evenly.

    Groups are dealt out by falling number of articles, each to the fold that has the fewest positives of the group's
    topics, then the fewest articles (after Sechidis, Tsoumakas and Vlahavas, On the stratification of multi-label data,
    ECML 2011, section 4). Ties are broken by a digest of the group's name, so the order of articles does not matter.
    """
    members: dict[str, list[int]] = {}
    for number, group in enumerate(groups):
        members.setdefault(group, []).append(number)
    positives = (gold == 1).astype(float)
    rarity = 1.0 / np.maximum(positives.sum(axis=0), 1.0)  # a rare topic's positives weigh more
    load, size = np.zeros((folds, gold.shape[1])), np.zeros(folds)
    fold = np.empty(len(groups), dtype=np.int64)
    for group in sorted(members, key=lambda name: (-len(members[name]), hashlib.sha256(name.encode()).hexdigest())):
        carried = positives[members[group]].sum(axis=0)
        costs = load @ (carried * rarity)
        chosen = min(range(folds), key=lambda number: (costs[number], size[number], number))
        fold[members[group]] = chosen
        load[chosen] += carried
        size[chosen] += len(members[group])
    return fold


# ------------------------------------------------------------------------------------------------------------- sentences


@dataclass(frozen=True, slots=True)
class _Sentences:
    """All sentences of all articles as matrices; rows are sentences, in the order of the articles.

    `counts` holds 1 + ln n for a word that occurs n times, `hints` the weight of each hint that holds; their columns are
    `words` and `hint_terms`. `labels` has shape (sentences, topics): 1 evidence, 0 not, -1 neither teaches nor counts.
    `first` has the row where each article begins; `article` the article of each row, `number` its sentence number there.
    """

    topics: tuple[str, ...]
    words: list[str]
    hint_terms: list[str]
    counts: Any
    hints: Any
    labels: NDArray[np.int64]
    first: NDArray[np.int64]
    article: NDArray[np.int64]
    number: NDArray[np.int64]
    gold: NDArray[np.int64]

    @classmethod
    def of(cls, examples: Sequence[Example], topics: Topics, recipe: Recipe) -> "_Sentences":
        """Read every article once."""
        lists = HintLists.of_topics(topics)
        bags: list[Bag] = []
        labels: list[list[int]] = []
        article: list[int] = []
        numbers: list[int] = []
        for number, example in enumerate(examples):
            content = example.article.content
            spans, own = read_sentences(example.article)
            bags += article_bags([tokens(content[spans[n][0] : spans[n][1]]) for n in own], lists, recipe.features)
            labels += _article_labels(example, topics, own, bags[-len(own) :] if own else [])
            article += [number] * len(own)
            numbers += own
        gold = [[-1 if t in e.annotation.unknown else int(t in e.annotation.evidence) for t in topics.ids] for e in examples]
        rows = np.array(article, dtype=np.int64)
        frequency = Counter(word for bag in bags for word in bag.words)
        words = sorted(word for word, count in frequency.items() if count >= recipe.rarest)
        hint_terms = sorted({hint for bag in bags for hint in bag.hints})
        return cls(
            topics.ids,
            words,
            hint_terms,
            _matrix(({w: 1.0 + math.log(n) for w, n in bag.words.items()} for bag in bags), words),
            _matrix(({h: hint_value(h, recipe.features) for h in bag.hints} for bag in bags), hint_terms),
            np.array(labels, dtype=np.int64).reshape(-1, len(topics)),
            np.searchsorted(rows, np.arange(len(examples))),
            rows,
            np.array(numbers, dtype=np.int64),
            np.array(gold, dtype=np.int64).reshape(-1, len(topics)),
        )

    def pool(self, scores: Matrix) -> tuple[Matrix, NDArray[np.int64]]:
        """Return the best sentence's score of each article and that sentence's number, each of shape (articles, topics)."""
        highest = np.maximum.reduceat(scores, self.first, axis=0)
        reached = np.where(scores == highest[self.article], np.arange(len(scores))[:, None], len(scores))
        return highest, self.number[np.minimum.reduceat(reached, self.first, axis=0)]

    def weights(self, column: int) -> Matrix:
        """Return how much each sentence counts for a topic: evidence less where its article has much of it, all else 1.

        The article is what is judged in the end, and one that says a thing once must not be drowned by one that says it
        ten times. Sharing an article's weight out among its evidence (1/n) would make every long report as light as a
        brief, so we take the middle, 1/√n. The weights of all evidence sum to its number.
        """
        evidence = self.labels[:, column] == 1
        weights = np.ones(len(evidence))
        weights[evidence] = 1.0 / np.sqrt(np.bincount(self.article, evidence)[self.article][evidence])
        weights[evidence] *= evidence.sum() / weights[evidence].sum()
        return weights

    def thresholds(self, scores: Matrix, part: NDArray[np.bool_]) -> list[float]:
        """Return the threshold of each topic, chosen on the sentences of the articles in `part`.

        A sentence is what a reader judges and the article follows from it, so the threshold parts sentences. Chosen on
        articles it would lie where the plainest sentence of an article passes: the corpus tells its topics more plainly
        than the world does, and real articles that say it once and drily would be missed.
        """
        rows = part[self.article]
        return [
            choose_threshold(self.labels[rows, k], scores[rows, k], self.weights(k)[rows]) for k in range(scores.shape[1])
        ]


def _article_labels(example: Example, topics: Topics, own: Sequence[int], bags: Sequence[Bag]) -> list[list[int]]:
    """Return what each of an article's own sentences teaches of each topic: 1, 0, or -1 for nothing.

    In an article that carries a topic, a sentence without any name of the topic teaches nothing of it: whether it goes on
    about the topic is seen only beside its neighbours. Where no evidence sentence has a name, names say nothing.
    """
    columns = []
    for topic in topics.ids:
        named = [any(hint_topic(hint) == topic for hint in bag.hints if ":" not in hint) for bag in bags]
        labels = [_label(example.annotation, topic, sentence) for sentence in own]
        if any(label == 1 and name for label, name in zip(labels, named, strict=True)):
            labels = [label if name else -1 for label, name in zip(labels, named, strict=True)]
        columns.append(labels)
    return [list(row) for row in zip(*columns, strict=True)]


def _label(annotation: Annotation, topic: str, sentence: int) -> int:
    """Return what readers said of a sentence: 1, 0, or -1 for doubtful or not judged."""
    if topic in annotation.unknown or sentence in annotation.doubtful.get(topic, ()):
        return -1
    return int(sentence in annotation.evidence.get(topic, ()))


def _matrix(rows: Iterator[dict[str, float]], columns: Sequence[str]) -> Any:
    """Return a sparse matrix from rows of weights by term; terms without a column are left out."""
    place = {term: column for column, term in enumerate(columns)}
    data: list[float] = []
    indices: list[int] = []
    ends = [0]
    for row in rows:
        known = sorted((place[term], value) for term, value in row.items() if term in place)
        indices += [column for column, _ in known]
        data += [value for _, value in known]
        ends.append(len(data))
    return sparse.csr_array(
        (np.array(data, dtype=float), np.array(indices, dtype=np.int32), np.array(ends, dtype=np.int32)),
        shape=(len(ends) - 1, len(columns)),
    )


# --------------------------------------------------------------------------------------------------------------- fitting


@dataclass(frozen=True, slots=True)
class _Lines:
    """What was fitted: idf of the words (0 where the training part lacks the word), weights and bias."""

    idf: Matrix
    weights: Matrix
    bias: Matrix

    def scores(self, data: _Sentences) -> Matrix:
        """Return the score of every sentence, shape (sentences, topics)."""
        return np.asarray(_weighted(data, self.idf) @ self.weights) + self.bias

    def table(self, data: _Sentences) -> Table:
        """Return the table with the rows that any column uses."""
        width = self.weights.shape[1]
        used = np.flatnonzero(np.abs(self.weights).max(axis=1) > 0)
        terms = data.words + data.hint_terms
        # A hint's row carries the value that the hint has when it holds, as a word's row carries its idf.
        value = np.concatenate([self.idf, np.ravel(data.hints.max(axis=0).toarray())])
        rows = {terms[old]: new for new, old in enumerate(used)}
        weights = [float(w) for old in used for w in self.weights[old, :width]]
        return Table(rows, [float(value[old]) for old in used], weights, [float(b) for b in self.bias])


def _weighted(data: _Sentences, idf: Matrix) -> Any:
    """Return the weighted terms of every sentence: TF-IDF of the words at length 1, hints beside them."""
    words = normalize(data.counts @ sparse.diags_array(idf), copy=False)
    return sparse.hstack([words, data.hints], format="csr")


def _fit(data: _Sentences, part: NDArray[np.bool_], recipe: Recipe) -> _Lines:
    """Fit every topic on the sentences of the articles in `part`; it hears all words, and the hints of its own lists."""
    rows = part[data.article]
    counts = data.counts[rows]
    present = np.bincount(counts.indices, minlength=counts.shape[1])
    # Smooth inverse document frequency as in scikit-learn's TfidfTransformer; a sentence is the document here.
    # math.log and not np.log: numpy's differs in the last bit between processors, and the same model must come out of all.
    total = 1.0 + counts.shape[0]
    idf = np.array([math.log(total / (1.0 + n)) + 1.0 if n else 0.0 for n in present.tolist()])
    features = _weighted(data, idf)
    weights, bias = np.zeros((features.shape[1], len(data.topics))), np.zeros(len(data.topics))
    for column, topic in enumerate(data.topics):
        taught = rows & (data.labels[:, column] >= 0)
        heard = np.array([True] * len(data.words) + [hint_topic(hint) == topic for hint in data.hint_terms])
        machine = LinearSVC(C=recipe.C, random_state=recipe.seed)
        machine.fit(features[taught][:, heard], data.labels[taught, column], sample_weight=data.weights(column)[taught])
        weights[heard, column] = machine.coef_[0]
        bias[column] = machine.intercept_[0]
    return _Lines(idf, weights, bias)


# ------------------------------------------------------------------------------------------------------------- decisions


def choose_threshold(gold: NDArray[np.int64], scores: Matrix, weights: Matrix) -> float:
    """Return the threshold with the greatest F1 on scores of what the model has not seen.

    It lies halfway between the last score it lets in and the next. Entries of gold are 1, 0, or -1 for not judged; each
    counts with its weight.
    """
    judged = gold >= 0
    order = np.argsort(-scores[judged], kind="stable")
    ranked, counted = scores[judged][order], weights[judged][order]
    hits, let_in = np.cumsum(counted * gold[judged][order]), np.cumsum(counted)
    f1 = 2.0 * hits / (let_in + hits[-1])
    f1[:-1][ranked[:-1] == ranked[1:]] = -1.0  # equal scores cannot be told apart
    best = int(np.argmax(f1))
    following = ranked[best + 1] if best + 1 < len(ranked) else ranked[best] - 1.0
    return float((ranked[best] + following) / 2.0)


# lbfgs stops at a tolerance of 1e-4: digits beyond are chance, and differ between processors.
_PLATT_DIGITS = 4


def _decide(gold: NDArray[np.int64], scores: Matrix, threshold: float, recipe: Recipe) -> Decision:
    """Choose unsure band and calibration of one topic from scores of articles the model has not seen."""
    judged = gold >= 0
    gold, scores = gold[judged], scores[judged]
    platt = LogisticRegression(C=np.inf, solver="lbfgs")
    platt.fit(scores[:, None], gold)
    slope, intercept = (round(float(n), _PLATT_DIGITS) for n in (platt.coef_[0, 0], platt.intercept_[0]))
    lower, upper = _band(gold, scores, threshold, recipe)
    return Decision(threshold, lower, upper, Sigmoid(slope, slope, intercept))


def _band(gold: NDArray[np.int64], scores: Matrix, threshold: float, recipe: Recipe) -> tuple[float, float]:
    """Return the band round the threshold outside which yes and no keep the promised precision and recall."""
    order = np.argsort(-scores, kind="stable")
    ranked, hits = scores[order], np.cumsum(gold[order])
    precise = np.flatnonzero(hits / np.arange(1, len(ranked) + 1) >= recipe.precision)
    upper = ranked[precise[-1]] if len(precise) else ranked[0] + 1.0
    complete = np.flatnonzero(hits >= recipe.recall * hits[-1])
    lower = ranked[complete[0]]
    return float(min(lower, threshold)), float(max(upper, threshold))


def with_card(model: TopicModel, **entries: object) -> TopicModel:
    """Return the model with more entries in its card."""
    card = {**model.card, **entries}
    return TopicModel(model.topics, model.hints, model.settings, model.table, model.rule, model.norms, card)
