"""Explanations come in, the sentences to show and plain records for JSON go out; models and layout are unknown here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from classifier.places import in_fields
from classifier.records import Article, ExplainedSentence, Explanation, Share

TYPE_CHECKING = False  # what `typing` says at run time; see `frozen`
if TYPE_CHECKING:
    from typing import Any

__all__ = ["evidence_records", "telling"]

# Of the sentences above a threshold that take less than a quarter of their share from their own words, two in five are not
# about the topic by the gold of the corpus (1380 of 3641); of the others, one in sixty (151 of 9199). Neighbours lift them.
_OWN = 0.25

_TERMS = 10  # terms of a sentence that are named; a sentence has dozens, and the weightiest ten make most of its score
_DIGITS = 6  # more than anybody reads, and sums come out right to a millionth


def telling(explanation: Explanation) -> list[ExplainedSentence]:
    """Return the sentences of an explanation that speak by their own words, the best one in any case, in reading order."""
    return [s for s in explanation.sentences if s.own >= _OWN * s.share or s.score == explanation.score]


def evidence_records(article: Article, explanations: Sequence[Explanation]) -> list[dict[str, Any]]:
    """Return a record a sentence that speaks for a topic: the best one and all at or above the threshold, in reading order.

    `start` and `end` count characters of the `field` named beside them, the article's own "title" or "text" as it was
    given. `own` is what the words of the sentence itself add to `score`; `bias`, the shares of `terms` and `rest`, that of
    all other terms and of rounding, add up to it. Where the model scores the whole article at once, the sentence is the one
    with the greatest part in the score, and the terms are the article's.
    """
    return [_record(article, explanation, sentence) for explanation in explanations for sentence in explanation.sentences]


def _record(article: Article, explanation: Explanation, sentence: ExplainedSentence) -> dict[str, Any]:
    start, end, _ = max(sentence.parts, key=lambda part: part[2], default=(sentence.start, sentence.end, 0.0))
    score, bias = round(sentence.score, _DIGITS), round(explanation.bias, _DIGITS)
    terms = [_term(article, term) for term in sentence.terms[:_TERMS]]
    return {
        "topic": explanation.topic,
        "sentence": article.content[start:end],
        **next(_places(article, start, end)),
        "score": score,
        "bias": bias,
        "own": round(sentence.own, _DIGITS),
        "terms": terms,
        "rest": round(score - bias - sum(term["share"] for term in terms), _DIGITS),
    }


def _term(article: Article, term: Share) -> dict[str, Any]:
    places = [place for start, end in term.spans for place in _places(article, start, end)]
    return {"term": term.term, "share": round(term.share, _DIGITS), "places": places}


def _places(article: Article, start: int, end: int) -> Iterator[dict[str, Any]]:
    for field, at, to in in_fields(article, start, end):
        yield {"field": field, "start": at, "end": to}
