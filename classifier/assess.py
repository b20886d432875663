"""Labelled articles and answers come in, a Report goes out: who is measured, beside whom; layout is unknown here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from classifier.agreement import Agreement, agreement
from classifier.answered import Answered, events, gold_array, indicator
from classifier.baselines import keyword_answers
from classifier.curves import crossing, curves
from classifier.errors import UsageError
from classifier.evaluation import Difference, Evaluation, Review, compare, evaluate, reliability, review
from classifier.features import is_hint
from classifier.mistakes import best_sentences, explain_misses, mistakes
from classifier.model import TopicModel, read_sentences
from classifier.records import Annotation, Article, Example, Prediction
from classifier.report import Report, TopicTerms
from classifier.slices import slices
from classifier.splits import answers
from classifier.topics import Topic, Topics
from classifier.training import Training, demand_room

__all__ = ["Unseen", "assess_model", "assess_training", "compare_models", "compare_unseen", "unseen_answers"]

Indicator = NDArray[np.int64]

_SHOWN = 12  # topics with figures of their own, the most frequent ones: more than a dozen small figures nobody compares
_HINTS, _TERMS, _AGAINST = 6, 20, 8  # terms kept of a topic: as many as people read
# What a report on a finished model cannot have.
_ELSEWHERE = "It belongs to the training: see the report in the model's own folder."
_UNTAUGHT = dict.fromkeys(("learning", "splits", "behaviour", "agreement"), _ELSEWHERE)
_CARD = ("recipe", "provenance")


@dataclass(frozen=True, slots=True)
class Unseen:
    """What a model answered to the articles it was taught by, when it had not seen them: a row an article."""

    id: str
    group: str
    gold: tuple[str, ...]
    unknown: tuple[str, ...]
    topics: tuple[str, ...]


def assess_training(
    examples: Sequence[Example],
    training: Training,
    readings: tuple[Sequence[Annotation], Sequence[Annotation]] | None = None,
) -> Report:
    """Return the report on a training: every article answered by a model and thresholds that have not seen its event.

    `readings` are two independent readings of the same articles, if there are any: how well one reader does by the other's
    word is as well as any model can be expected to do. Raises `LabelsError` unless they judge the same articles.
    """
    by_sentence = training.recipe.features.pooling == "sentence"
    known = Answered(
        training.model,
        [example.article for example in examples],
        training.groups,
        training.gold,
        _unseen_said(training),
        training.scores,
        training.probabilities,
        training.best if by_sentence else np.full_like(training.best, -1),
    )
    topics = training.model.topics
    systems, agreed, doubted = _systems(known), None, np.zeros(known.gold.shape, dtype=bool)
    if readings is not None:
        one, other = (_readings(reading, known.articles, topics) for reading in readings)
        sentences = {article.id: len(read_sentences(article)[0]) for article in known.articles}
        agreed = agreement(*readings, topics, sentences)
        systems.append(("one reader by the other", evaluate(topics.ids, one, other, known.groups)))
        doubted = one != other
    return _report("Cross-validation, no event on both sides", known, systems, agreed, doubted)


def assess_model(
    model: TopicModel, articles: Sequence[Article], predictions: Sequence[Prediction], data: str, *, whole_text: bool = False
) -> Report:
    """Return the report on a model's predictions for labelled articles; the gold topics stand in their `extra`.

    `whole_text` is as it was for the predictions. Raises `SourceError` if an article has no gold, or a topic that the model
    does not have.
    """
    demand_room()
    topics = model.topics
    known = Answered(
        model,
        articles,
        events(articles),
        gold_array(articles, topics),
        indicator([p.topics for p in predictions], topics),
        np.array([list(p.scores.values()) for p in predictions]),
        np.array([list(p.probabilities.values()) for p in predictions]),
        np.array([best_sentences(a, p, topics) for a, p in zip(articles, predictions, strict=True)]).reshape(
            -1, len(topics)
        ),
    )
    if model.settings.pooling == "sentence":
        explain_misses(known, whole_text=whole_text)
    report = _report(data, known, _systems(known), None, np.zeros(known.gold.shape, dtype=bool))
    return replace(report, absent={**report.absent, **_UNTAUGHT})


def _report(
    data: str,
    known: Answered,
    systems: Sequence[tuple[str, Evaluation]],
    agreed: Agreement | None,
    doubted: NDArray[np.bool_],
) -> Report:
    """Gather all that answers tell without further training."""
    model, gold, said = known.model, known.gold, known.said
    ids = model.topics.ids
    shown = sorted(np.argsort(-(gold == 1).sum(axis=0), kind="stable")[:_SHOWN].tolist())
    found = [curves(ids[k], gold[:, k], known.scores[:, k], known.probabilities[:, k]) for k in shown]
    parts, absent = slices(known)
    recipe, provenance = (dict(entry) if isinstance(entry, Mapping) else {} for entry in map(model.card.get, _CARD))
    return Report(
        data,
        {topic.id: topic.name for topic in model.topics},
        tuple(systems),
        {topic: decision.threshold for topic, decision in zip(ids, model.rule.decisions, strict=True)},
        _reviews(known),
        reliability(gold, known.probabilities),
        tuple(curve for curve in found if curve is not None),
        crossing([ids[k] for k in shown], gold[:, shown], said[:, shown]),
        parts,
        mistakes(known, doubted),
        _terms(model),
        agreement=agreed,
        absent=absent,
        recipe=recipe,
        provenance=provenance,
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
    before, after = (indicator([p.topics for p in answers], either)[:, columns] for _, answers in (old, new))
    gold = gold_array(articles, either)[:, columns]
    return compare([either.ids[k] for k in columns], gold, before, after, events(articles))


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
    said_before = indicator([before[row.id].topics for row in shared], told)
    said_now = indicator([row.topics for row in shared], told)
    return compare(told.ids, gold, said_before, said_now, [row.group for row in shared])


def _unseen_said(training: Training) -> Indicator:
    """Return the answers to all articles, each by a threshold that was chosen without the articles of its fold."""
    return answers(training.model.rule, training.scores, training.fold, training.thresholds)


def _readings(reading: Sequence[Annotation], articles: Sequence[Article], topics: Topics) -> Indicator:
    """Return what a reader said of the articles; an article that the reading lacks carries nothing there."""
    by_id = {annotation.id: annotation.topics for annotation in reading}
    return indicator([by_id.get(article.id, ()) for article in articles], topics)


def _reviews(known: Answered) -> tuple[Review, ...]:
    """Return what the unsure band of each topic costs and keeps on these answers."""
    model, gold, said = known.model, known.gold, known.said
    unsure = np.zeros(said.shape, dtype=bool)
    for row, (numbers, given) in enumerate(zip(known.scores.tolist(), said, strict=True)):
        unsure[row] = model.rule.unsure(numbers, given.tolist())
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


def _systems(known: Answered) -> list[tuple[str, Evaluation]]:
    """Evaluate the model, the keyword rules if there are any, and the answer that is always none, side by side."""
    topics, gold = known.model.topics, known.gold
    systems = [("this model", evaluate(topics.ids, gold, known.said, known.groups, known.scores))]
    if any(topic.rules for topic in topics):
        keywords = indicator(keyword_answers(known.articles, topics), topics)
        systems.append(("keyword rules", evaluate(topics.ids, gold, keywords, known.groups)))
    systems.append(("always none", evaluate(topics.ids, gold, np.zeros_like(gold), known.groups)))
    return systems


def _terms(model: TopicModel) -> tuple[TopicTerms, ...]:
    """Return what the model listens to for each topic; runs of nothing but common words, which tell nobody a thing, are not.

    The share p of training passages that have a word follows from its idf, ln(1/p) + 1 nearly; its value there is about its
    idf and 0 elsewhere, so it has the standard deviation idf · √(p(1 - p)).
    """
    terms = list(model.table.rows)
    rows = [model.table.rows[term] for term in terms]
    value = np.asarray(model.table.idf)[rows]
    common = {term for term, idf in zip(terms, value.tolist(), strict=True) if idf <= model.norms.common_idf}
    hint = np.array([is_hint(term) for term in terms], dtype=bool)
    word = ~hint & ~np.array([common.issuperset(term.split(" ")) for term in terms], dtype=bool)
    share = np.exp(np.minimum(1.0 - value, 0.0))
    moves = np.where(hint, value, value * np.sqrt(share * (1.0 - share)))
    strength = np.asarray(model.table.weights).reshape(-1, len(model.topics))[rows] * moves[:, None]

    def strongest(found: NDArray[np.float64], of: NDArray[np.bool_], most: int) -> tuple[tuple[str, float], ...]:
        kept = sorted(np.flatnonzero((found > 0) & of).tolist(), key=lambda n: (-found[n], terms[n]))
        return tuple((terms[n], float(found[n])) for n in kept[:most])

    return tuple(
        TopicTerms(topic, strongest(own, hint, _HINTS), strongest(own, word, _TERMS), strongest(-own, word, _AGAINST))
        for topic, own in zip(model.topics.ids, strength.T, strict=True)
    )
