"""An Article comes in, a Prediction or an Explanation goes out: the table at work; files and training are unknown here.

The table has a row a term and a column a topic. A sentence's score for a topic is the sum of its terms' weights in that
column, plus the topic's bias; an article's score is its best sentence's, since an article carries a topic if and only if
at least one of its sentences is about it. A model may also score the whole article as if it were one sentence, where that
is what its training articles taught it best.
"""

import sys
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import compress

from classifier.decision import Rule
from classifier.features import Bag, FeatureSettings, HintLists, article_bags, hint_parts, is_hint, weigh
from classifier.frozen import Frozen, made
from classifier.furniture import article_spans
from classifier.places import Places, word_weights
from classifier.records import Article, Evidence, ExplainedSentence, Explanation, Prediction, Share
from classifier.text import sentence_spans, token_spans, tokens
from classifier.topics import Topics

__all__ = ["Kernel", "Norms", "Table", "TopicModel", "read_passages", "read_sentences"]

_FEWEST_WORDS = 12  # a shorter text is hardly a sentence; the model was taught by articles
_AT_ONCE = 256  # texts whose scores are held in memory together
_KNOWN_SHARE = 0.6  # most words of a text in the language of training are in the vocabulary, few of another language are

Span = tuple[int, int]
Part = tuple[int, int, float]
Word = tuple[str, int, int]


class Table(Frozen):
    """The linear model itself: `rows` maps a term to its row.

    `idf` has a number a row; `weights` has the rows one behind the other, a number a topic in each; `bias` a number a
    topic.
    """

    rows: Mapping[str, int]
    idf: Sequence[float]
    weights: Sequence[float]
    bias: Sequence[float]


class Norms(Frozen):
    """What is usual for the articles that taught a model; an article that is otherwise is warned of.

    `shortest` and `longest` are numbers of words. A word is common if its idf is at most `common_idf`, and at least
    `common_share` of the words of an article in the language of training are common.
    """

    shortest: int = 0
    longest: int = sys.maxsize
    common_idf: float = 0.0
    common_share: float = 0.0


def read_sentences(
    article: Article, *, whole_text: bool = False, split: Callable[[str], list[Span]] = sentence_spans
) -> tuple[list[Span], list[int]]:
    """Return the spans of all sentences of an article's content, and the numbers of those that are its own.

    Sentence 0 is the title where there is one. Sentences of page furniture are not the article's own; with `whole_text`
    every sentence is. `split` finds the sentences of a text, as `sentence_spans` does.
    """
    offset = len(article.content) - len(article.text)
    spans = [(0, len(article.title))] if article.title else []
    spans += [(start + offset, end + offset) for start, end in split(article.text)]
    if whole_text:
        return spans, list(range(len(spans)))
    own = [(0, offset), *((start + offset, end + offset) for start, end in article_spans(article.text))]
    starts = [start for start, _ in own]
    kept = [number for number, (start, _) in enumerate(spans) if start < own[bisect_right(starts, start) - 1][1]]
    return spans, kept


def read_passages(
    article: Article,
    settings: FeatureSettings,
    *,
    whole_text: bool = False,
    split: Callable[[str], list[Span]] = sentence_spans,
) -> tuple[list[list[Span]], int]:
    """Return what a model scores of an article, each passage as the spans it is made of, and how much was set aside.

    With sentence pooling a passage is one of the article's own sentences, with article pooling it is all the article's own
    text. Set aside are characters of the content that were taken for page furniture.
    """
    if settings.pooling == "sentence":
        spans, own = read_sentences(article, whole_text=whole_text, split=split)
        kept = sum(spans[number][1] - spans[number][0] for number in own)
        return [[spans[number]] for number in own], sum(end - start for start, end in spans) - kept
    content = article.content
    if whole_text or not article.text:
        return ([[(0, len(content))]] if content else []), 0
    offset = len(content) - len(article.text)
    own_text = [(start + offset, end + offset) for start, end in article_spans(article.text)]
    aside = len(article.text) - sum(end - start for start, end in own_text)
    return [[(0, offset), *own_text] if offset else own_text], aside


Request = tuple[str, int, list[Span] | None]
Answer = tuple[list[float], list[Span | None], int, int, int, int]


TYPE_CHECKING = False  # what `typing` says at run time; `typing` itself would cost more than an answer
if TYPE_CHECKING:
    from typing import Protocol
else:
    Protocol = object


