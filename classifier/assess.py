"""Labelled articles and answers come in, a Report goes out: who is measured, beside whom; layout is unknown here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from classifier.baselines import keyword_answers
from classifier.decision import Rule
from classifier.errors import UsageError
from classifier.evaluation import Counts, Difference, Evaluation, Review, compare, evaluate, reliability, review
from classifier.labelled import gold_of
from classifier.model import TopicModel, read_sentences
from classifier.records import Article, Example, Prediction
from classifier.report import ErrorCase, Report, Slice
from classifier.topics import Topic, Topics
from classifier.training import Training

__all__ = ["Unseen", "assess_model", "assess_training", "compare_models", "compare_unseen", "unseen_answers"]

Indicator = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Unseen:
    """What a model answered to the articles it was taught by, when it had not seen them: a row an article."""

    id: str
    group: str
    gold: tuple[str, ...]
    unknown: tuple[str, ...]
    topics: tuple[str, ...]


def assess_training(examples: Sequence[Example], training: Training) -> Report:
    """Return the report on a training: every article answered by a model and thresholds that have not seen its event."""
    topics = training.model.topics
    said = _unseen_said(training)
    articles = [example.article for example in examples]
    sentences = [_sentence_texts(article) for article in articles]
    by_sentence = training.recipe.features.pooling == "sentence"
    best = [[texts[n] if by_sentence else "" for n in row] for texts, row in zip(sentences, training.best, strict=True)]
    return Report(
        "Cross-validation, no event on both sides",
        _systems(articles, topics, training.gold, said, training.groups, training.scores),
        _thresholds(training.model),
        _reviews(training.model, training.gold, said, training.scores),
        reliability(training.gold, training.probabilities),
        _parts(articles, training.gold, said),
        _errors(articles, topics, training.gold, said, training.probabilities, best),
    )


def assess_model(model: TopicModel, articles: Sequence[Article], predictions: Sequence[Prediction], data: str) -> Report:
    """Return the report on a model's predictions for labelled articles; the gold topics stand in their `extra`.

    Raises `SourceError` if an article has none, or names a topic that the model does not have.
    """
    topics = model.topics
    gold = _gold(articles, topics)
    said = _indicator([p.topics for p in predictions], topics)
    scores = np.array([list(p.scores.values()) for p in predictions])
    probabilities = np.array([list(p.probabilities.values()) for p in predictions])
    best = [[_evidence(p, topic) for topic in topics.ids] for p in predictions]
    return Report(
        data,
        _systems(articles, topics, gold, said, _events(articles), scores),
        _thresholds(model),
        _reviews(model, gold, said, scores),
        reliability(gold, probabilities),
        _parts(articles, gold, said),
        _errors(articles, topics, gold, said, probabilities, best),
    )


def compare_models(
    articles: Sequence[Article], old: tuple[Topics, Sequence[Prediction]], new: tuple[Topics, Sequence[Prediction]]
) -> tuple[Difference, ...]:
    """Return how two models' predictions for the same labelled articles differ, on the topics that both have.

    Raises `UsageError` if they share none, `SourceError` if an article has no gold or a topic that neither has.
    """
    either = Topics({topic.id: topic for topics, _ in (old, new) for topic in topics}.values())
    columns = [k for k, topic in enumerate(either.ids) if topic in old[0] and topic in new[0]]
    if not columns:
        raise UsageError("The two models have no topic in common. Compare models that answer the same question.")
    before, after = (_indicator([p.topics for p in answers], either)[:, columns] for _, answers in (old, new))
    gold = _gold(articles, either)[:, columns]
    return compare([either.ids[k] for k in columns], gold, before, after, _events(articles))


def unseen_answers(examples: Sequence[Example], training: Training) -> list[Unseen]:
    """Return what cross-validation answered to each article, for a later model to be compared with."""
    ids = training.model.topics.ids
    said = _unseen_said(training)
    return [
        Unseen(
            example.article.id,
            group,
            example.annotation.topics,
            tuple(topic for topic in ids if topic in example.annotation.unknown),
            tuple(topic for topic, yes in zip(ids, row, strict=True) if yes),
        )
        for example, group, row in zip(examples, training.groups, said.tolist(), strict=True)
    ]


def compare_unseen(topics: Sequence[str], old: Sequence[Unseen], new: Sequence[Unseen]) -> tuple[Difference, ...]:
    """Return how two models differ on the articles that taught both, each answered when it had not seen them.

    Gold is the newer. Empty if they share no article or no topic.
    """
    before = {row.id: row for row in old}
    shared = [row for row in new if row.id in before]
    known = {topic for row in old for topic in (*row.gold, *row.topics)}
    told = Topics([Topic(topic, topic, "") for topic in topics if topic in known]) if known.intersection(topics) else None
    if not shared or told is None:
        return ()
    gold = np.array([[-1 if t in row.unknown else int(t in row.gold) for t in told.ids] for row in shared])
    said_before = _indicator([before[row.id].topics for row in shared], told)
    said_now = _indicator([row.topics for row in shared], told)
    return compare(told.ids, gold, said_before, said_now, [row.group for row in shared])


def _unseen_said(training: Training) -> Indicator:
    """Return the answers to all articles, each by a threshold that was chosen without the articles of its fold."""
    rule = training.model.rule
    said = np.zeros_like(training.gold)
    for fold, thresholds in enumerate(training.thresholds.tolist()):
        pairs = zip(rule.decisions, thresholds, strict=True)
        decisions = [replace(decision, threshold=threshold) for decision, threshold in pairs]
        own = Rule(decisions, at_least_one=rule.at_least_one)
        for row in np.flatnonzero(training.fold == fold):
            said[row, own.yes(training.scores[row].tolist())] = 1
    return said


def _reviews(model: TopicModel, gold: Indicator, said: Indicator, scores: NDArray[np.float64]) -> tuple[Review, ...]:
    """Return what the unsure band of each topic costs and keeps on these answers."""
    unsure = np.zeros(said.shape, dtype=bool)
    for row, (numbers, answers) in enumerate(zip(scores.tolist(), said, strict=True)):
        unsure[row, model.rule.unsure(numbers, np.flatnonzero(answers).tolist())] = True
    recipe = model.card.get("recipe")
    promises = recipe if isinstance(recipe, dict) else {}
    return tuple(
        review(
            topic,
            gold[:, k],
            said[:, k],
            unsure[:, k],
            (
                None if decision.upper is None else promises.get("precision"),
                None if decision.lower is None else promises.get("recall"),
            ),
        )
        for k, (topic, decision) in enumerate(zip(model.topics.ids, model.rule.decisions, strict=True))
    )


def _parts(articles: Sequence[Article], gold: Indicator, said: Indicator) -> dict[str, tuple[Slice, ...]]:
    """Return the model's micro-F1 by period, and by whatever else all records say of themselves."""
    parts: dict[str, Sequence[str]] = {}
    if all(article.date[:4].isdigit() for article in articles):
        parts["period"] = [_period(article.date) for article in articles]
    for name in ("genre", "design"):
        if all(isinstance(article.extra.get(name), str) for article in articles):
            parts[name] = [article.extra[name] for article in articles]
    return {name: _slices(values, gold, said) for name, values in parts.items()}


