"""An Article comes in, a Prediction or an Explanation goes out: the table at work; files and training are unknown here.

The table has a row a term and a column a topic. A sentence's score for a topic is the sum of its terms' weights in that
column, plus the topic's bias; an article's score is its best sentence's, since an article carries a topic if and only if
at least one of its sentences is about it.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from classifier.features import Bag, FeatureSettings, HintLists, article_bags, is_hint, weigh
from classifier.furniture import article_spans
from classifier.records import Article, Evidence, ExplainedSentence, Explanation, Prediction, Share
from classifier.text import ngrams, sentence_spans, token_spans
from classifier.topics import Topics

__all__ = ["Decision", "Table", "TopicModel", "read_sentences"]

_FEWEST_WORDS = 12  # a shorter text is hardly a sentence; the model was taught by articles
_KNOWN_SHARE = 0.6  # most words of English news are in the vocabulary, few of another language are


@dataclass(frozen=True, slots=True)
class Table:
    """The linear model itself: `rows` maps a term to its row.

    `idf` has a number a row; `weights` has the rows one behind the other, a number a topic in each; `bias` a number a
    topic.
    """

    rows: Mapping[str, int]
    idf: Sequence[float]
    weights: Sequence[float]
    bias: Sequence[float]


@dataclass(frozen=True, slots=True)
class Decision:
    """How one topic's score becomes an answer and a probability.

    A score at or above `threshold` is a yes. One in [`lower`, `upper`) is unsure, whichever side it falls on: above the
    band the yes answers kept their promised precision on articles the model had not seen, below it the no answers their
    promised recall. The probability is the logistic function of `slope` · score + `intercept` (Platt scaling: Platt,
    Probabilistic outputs for support vector machines, 1999, section 2).
    """

    threshold: float
    lower: float
    upper: float
    slope: float
    intercept: float

    def says_yes(self, score: float) -> bool:
        """Tell whether a score is a yes. This is the decision rule; it stands nowhere else."""
        return score >= self.threshold

    def is_unsure(self, score: float) -> bool:
        """Tell whether a score lies in the band that people should look at."""
        return self.lower <= score < self.upper

    def probability(self, score: float) -> float:
        """Return the calibrated probability of the topic, between 0 and 1."""
        z = self.slope * score + self.intercept
        return 1.0 / (1.0 + math.exp(-z)) if z >= 0 else math.exp(z) / (1.0 + math.exp(z))


def read_sentences(article: Article, *, whole_text: bool = False) -> tuple[list[tuple[int, int]], list[int]]:
    """Return the spans of all sentences of an article's content, and the numbers of those that are its own.

    Sentence 0 is the title where there is one. Sentences of page furniture are not the article's own; with `whole_text`
    every sentence is.
    """
    offset = len(article.content) - len(article.text)
    spans = [(0, len(article.title))] if article.title else []
    spans += [(start + offset, end + offset) for start, end in sentence_spans(article.text)]
    if whole_text:
        return spans, list(range(len(spans)))
    own = [(0, offset), *((start + offset, end + offset) for start, end in article_spans(article.text))]
    starts = [start for start, _ in own]
    kept = [number for number, (start, _) in enumerate(spans) if start < own[bisect_right(starts, start) - 1][1]]
    return spans, kept


class TopicModel:
    """A table, what its columns mean, and how its scores become answers.

    Make one with `classifier.load` or `classifier.training.train`. `decisions` has an entry a topic, in the order of
    `topics`. `card` holds what the model file says of the model beyond that: recipe and provenance.
    """

    __slots__ = ("_idf", "card", "decisions", "hints", "settings", "table", "topics")

    def __init__(  # noqa: PLR0913 — a model is these six things
        self,
        topics: Topics,
        hints: HintLists,
        settings: FeatureSettings,
        table: Table,
        decisions: Sequence[Decision],
        card: Mapping[str, object],
    ) -> None:
        self.topics = topics
        self.hints = hints
        self.settings = settings
        self.table = table
        self.decisions = tuple(decisions)
        self.card = card
        self._idf = {term: table.idf[row] for term, row in table.rows.items()}

    def __repr__(self) -> str:
        return f"TopicModel({len(self.table.rows)} terms, topics {', '.join(self.topics.ids)})"

    # ------------------------------------------------------------------------------------------------------- answers

    def predict(self, article: Article, *, whole_text: bool = False) -> Prediction:
        """Return the topics an article carries, with scores, probabilities, evidence and warnings.

        With `whole_text` nothing is set aside as page furniture. An article without a single word carries no topic and
        has the warning that says so.
        """
        content = article.content
        spans, own = read_sentences(article, whole_text=whole_text)
        bags = self._bags(content, [spans[number] for number in own])
        rows = [self.score_bag(bag) for bag in bags] or [list(self.table.bias)]
        scores, evidence, yes, unsure, probabilities = {}, [], [], [], {}
        for column, (topic, decision) in enumerate(zip(self.topics.ids, self.decisions, strict=True)):
            best = max(range(len(rows)), key=lambda number: rows[number][column])
            score = scores[topic] = rows[best][column]
            probabilities[topic] = decision.probability(score)
            if decision.says_yes(score):
                yes.append(topic)
            if decision.is_unsure(score):
                unsure.append(topic)
            if bags and (decision.says_yes(score) or decision.is_unsure(score)):
                start, end = spans[own[best]]
                evidence.append(Evidence(topic, content[start:end], start, end, score))
        kept = sum(spans[number][1] - spans[number][0] for number in own)
        everything = sum(end - start for start, end in spans)
        return Prediction(
            article.id,
            tuple(yes),
            tuple(unsure),
            probabilities,
            scores,
            tuple(evidence),
            tuple(self._warnings(bags)),
            everything - kept,
        )

    def predict_many(self, articles: Iterable[Article], *, whole_text: bool = False) -> Iterator[Prediction]:
        """Yield the prediction of each article in order, reading one article at a time."""
        for article in articles:
            yield self.predict(article, whole_text=whole_text)

    def explain(self, article: Article, topic: str, *, whole_text: bool = False) -> Explanation:
        """Return the sentences at or above the topic's threshold, or the best one, with the exact shares of their terms.

        Raises `UsageError` for a topic the model does not have.
        """
        column = self.topics.column(topic)
        content = article.content
        spans, own = read_sentences(article, whole_text=whole_text)
        bags = self._bags(content, [spans[number] for number in own])
        scores = [self.score_bag(bag)[column] for bag in bags]
        decision, bias = self.decisions[column], self.table.bias[column]
        best = max(scores, default=bias)
        sentences = []
        for number, bag, score in zip(own, bags, scores, strict=True):
            if decision.says_yes(score) or score == best:
                start, end = spans[number]
                shares = self._shares(content[start:end], start, bag, column)
                sentences.append(ExplainedSentence(content[start:end], start, end, score, score - bias, shares))
        return Explanation(topic, best, decision.threshold, decision.says_yes(best), bias, tuple(sentences))

    # ---------------------------------------------------------------------------------------------------- arithmetic

    def score_bag(self, bag: Bag) -> list[float]:
        """Return the scores of one sentence, one a topic."""
        rows, weights, width = self.table.rows, self.table.weights, len(self.topics)
        scores = list(self.table.bias)
        for term, value in weigh(bag, self._idf).items():
            first = rows[term] * width
            for column in range(width):
                scores[column] += value * weights[first + column]
        return scores

    def _bags(self, content: str, spans: Sequence[tuple[int, int]]) -> list[Bag]:
        return article_bags([content[start:end] for start, end in spans], self.hints, self.settings)

    def _shares(self, sentence: str, offset: int, bag: Bag, column: int) -> tuple[Share, ...]:
        """Return the terms of a sentence with their shares of its score, the weightiest first."""
        width = len(self.topics)
        places = _places(sentence, offset, self.settings.longest)
        shares = [
            Share(term, value * self.table.weights[self.table.rows[term] * width + column], places.get(term, ()))
            for term, value in weigh(bag, self._idf).items()
        ]
        return tuple(sorted(shares, key=lambda share: (-abs(share.share), share.term)))

    def _warnings(self, bags: Sequence[Bag]) -> Iterator[str]:
        """Yield what makes an answer doubtful whatever the scores say."""
        words = [word for bag in bags for word, count in bag.words.items() for _ in range(count) if " " not in word]
        if len(words) < _FEWEST_WORDS:
            yield f"too short to judge well ({len(words)} of {_FEWEST_WORDS} words)"
        known = sum(word in self._idf for word in words)
        if words and known < _KNOWN_SHARE * len(words):
            yield f"mostly unknown words: {len(words) - known} of {len(words)}; is it English?"


def _places(sentence: str, offset: int, longest: int) -> dict[str, tuple[tuple[int, int], ...]]:
    """Return where each word term stands, in offsets of the content."""
    spans = token_spans(sentence)
    places: dict[str, list[tuple[int, int]]] = {}
    for length in range(1, longest + 1):
        for first in range(len(spans) - length + 1):
            run = spans[first : first + length]
            (term,) = ngrams([word for word, _, _ in run], length)[-1:]
            places.setdefault(term, []).append((offset + run[0][1], offset + run[-1][2]))
    return {term: tuple(found) for term, found in places.items() if not is_hint(term)}
