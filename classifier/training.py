"""Examples come in, a TopicModel goes out: folds, fitting, choice, thresholds, calibration; files are unknown here.

Every article is scored by a model that has not seen its event (grouped cross-validation). On those scores the recipe, the
thresholds, the bands and the curves are chosen, and the evaluation rests on them.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy import sparse
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC
from tqdm import tqdm

from classifier.calibration import choose_calibration
from classifier.decision import Decision, Rule
from classifier.errors import TrainingError
from classifier.evaluation import average_precision
from classifier.features import FeatureSettings, HintLists, hint_topic
from classifier.folds import near_duplicates, split_folds
from classifier.matrices import Passages, read_examples
from classifier.model import Norms, Table, TopicModel
from classifier.records import Example
from classifier.splits import Split
from classifier.thresholds import Promise, choose_band, f1_threshold, micromacro_thresholds
from classifier.topics import Topics

__all__ = [
    "ARTICLE_RECIPES",
    "EVIDENCE_RECIPES",
    "Recipe",
    "Training",
    "answer_splits",
    "demand_room",
    "has_evidence",
    "package_versions",
    "settings",
    "train",
    "with_card",
]

Labels = NDArray[np.int64]
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Recipe:
    """Every setting of training, each with its reason.

    - `features`: see `FeatureSettings`.
    - `rarest`: a word term must stand in this many passages; on one occurrence nothing can be learnt that lasts.
    - `C`: inverse regularisation of LinearSVC.
    - `names`: whether each topic's name and definition teach it, as one article more.
    - `shrinkage`: see `micromacro_thresholds`. On the training part of Reuters R90 micro-F1 and macro-F1, thresholds chosen
      without the fold, have the greatest sum at 2 among 0, 1, 2, 5 and 10.
    - `folds`: 5 leaves four fifths of the articles to each model, and ten times five fits would gain little.
    - `rounds`: how often the articles are dealt out anew; thresholds are means over rounds.
    - `precision`, `recall`: what the answers outside the unsure band promise.
    - `confidence`: how sure it is that all these promises hold together, two a topic (Bonferroni): a desk acts on
      all of them, and of a hundred promises that are each sure to 95 % five are broken.
    - `at_least_one`: whether every article carries a topic; None looks whether all training articles do.
    - `tolerance`: where liblinear stops; finer changes no figure of Reuters R90 in its third digit.
    - `seed`: liblinear shuffles its coordinates; a fixed seed makes the model reproducible.
    """

    features: FeatureSettings = field(default_factory=FeatureSettings)
    rarest: int = 2
    C: float = 2.0
    names: bool = False
    shrinkage: float = 2.0
    folds: int = 5
    rounds: int = 2
    precision: float = 0.95
    recall: float = 0.95
    confidence: float = 0.95
    at_least_one: bool | None = None
    tolerance: float = 1e-2
    seed: int = 0


# Where gold names evidence sentences. C was chosen by cross-validation on the corpus among 0.1, 0.3, 1 and 2.
EVIDENCE_RECIPES = (Recipe(at_least_one=False, rounds=1, tolerance=1e-4),)
_WHOLE = FeatureSettings(pooling="article", longest=1)
# Where gold is topics of articles only: cross-validation chooses among these.
ARTICLE_RECIPES = (
    Recipe(_WHOLE, C=1.0, names=True),
    Recipe(_WHOLE, C=0.25, names=True),
    Recipe(replace(_WHOLE, longest=2), C=1.0, names=True),
    Recipe(FeatureSettings(longest=1), C=1.0, names=True),
)
_TRIED = 2  # folds on which recipes are compared: the differences that matter show
_SAMPLE = 1000  # articles: enough to see two hundredths of average precision
_TELLING = 10  # articles that carry a topic: with fewer its ranking is chance
_PATIENCE = 2.0  # seconds
_FEWEST = 10  # articles: with fewer, folds of two or less say nothing
_COMMON = 100  # the most frequent words of a language make up half of a text
_SHORTFALL = 2.0  # an article has at least half as many common words as all but one in a hundred of the training articles
_SHOWN = 10  # names in a remark
_NEVER = -1.0  # the score of a topic for which a fold has no example: LinearSVC's own score for a plain no
_BLAS_ROOM, _NOT_SMALL = 2**26, 128  # bytes, twice what OpenBLAS takes at once; rows, of fewer it makes no use of that


@dataclass(frozen=True, slots=True)
class Training:
    """A model, and what cross-validation said of the articles it was made from.

    `scores` and `probabilities` have shape (articles, topics): each article answered by a model, and a curve, that have not
    seen its event. `fold` has the fold of each article. `gold` has shape (articles, topics): 1 carries, 0 does not, -1 not
    judged. `thresholds` has shape (folds, topics): each row was chosen without the articles of that fold. `best` has shape
    (articles, topics): the number of the sentence that gave the score. `groups` has what held articles together in one
    fold. `tried` has the average precision of each recipe that was compared. `remarks` say what the user should know of the
    training articles. `passages` is what was read of them.
    """

    model: TopicModel
    recipe: Recipe
    scores: Matrix
    probabilities: Matrix
    best: Labels
    fold: Labels
    gold: Labels
    thresholds: Matrix
    groups: tuple[str, ...]
    tried: tuple[tuple[Recipe, float], ...]
    remarks: tuple[str, ...]
    passages: Passages = field(repr=False)


def has_evidence(examples: Sequence[Example]) -> bool:
    """Tell whether gold names evidence sentences wherever it gives a topic."""
    return all(sentences for example in examples for sentences in example.annotation.evidence.values())


def demand_room() -> None:
    """Let the linear algebra under numpy take the memory that it works in, or raise `MemoryError`.

    It takes it with its first product of matrices that are not small. Where there is none, the OpenBLAS of numpy 1.26 asks
    for ever, and nobody would know why training does not end.
    """
    bytearray(_BLAS_ROOM)
    np.ones((_NOT_SMALL, _NOT_SMALL)) @ np.ones((_NOT_SMALL, _NOT_SMALL))


def train(examples: Sequence[Example], topics: Topics, recipes: Sequence[Recipe], *, jobs: int = 1) -> Training:
    """Teach a model from examples by the recipe that cross-validation prefers.

    An example without a group is held together with its near-duplicates. The same examples, topics and recipes give the same
    model under any number of `jobs` (processes). Raises `TrainingError` if there is too little to learn from.
    """
    remarks = _demand_enough(examples, topics, recipes[0])
    demand_room()
    recipe, tried = _choose(examples, topics, recipes, jobs)
    data = _read(examples, topics, recipe)
    groups = _groups(examples, data)
    folds = _folds(groups, data.gold, recipe)
    everyone = np.ones(len(data.gold), dtype=bool)
    parts = [folds[0] != number for number in range(recipe.folds)]
    rounds = _unseen_scores(data, folds, range(recipe.folds), recipe, jobs)
    scores, best = data.pool(rounds[0])
    by_sentence = has_evidence(examples) and recipe.features.pooling == "sentence"
    choose = _sentence_thresholds if by_sentence else _article_thresholds
    *without, thresholds = [choose(data, rounds, part, recipe) for part in (*parts, everyone)]
    at_least_one = bool((data.gold == 1).any(axis=1).all()) if recipe.at_least_one is None else recipe.at_least_one
    if at_least_one and recipe.at_least_one is None:
        remarks.append("Every training article carries a topic, so every article will be given one or more.")
    lines = _teach(data, everyone, recipe)
    decisions, probabilities = _decide(data.gold, scores, folds[0], thresholds, recipe)
    model = TopicModel(
        topics,
        HintLists.of_topics(topics),
        recipe.features,
        lines.table(data),
        Rule(decisions, at_least_one=at_least_one),
        _norms(data, lines.idf),
        {"recipe": settings(recipe)},
    )
    return Training(
        model,
        recipe,
        scores,
        probabilities,
        best,
        folds[0],
        data.gold,
        np.array(without),
        tuple(groups),
        tuple(tried),
        tuple(remarks),
        data,
    )


def answer_splits(
    examples: Sequence[Example], training: Training, splits: Sequence[Split], *, jobs: int = 1
) -> list[tuple[Matrix, Matrix]]:
    """Return for each split the scores of the articles and the thresholds of the parts, all by the training's recipe.

    Scores have shape (articles, topics), NaN where no model answers. Thresholds have shape (parts, topics): a part's are
    chosen on those of the articles which taught its model that have an answer themselves, and are NaN if no such article was
    judged for some topic. The same under any number of `jobs` (processes).
    """
    data, recipe = training.passages, training.recipe
    owner = data.article[data.scored]
    tasks = [
        (number, taught, split.part == part)
        for number, split in enumerate(splits)
        for part, taught in enumerate(split.taught)
        if taught.any() and (split.part == part).any()
    ]
    fits = Parallel(n_jobs=jobs, return_as="generator")(delayed(_answered)(data, *task[1:], recipe) for task in tasks)
    bar = tqdm(fits, total=len(tasks), desc="splits", unit="fit", delay=_PATIENCE, disable=None, leave=False)
    passages = [np.full((len(owner), len(data.topics)), _NEVER) for _ in splits]
    answered = [np.zeros(len(data.gold), dtype=bool) for _ in splits]
    for (number, _, part), scores in zip(tasks, bar, strict=True):
        passages[number][part[owner]] = scores
        answered[number] |= part
    by_sentence = has_evidence(examples) and recipe.features.pooling == "sentence"
    choose = _sentence_thresholds if by_sentence else _article_thresholds
    found = []
    for split, scores, known in zip(splits, passages, answered, strict=True):
        thresholds = np.full((len(split.taught), len(data.topics)), np.nan)
        for part, taught in enumerate(split.taught & known):
            if (data.gold[taught] >= 0).any(axis=0).all():
                thresholds[part] = choose(data, [scores], taught, recipe)
        found.append((np.where(known[:, None], data.pool(scores)[0], np.nan), thresholds))
    return found


def settings(recipe: Recipe) -> dict[str, object]:
    """Return every setting of a recipe by name, those of the features among them."""
    return {**asdict(recipe.features), **{key: value for key, value in asdict(recipe).items() if key != "features"}}


def package_versions() -> dict[str, str]:
    """Return the versions of the packages on which the numbers of a model depend."""
    return {name: version(name) for name in ("numpy", "scipy", "scikit-learn")}


def with_card(model: TopicModel, **entries: object) -> TopicModel:
    """Return the model with more entries in its card."""
    card = {**model.card, **entries}
    return TopicModel(model.topics, model.hints, model.settings, model.table, model.rule, model.norms, card)


# --------------------------------------------------------------------------------------------------------- before fitting


def _demand_enough(examples: Sequence[Example], topics: Topics, recipe: Recipe) -> list[str]:
    """Raise `TrainingError` unless every topic has something to be told from; return remarks on those that have little."""
    if len(examples) < _FEWEST:
        raise TrainingError(f"There are {len(examples)} labelled articles; a model needs {_FEWEST} or more. Label more.")
    rare = []
    for topic in topics.ids:
        judged = [example.annotation for example in examples if topic not in example.annotation.unknown]
        positives = sum(topic in annotation.evidence for annotation in judged)
        negatives = len(judged) - positives
        if not positives or not negatives:
            raise TrainingError(
                f"Topic {topic} has {positives} articles that carry it and {negatives} that do not; a model needs both."
                " Label such articles, or take the topic out of the topic list and the labels."
            )
        if min(positives, negatives) < recipe.folds:
            rare.append(f"{topic} ({min(positives, negatives)})")
    if not rare:
        return []
    shown = ", ".join(rare[:_SHOWN]) + (f" and {len(rare) - _SHOWN} more" if len(rare) > _SHOWN else "")
    return [f"Fewer than {recipe.folds} articles speak for or against {shown}: their answers rest on little."]


def _read(examples: Sequence[Example], topics: Topics, recipe: Recipe) -> Passages:
    """Return the passages of the articles. Raises `TrainingError` if they have no word in common that could teach."""
    data = read_examples(examples, topics, recipe.features, recipe.rarest, names=recipe.names)
    if not data.words:
        raise TrainingError(
            f"No word stands in {recipe.rarest} passages of the {len(examples)} articles. Look whether their texts are"
            " texts, and label more."
        )
    return data


def _groups(examples: Sequence[Example], data: Passages) -> list[str]:
    """Return the group of each article: its own, or the first article that it nearly repeats."""
    if all(example.group for example in examples):
        return [example.group for example in examples]
    leaders = near_duplicates(data.words_by_article()).tolist()
    return [
        example.group or f"like {examples[leader].article.id}" for example, leader in zip(examples, leaders, strict=True)
    ]


def _folds(groups: Sequence[str], gold: Labels, recipe: Recipe) -> list[Labels]:
    """Return the fold of each article, once for each round of cross-validation; rounds deal out groups in another order."""
    if len(set(groups)) < recipe.folds:
        raise TrainingError(
            f"The articles fall into {len(set(groups))} groups (one event, or near-duplicates of each other), and each of"
            f" {recipe.folds} folds needs one. Add articles on other events."
        )
    return [split_folds([f"{group}{' again' * n}" for group in groups], gold, recipe.folds) for n in range(recipe.rounds)]


def _choose(
    examples: Sequence[Example], topics: Topics, recipes: Sequence[Recipe], jobs: int
) -> tuple[Recipe, list[tuple[Recipe, float]]]:
    """Return the recipe that ranks all pairs of article and topic best on held-out folds, and what each reached.

    Average precision over all pairs needs no thresholds, which would have to be chosen for each recipe first. Recipes are
    compared on `_SAMPLE` articles at most, by the topics that `_TELLING` of these carry: all would cost more than the model.
    """
    if len(recipes) == 1:
        return recipes[0], []
    sample = sorted(examples, key=lambda e: hashlib.sha256((e.group or e.article.id).encode()).digest())[:_SAMPLE]
    carried = Counter(topic for example in sample for topic in example.annotation.evidence)
    told = Topics([topic for topic in topics if carried[topic.id] >= _TELLING] or topics)
    tried = []
    for recipe in recipes:
        data = _read(sample, told, recipe)
        fold = _folds(_groups(sample, data), data.gold, recipe)[0]
        (unseen,) = _unseen_scores(data, [fold], range(_TRIED), recipe, jobs)
        scores, _ = data.pool(unseen)
        seen = fold < _TRIED
        tried.append((recipe, average_precision(data.gold[seen].ravel(), scores[seen].ravel())))
    return max(tried, key=lambda pair: pair[1])[0], tried


# --------------------------------------------------------------------------------------------------------------- fitting


def _unseen_scores(
    data: Passages, folds: Sequence[Labels], numbers: Sequence[int], recipe: Recipe, jobs: int
) -> list[Matrix]:
    """Return for each round the score of every passage of an article by a model that has not seen its fold.

    Passages of folds that are not among `numbers` have NaN. A bar shows those who wait how far it is.
    """
    owner = data.article[data.scored]
    tasks = [(fold, number) for fold in folds for number in numbers]
    fits = Parallel(n_jobs=jobs, return_as="generator")(delayed(_held_out)(data, *task, recipe) for task in tasks)
    bar = tqdm(fits, total=len(tasks), desc="folds", unit="fit", delay=_PATIENCE, disable=None, leave=False)
    rounds = [np.full((len(owner), len(data.topics)), np.nan) for _ in folds]
    try:
        for place, ((fold, number), scores) in enumerate(zip(tasks, bar, strict=True)):
            rounds[place // len(numbers)][fold[owner] == number] = scores
    except BrokenExecutor:
        raise TrainingError(
            "A process that was training ended before its work was done, perhaps for want of memory. Give fewer --jobs."
        ) from None
    return rounds


def _held_out(data: Passages, fold: Labels, number: int, recipe: Recipe) -> Matrix:
    """Return the scores of the passages of one fold by a model that has not seen it."""
    return _answered(data, fold != number, fold == number, recipe)


def _answered(data: Passages, taught: NDArray[np.bool_], part: NDArray[np.bool_], recipe: Recipe) -> Matrix:
    """Return the scores of the passages of the articles in `part` by a model that was taught by others."""
    return _teach(data, taught, recipe).scores(data, np.flatnonzero(part[data.article[data.scored]]))


@dataclass(frozen=True, slots=True)
class _Lines:
    """What was fitted: idf of the words (0 where the training part lacks the word), weights and bias."""

    idf: Matrix
    weights: Matrix
    bias: Matrix

    def scores(self, data: Passages, rows: Labels) -> Matrix:
        """Return the scores of these rows, shape (rows, topics)."""
        return np.asarray(_weighted(data, rows, self.idf) @ self.weights) + self.bias

    def table(self, data: Passages) -> Table:
        """Return the table with the rows that any column uses: words by rising idf, then hints.

        Frequent words stand together, so that a text's look-ups touch little memory.
        """
        used = np.flatnonzero(np.abs(self.weights).max(axis=1) > 0)
        words = used[used < len(data.words)]
        used = np.concatenate([words[np.argsort(self.idf[words], kind="stable")], used[len(words) :]])
        terms = data.words + data.hint_terms
        # A hint's row carries the value that the hint has when it holds, as a word's row carries its idf.
        value = np.concatenate([self.idf, np.ravel(data.hints.max(axis=0).toarray())])
        rows = {terms[old]: new for new, old in enumerate(used.tolist())}
        return Table(rows, value[used].tolist(), self.weights[used].ravel().tolist(), self.bias.tolist())


def _weighted(data: Passages, rows: Labels, idf: Matrix) -> Any:
    """Return the weighted terms of these rows: TF-IDF of the words at length 1, hints beside them."""
    counts = data.counts[rows].astype(float)
    most = int(counts.data.max(initial=0))
    # math.log and not np.log, here and below: numpy's differs in the last bit between processors, and the same model must
    # come out of all.
    sublinear = np.array([0.0] + [1.0 + math.log(n) for n in range(1, most + 1)])
    counts.data = sublinear[counts.data.astype(np.int64)] * idf[counts.indices]
    words = normalize(counts, copy=False)
    return sparse.hstack([words, data.hints[rows]], format="csr") if data.hint_terms else words


def _teach(data: Passages, part: NDArray[np.bool_], recipe: Recipe) -> _Lines:
    """Fit the articles in `part`; where gold names no sentence, choose one first.

    Every sentence of an article that carries a topic is first held for evidence; of each such article the sentence that
    this model likes best then remains (Andrews, Tsochantaridis and Hofmann, Support vector machines for multiple-instance
    learning, NIPS 2002, section 3.2, MI-SVM; one round).
    """
    rows = np.flatnonzero(data.rows_of(part))
    undecided = data.undecided()
    if undecided is None:
        return _fit(data, rows, data.labels, recipe)
    first = _fit(data, rows, np.where(undecided, 1, data.labels), recipe)
    scores = np.where(undecided, first.scores(data, np.arange(len(data.labels))), -np.inf)
    return _fit(data, rows, np.where(data.highest(scores) & undecided, 1, data.labels), recipe)


def _fit(data: Passages, rows: Labels, labels: Labels, recipe: Recipe) -> _Lines:
    """Fit every topic on these rows; it hears all words, and the hints of its own lists."""
    present = np.bincount(data.counts[rows].indices, minlength=len(data.words))
    # Smooth inverse document frequency as in scikit-learn's TfidfTransformer; a passage is the document here.
    total = 1.0 + len(rows)
    idf = np.array([math.log(total / (1.0 + n)) + 1.0 if n else 0.0 for n in present.tolist()])
    features = _weighted(data, rows, idf)
    weights, bias = np.zeros((features.shape[1], len(data.topics))), np.full(len(data.topics), _NEVER)
    speaker = np.array([""] * len(data.words) + [hint_topic(hint) for hint in data.hint_terms])
    for column, topic in enumerate(data.topics):
        taught = np.flatnonzero(labels[rows, column] >= 0)
        gold = labels[rows[taught], column]
        if not 0 < gold.sum() < len(gold):
            continue
        heard = np.flatnonzero((speaker == "") | (speaker == topic))
        seen = features if len(taught) == len(rows) else features[taught]
        machine = LinearSVC(C=recipe.C, tol=recipe.tolerance, random_state=recipe.seed)
        machine.fit(
            seen if len(heard) == len(speaker) else seen[:, heard],
            gold,
            sample_weight=data.weights(column, labels)[rows[taught]] if data.pooling == "sentence" else None,
        )
        weights[heard, column] = machine.coef_[0]
        bias[column] = machine.intercept_[0]
    return _Lines(idf, weights, bias)


# ------------------------------------------------------------------------------------------------------------- decisions


def _sentence_thresholds(data: Passages, rounds: Sequence[Matrix], part: NDArray[np.bool_], recipe: Recipe) -> list[float]:  # noqa: ARG001 — as its sister
    """Return the threshold of each topic that best parts the sentences of the articles in `part`.

    A sentence is what a reader judges and the article follows from it. Chosen on articles it would lie where the plainest
    sentence of an article passes: a corpus tells its topics more plainly than the world does, and real articles that say it
    once and drily would be missed.
    """
    rows = np.flatnonzero(part[data.article[data.scored]])
    thresholds = []
    for k in range(len(data.topics)):
        labels, weights = data.labels[rows, k], data.weights(k, data.labels)[rows]
        thresholds.append(float(np.mean([f1_threshold(labels, scores[rows, k], weights) for scores in rounds])))
    return thresholds


def _article_thresholds(data: Passages, rounds: Sequence[Matrix], part: NDArray[np.bool_], recipe: Recipe) -> list[float]:
    """Return the threshold of each topic, chosen on the articles in `part`: the mean over rounds.

    A rare topic's threshold hangs on the few articles that carry it and on who was in their fold; a second round takes much
    of that chance out.
    """
    found = [micromacro_thresholds(data.gold[part], data.pool(scores)[0][part], recipe.shrinkage) for scores in rounds]
    return [float(threshold) for threshold in np.mean(found, axis=0)]


def _decide(
    gold: Labels, scores: Matrix, fold: Labels, thresholds: Sequence[float], recipe: Recipe
) -> tuple[tuple[Decision, ...], Matrix]:
    """Choose unsure bands and curves from scores of articles the model has not seen.

    Also returns the probability of each score by a curve that has not seen its fold, shape (articles, topics).
    """
    decisions, probabilities = [], np.empty(scores.shape)
    promise = Promise(recipe.precision, recipe.recall, 1.0 - (1.0 - recipe.confidence) / (2.0 * len(thresholds)))
    for k, threshold in enumerate(thresholds):
        band = choose_band(gold[:, k], scores[:, k], threshold, promise)
        curve, probabilities[:, k] = choose_calibration(gold[:, k], scores[:, k], fold)
        decisions.append(Decision(threshold, band.lower, band.upper, curve))
    return tuple(decisions), probabilities


def _norms(data: Passages, idf: Matrix) -> Norms:
    """Return what is usual for the training articles, by the model's own idf."""
    single = np.array([" " not in word for word in data.words])
    ranked = np.sort(idf[single & (idf > 0)])
    if not len(ranked) or not data.lengths.any():
        return Norms()
    limit = float(ranked[min(_COMMON, len(ranked)) - 1])
    owner = data.article[data.scored]
    common = np.ravel(data.counts[data.scored][:, np.flatnonzero(single & (idf > 0) & (idf <= limit))].sum(axis=1))
    share = np.bincount(owner, common, len(data.lengths))[data.lengths > 0] / data.lengths[data.lengths > 0]
    least = float(np.percentile(share, 1.0, method="lower")) / _SHORTFALL
    return Norms(int(data.lengths.min()), int(data.lengths.max()), limit, least)