def _gold(articles: Sequence[Article], topics: Topics) -> Indicator:
    """Return the gold of labelled articles, shape (articles, topics): 1 carries, 0 does not, -1 not judged."""
    found = [gold_of(article, topics) for article in articles]
    rows = [[-1 if t in unknown else int(t in carried) for t in topics.ids] for carried, unknown in found]
    return np.array(rows, dtype=np.int64).reshape(-1, len(topics))


def _events(articles: Sequence[Article]) -> list[str]:
    return [str(article.extra.get("event") or article.id) for article in articles]


def _indicator(rows: Sequence[Sequence[str]], topics: Topics) -> Indicator:
    return np.array([[int(topic in row) for topic in topics.ids] for row in rows], dtype=np.int64).reshape(-1, len(topics))


def _thresholds(model: TopicModel) -> dict[str, float]:
    return {topic: decision.threshold for topic, decision in zip(model.topics.ids, model.rule.decisions, strict=True)}


def _systems(  # noqa: PLR0913 — the six things an evaluation is made of
    articles: Sequence[Article],
    topics: Topics,
    gold: Indicator,
    said: Indicator,
    events: Sequence[str],
    scores: NDArray[np.float64],
) -> tuple[tuple[str, Evaluation], ...]:
    """Evaluate the model, the keyword rules if there are any, and the answer that is always none, side by side."""
    systems = [("this model", evaluate(topics.ids, gold, said, events, scores))]
    if any(topic.rules for topic in topics):
        keywords = _indicator(keyword_answers(articles, topics), topics)
        systems.append(("keyword rules", evaluate(topics.ids, gold, keywords, events)))
    systems.append(("always none", evaluate(topics.ids, gold, np.zeros_like(gold), events)))
    return tuple(systems)


def _period(date: str) -> str:
    """Return the five years in which a date lies; single years have too few articles to say much."""
    first = int(date[:4]) // 5 * 5
    return f"{first}–{first + 4}"


def _slices(parts: Sequence[str], gold: Indicator, said: Indicator) -> tuple[Slice, ...]:
    """Return the model's micro-F1 on each part of the articles, parts in alphabetical order."""
    found = []
    for part in sorted(set(parts)):
        rows = np.array([other == part for other in parts])
        g, s = gold[rows], said[rows]
        counts = Counts(int(((g == 1) & (s == 1)).sum()), int(((g == 0) & (s == 1)).sum()), int(((g == 1) & (s == 0)).sum()))
        found.append(Slice(part, int(rows.sum()), counts.hits + counts.missed, counts.f1))
    return tuple(found)


def _errors(  # noqa: PLR0913
    articles: Sequence[Article],
    topics: Topics,
    gold: Indicator,
    said: Indicator,
    probabilities: NDArray[np.float64],
    best: Sequence[Sequence[str]],
) -> tuple[ErrorCase, ...]:
    """Return every wrong answer, the surest first."""
    cases = [
        ErrorCase(
            articles[row].id,
            articles[row].title,
            topics.ids[column],
            "false alarm" if said[row, column] else "missed",
            round(float(probabilities[row, column]), 4),
            best[row][column],
        )
        for row, column in np.argwhere((gold >= 0) & (gold != said)).tolist()
    ]
    return tuple(
        sorted(cases, key=lambda c: (-c.probability if c.kind == "false alarm" else c.probability - 1.0, c.id, c.topic))
    )


def _sentence_texts(article: Article) -> list[str]:
    content = article.content
    return [content[start:end] for start, end in read_sentences(article)[0]]


def _evidence(prediction: Prediction, topic: str) -> str:
    return next((e.sentence for e in prediction.evidence if e.topic == topic), "")