class Kernel(Protocol):
    """What `_kernel_scores.h` offers: the same answers as the plain Python of this room, faster."""

    def answer(self, content: str, offset: int, own: list[Span] | None, /) -> Answer:
        """Return scores, spans of the best passages, characters set aside, how many tokens, how many known, how many common.

        Asked for is a content, where its body begins, and the spans in the body that are the article's own (None: all).
        """

    def answer_clean(self, content: str, offset: int, /) -> Answer | None:
        """Return what `answer` does of all of a content; None if a line of the body may be a sign of page furniture."""

    def scores(self, requests: list[Request], /) -> bytes:
        """Return the scores alone: for each request, of what `answer` takes, a double a topic, as they lie in memory."""

    def sentences(self, text: str, /) -> list[Span]:
        """Return what `sentence_spans` does."""

    def tokens(self, text: str, /) -> list[str]:
        """Return what `tokens` does."""

    def token_spans(self, text: str, /) -> list[Word]:
        """Return what `token_spans` does."""


class TopicModel:
    """A table, what its columns mean, and how its scores become answers.

    Make one with `classifier.load` or `classifier.training.train`. `rule` has a decision a topic, in the order of
    `topics`. `card` holds what the model file says of the model beyond that: recipe and provenance.
    """

    __slots__ = ("_idf_of", "_kernel", "card", "hints", "norms", "rule", "settings", "table", "topics")

    def __init__(  # noqa: PLR0913 — a model is these things
        self,
        topics: Topics,
        hints: HintLists,
        settings: FeatureSettings,
        table: Table,
        rule: Rule,
        norms: Norms,
        card: Mapping[str, object],
        kernel: Kernel | None = None,
    ) -> None:
        self.topics = topics
        self.hints = hints
        self.settings = settings
        self.table = table
        self.rule = rule
        self.norms = norms
        self.card = card
        self._kernel = kernel
        self._idf_of: dict[str, float] | None = None

    def __reduce__(self) -> tuple[object, ...]:
        """Go from process to process as plain data, without the kernel; `storage.compiled` gives it one again."""
        table = self.table
        plain = Table(dict(table.rows), list(table.idf), list(table.weights), list(table.bias))
        return TopicModel, (self.topics, self.hints, self.settings, plain, self.rule, self.norms, dict(self.card))

    def __repr__(self) -> str:
        return f"TopicModel({len(self.table.rows)} terms, topics {', '.join(self.topics.ids)})"

    @property
    def kernel(self) -> str:
        """What computes the answers: "C" or "Python"."""
        return "Python" if self._kernel is None else "C"

    @property
    def _idf(self) -> dict[str, float]:
        """Every term with its idf; made when it is first needed, since the kernel does without."""
        if self._idf_of is None:
            self._idf_of = {term: self.table.idf[row] for term, row in self.table.rows.items()}
        return self._idf_of

    # ------------------------------------------------------------------------------------------------------- answers

    def predict(self, article: Article, *, whole_text: bool = False, explain: bool = False) -> Prediction:
        """Return the topics an article carries, with scores, probabilities, evidence and warnings.

        With `whole_text` nothing is set aside as page furniture, with `explain` each answer of yes or unsure is explained.
        An article without a single word carries no topic, unless every article must, and has the warning that says so.
        """
        prediction = self._prediction(article, whole_text=whole_text)
        if not explain:
            return prediction
        shown = [topic for topic in self.topics.ids if topic in prediction.topics or topic in prediction.unsure]
        return prediction.changed(explanations=self.explanations(article, shown, whole_text=whole_text))

    def predict_many(self, articles: Iterable[Article], *, whole_text: bool = False) -> Iterator[Prediction]:
        """Yield the prediction of each article in order, reading one article at a time."""
        for article in articles:
            yield self._prediction(article, whole_text=whole_text)

    def _prediction(self, article: Article, *, whole_text: bool) -> Prediction:
        content = article.content
        scores, best, set_aside, length, known, common = self._answer(article, content, whole_text=whole_text)
        rule, ids = self.rule, self.topics.ids
        yes = rule.yes(scores)
        unsure = rule.unsure(scores, yes)
        evidence = []
        # Here and below all have a number a topic; asking for one length would cost as much again.
        for topic, score, place, said, doubted in zip(ids, scores, best, yes, unsure):  # noqa: B905
            if place and (said or doubted):
                start, end = place
                evidence.append(made(Evidence, (topic, content[start:end], start, end, score)))
        fields = (
            article.id,
            tuple(compress(ids, yes)),
            tuple(compress(ids, unsure)),
            dict(zip(ids, rule.probabilities(scores))),  # noqa: B905
            dict(zip(ids, scores)),  # noqa: B905
            tuple(evidence),
            tuple(self._warnings(length, known, common)),
            set_aside,
            (),
        )
        return made(Prediction, fields)

    def topics_of(self, texts: Sequence[str], *, whole_text: bool = False) -> list[tuple[str, ...]]:
        """Return the topics of many texts and nothing else, in order: the fastest way to ask.

        They are those of `predict`. The kernel lets other threads work meanwhile.
        """
        ids = self.topics.ids
        found: list[tuple[str, ...]] = []
        for first in range(0, len(texts), _AT_ONCE):
            scores = self._scores(texts[first : first + _AT_ONCE], whole_text=whole_text)
            found += [tuple([ids[column] for column in columns]) for columns in self.rule.yes_of_each(scores)]
        return found

    def _scores(self, texts: Sequence[str], *, whole_text: bool) -> Sequence[float]:
        """Return the scores of all topics for each text, one behind the other."""
        if self._kernel is None:
            answers = [self._read(Article(text), whole_text=whole_text) for text in texts]
            return [score for scores, *_ in answers for score in scores]
        own = [None] * len(texts) if whole_text else [_own(text) for text in texts]
        requests: list[Request] = [(text, 0, spans) for text, spans in zip(texts, own, strict=True)]
        return memoryview(self._kernel.scores(requests)).cast("d")

    def explain(self, article: Article, topic: str, *, whole_text: bool = False) -> Explanation:
        """Return the sentences at or above the topic's threshold, and the best one, with the exact shares of their terms.

        Where the whole article is scored at once, it stands for its only sentence. Raises `UsageError` for a topic the model
        does not have.
        """
        return self.explanations(article, [topic], whole_text=whole_text)[0]

    def explanations(self, article: Article, topics: Sequence[str], *, whole_text: bool = False) -> tuple[Explanation, ...]:
        """Return the explanation of each of some topics, as `explain` does, reading the article once."""
        columns = [self.topics.column(topic) for topic in topics]
        if not columns:
            return ()
        content = article.content
        split, spans_of = (
            (self._kernel.sentences, self._kernel.token_spans) if self._kernel else (sentence_spans, token_spans)
        )
        passages, _ = read_passages(article, self.settings, whole_text=whole_text, split=split)
        bags = self._bags(content, passages)
        rows = [self.score_bag(bag) for bag in bags] or [list(self.table.bias)]
        numbers = _best(rows)
        scores = [rows[number][column] for column, number in enumerate(numbers)]
        yes = self.rule.yes(scores)
        unsure = self.rule.unsure(scores, yes)
        places = Places(content, passages, self.hints.lists_of_name, self.hints.longest, spans_of)
        whole = self.settings.pooling == "article"
        spans, own = read_sentences(article, whole_text=whole_text, split=split) if whole else ([], [])
        found = []
        for column in columns:
            decision, bias = self.rule.decisions[column], self.table.bias[column]
            sentences = []
            for number, bag in enumerate(bags):
                score = rows[number][column]
                if number == numbers[column] or decision.says_yes(score):
                    start, end = passages[number][0][0], passages[number][-1][1]
                    terms = self._shares(bag, column, places, number)
                    parts = _parts([spans[n] for n in own], places.words(number), terms) if whole else ()
                    own_share = sum(term.share for term in terms if not hint_parts(term.term)[0])
                    one = ExplainedSentence(content[start:end], start, end, score, score - bias, own_share, terms, parts)
                    sentences.append(one)
            answer = decision.says_yes(scores[column]), yes[column], unsure[column]
            topic = self.topics.ids[column]
            found.append(Explanation(topic, scores[column], decision.threshold, *answer, bias, tuple(sentences)))
        return tuple(found)

    # ---------------------------------------------------------------------------------------------------- arithmetic

    def _answer(self, article: Article, content: str, *, whole_text: bool) -> Answer:
        """Return what `Kernel.answer` does of one article, which has this content, by the kernel if there is one."""
        if self._kernel is None:
            return self._read(article, whole_text=whole_text)
        offset = len(content) - len(article.text)
        if whole_text:
            return self._kernel.answer(content, offset, None)
        return self._kernel.answer_clean(content, offset) or self._kernel.answer(content, offset, _own(article.text))

    def _read(self, article: Article, *, whole_text: bool) -> Answer:
        """Return what `Kernel.answer` does of one article, in plain Python.

        Where the article is scored whole, or has no words, no sentence is named.
        """
        passages, aside = read_passages(article, self.settings, whole_text=whole_text)
        bags = self._bags(article.content, passages)
        rows = [self.score_bag(bag) for bag in bags] or [list(self.table.bias)]
        numbers = _best(rows)
        named = bags and self.settings.pooling == "sentence"
        spans = [passages[number][0] if named else None for number in numbers]
        return [rows[number][column] for column, number in enumerate(numbers)], spans, aside, *self._count(bags)

    def _count(self, bags: Sequence[Bag]) -> tuple[int, int, int]:
        """Return how many words there are, how many are known, how many are common."""
        words = [(word, count) for bag in bags for word, count in bag.words.items() if " " not in word]
        known = [(self._idf[word], count) for word, count in words if word in self._idf]
        common = sum(count for idf, count in known if idf <= self.norms.common_idf)
        return sum(count for _, count in words), sum(count for _, count in known), common

    def score_bag(self, bag: Bag) -> list[float]:
        """Return the scores of one passage, one a topic."""
        rows, weights, width = self.table.rows, self.table.weights, len(self.topics)
        scores = list(self.table.bias)
        for term, value in weigh(bag, self._idf).items():
            first = rows[term] * width
            for column in range(width):
                scores[column] += value * weights[first + column]
        return scores

    def _bags(self, content: str, passages: Sequence[Sequence[Span]]) -> list[Bag]:
        # By the kernel where there is one: its characters are those of the Unicode version that trained the model.
        read = self._kernel.tokens if self._kernel else tokens
        words = [[word for start, end in passage for word in read(content[start:end])] for passage in passages]
        return article_bags(words, self.hints, self.settings)

    def _shares(self, bag: Bag, column: int, places: Places, number: int) -> tuple[Share, ...]:
        """Return the terms of a passage with their shares of its score, the weightiest first."""
        rows, weights, width = self.table.rows, self.table.weights, len(self.topics)
        of_terms = places.of_terms(number, self.settings.longest)
        shares = [
            Share(
                term,
                value * weights[rows[term] * width + column],
                _hint_places(term, places, number) if is_hint(term) else of_terms.get(term, ()),
            )
            for term, value in weigh(bag, self._idf).items()
        ]
        return tuple(sorted(shares, key=lambda share: (-abs(share.share), share.term)))

    def _warnings(self, length: int, known: int, common: int) -> list[str]:
        """Return what makes an answer doubtful whatever the scores say, given the numbers of words."""
        norms, found = self.norms, []
        if length < _FEWEST_WORDS:
            found.append(f"too short to judge well ({length} of {_FEWEST_WORDS} words)")
        elif not norms.shortest <= length <= norms.longest:
            found.append(f"{length} words; the articles that taught the model had {norms.shortest} to {norms.longest}")
        if length >= _FEWEST_WORDS and common < norms.common_share * length:
            found.append(f"not the language of training: {common} of {length} words are common in it")
        if known < _KNOWN_SHARE * length:
            found.append(f"mostly unknown words: {length - known} of {length}")
        return found


def _own(text: str) -> list[Span] | None:
    """Return the spans of a text that are the article's own; None for all of it."""
    spans = article_spans(text)
    return None if spans and spans[0] == (0, len(text)) else spans


def _best(rows: Sequence[Sequence[float]]) -> list[int]:
    """Return for each column the number of the row with the highest score, the first of equals."""
    return [max(range(len(rows)), key=lambda number: rows[number][column]) for column in range(len(rows[0]))]


def _hint_places(term: str, places: Places, number: int) -> tuple[Span, ...]:
    """Return where the names stand for which a hint holds of a passage."""
    where, lists = hint_parts(term)
    return places.of_lists(lists, {"": number, "before": number - 1, "title": 0, "article": None}[where])


def _parts(sentences: Sequence[Span], words: Sequence[tuple[str, int, int]], terms: Sequence[Share]) -> tuple[Part, ...]:
    """Return what the words of each sentence add to the score of a passage that holds them all."""
    weights = word_weights(words, terms)
    starts = [start for _, start, _ in words]
    bounds = [(bisect_left(starts, start), bisect_left(starts, end)) for start, end in sentences]
    return tuple((*span, sum(weights[first:last])) for span, (first, last) in zip(sentences, bounds, strict=True))
