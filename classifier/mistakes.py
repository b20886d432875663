"""Answered articles come in, every wrong answer goes out: the deciding sentence in its place, whether to doubt gold."""

import numpy as np
from numpy.typing import NDArray

from classifier.answered import Answered
from classifier.evaluation import sure_of_the_opposite
from classifier.model import read_sentences
from classifier.records import Article, Prediction
from classifier.report import ErrorCase
from classifier.topics import Topics

__all__ = ["best_sentences", "explain_misses", "mistakes"]

_OPENING = 2  # sentences of an article that is shown by its beginning
_EXPLAINED = 200  # cases: more than anybody reads, and a second's work
_SURE = "the model is sure of the opposite"
_DISAGREED = "the two readers disagreed"


def mistakes(known: Answered, doubted: NDArray[np.bool_]) -> tuple[ErrorCase, ...]:
    """Return every wrong answer, the surest first; `doubted` says where two readings disagreed."""
    sure = sure_of_the_opposite(known.gold, known.probabilities)
    ids = known.model.topics.ids
    cases = []
    for row, column in np.argwhere((known.gold >= 0) & (known.gold != known.said)).tolist():
        article = known.articles[row]
        before, sentence, after = _surroundings(article, int(known.best[row, column]))
        reasons = [reason for reason, holds in ((_DISAGREED, doubted), (_SURE, sure)) if holds[row, column]]
        kind = "false alarm" if known.said[row, column] else "missed"
        probability = round(float(known.probabilities[row, column]), 4)
        cases.append(
            ErrorCase(article.id, article.title, ids[column], kind, probability, sentence, before, after, "; ".join(reasons))
        )
    return tuple(
        sorted(cases, key=lambda c: (-c.probability if c.kind == "false alarm" else c.probability - 1.0, c.id, c.topic))
    )


def _surroundings(article: Article, number: int) -> tuple[str, str, str]:
    """Return the sentence before, the sentence, the sentence after; how the text begins if no sentence is meant."""
    content = article.content
    sentences = [" ".join(content[start:end].split()) for start, end in read_sentences(article)[0]]
    if number < 0:
        first = 1 if article.title else 0
        return "", "", " ".join(sentences[first : first + _OPENING])
    return " ".join(sentences[max(number - 1, 0) : number]), sentences[number], " ".join(sentences[number + 1 : number + 2])


def best_sentences(article: Article, prediction: Prediction, topics: Topics) -> list[int]:
    """Return the number of the sentence that decided on each topic, -1 where the prediction names none."""
    if not prediction.evidence:
        return [-1] * len(topics)
    numbers = {start: number for number, (start, _) in enumerate(read_sentences(article)[0])}
    decided = {evidence.topic: numbers.get(evidence.start, -1) for evidence in prediction.evidence}
    return [decided.get(topic, -1) for topic in topics.ids]


def explain_misses(known: Answered, *, whole_text: bool) -> None:
    """Find the best sentence of the surest misses, which a prediction does not name."""
    unnamed = np.argwhere((known.gold >= 0) & (known.gold != known.said) & (known.best < 0)).tolist()
    for row, column in sorted(unnamed, key=lambda pair: known.probabilities[pair[0], pair[1]])[:_EXPLAINED]:
        article = known.articles[row]
        explained = known.model.explain(article, known.model.topics.ids[column], whole_text=whole_text).sentences
        if explained:
            starts = [start for start, _ in read_sentences(article)[0]]
            known.best[row, column] = starts.index(explained[0].start)
