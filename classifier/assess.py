"""Labelled articles and answers come in, a Report goes out: who is measured, beside whom; layout is unknown here."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from classifier.baselines import keyword_answers
from classifier.errors import SourceError, UsageError
from classifier.evaluation import Counts, Evaluation, evaluate
from classifier.model import TopicModel, read_sentences
from classifier.records import Article, Example, Prediction
from classifier.report import ErrorCase, Report, Slice
from classifier.topics import Topics
from classifier.training import Training

__all__ = ["assess_model", "assess_training", "gold_of"]

Indicator = NDArray[np.int64]


def assess_training(examples: Sequence[Example], training: Training) -> Report:
    """Return the report on a training: every article answered by a model and thresholds that have not seen its event."""
    topics = training.model.topics
    said = _unseen_answers(training)
    articles = [example.article for example in examples]
    probabilities = _probabilities(training)
    sentences = [_sentence_texts(article) for article in articles]
    best = [[texts[n] for n in row] for texts, row in zip(sentences, training.best, strict=True)]
    return Report(
        "Cross-validation, no event on both sides",
        _systems(articles, topics, training.gold, said, [e.group for e in examples], training.scores),
        _thresholds(training.model),
        dict(zip(topics.ids, _unsure(training, said).mean(axis=0).tolist(), strict=True)),
        {
            "period": _slices([_period(article.date) for article in articles], training.gold, said),
            "genre": _slices([str(article.extra["genre"]) for article in articles], training.gold, said),
            "design": _slices([str(article.extra["design"]) for article in articles], training.gold, said),
        },
        _errors(articles, topics, training.gold, said, probabilities, best),
    )


def assess_model(model: TopicModel, articles: Sequence[Article], predictions: Sequence[Prediction], data: str) -> Report:
    """Return the report on a model's predictions for labelled articles; the gold topics stand in their `extra`.

    Raises `SourceError` if an article has none, or names a topic that the model does not have.
    """
    topics = model.topics
    gold = _indicator([gold_of(article, topics) for article in articles], topics)
    said = _indicator([p.topics for p in predictions], topics)
    scores = np.array([list(p.scores.values()) for p in predictions])
    probabilities = np.array([list(p.probabilities.values()) for p in predictions])
    unsure = _indicator([p.unsure for p in predictions], topics)
    best = [[_evidence(p, topic) for topic in topics.ids] for p in predictions]
    events = [str(article.extra.get("event") or article.id) for article in articles]
    return Report(
        data,
        _systems(articles, topics, gold, said, events, scores),
        _thresholds(model),
        dict(zip(topics.ids, unsure.mean(axis=0).tolist(), strict=True)),
        {},
        _errors(articles, topics, gold, said, probabilities, best),
    )


def gold_of(article: Article, topics: Topics) -> tuple[str, ...]:
    """Return the gold topics of a user's article. Raises `SourceError` if none are written down or one is unknown."""
    gold = article.extra.get("topics")
    if not isinstance(gold, list) or not all(isinstance(topic, str) for topic in gold):
        raise SourceError(
            f'Article {article.id} has no gold topics. Give every record "topics", a list; [] if it carries none.'
        )
    try:
        return topics.sort(gold)
    except UsageError as error:
        raise SourceError(f"Article {article.id}: {error}") from None


def _unseen_answers(training: Training) -> Indicator:
    """Return the answers to all articles, each by a threshold that was chosen without the articles of its fold."""
    rule = training.model.rule
    said = np.zeros_like(training.gold)
    for row, (fold, scores) in enumerate(zip(training.fold, training.scores.tolist(), strict=True)):
        pairs = zip(rule.decisions, training.thresholds[fold].tolist(), strict=True)
        own = replace(rule, decisions=tuple(replace(decision, threshold=threshold) for decision, threshold in pairs))
        said[row, own.yes(scores)] = 1
    return said


def _probabilities(training: Training) -> NDArray[np.float64]:
    """Return the probability that each out-of-fold score stands for, shape (articles, topics)."""
    decisions = training.model.rule.decisions
    columns = [[d.probability(score) for score in training.scores[:, k].tolist()] for k, d in enumerate(decisions)]
    return np.array(columns).T


def _unsure(training: Training, said: Indicator) -> NDArray[np.bool_]:
    """Return which of the answers lie in the band that people should look at, shape (articles, topics)."""
    found = np.zeros(said.shape, dtype=bool)
    for row, (scores, answers) in enumerate(zip(training.scores.tolist(), said, strict=True)):
        found[row, training.model.rule.unsure(scores, np.flatnonzero(answers).tolist())] = True
    return found


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
    """Evaluate the model, the keyword rules and the answer that is always none, side by side."""
    keywords = _indicator(keyword_answers(articles, topics), topics)
    return (
        ("this model", evaluate(topics.ids, gold, said, events, scores)),
        ("keyword rules", evaluate(topics.ids, gold, keywords, events)),
        ("always none", evaluate(topics.ids, gold, np.zeros_like(gold), events)),
    )


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
