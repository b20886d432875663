"""Explanations come in, plain records for JSON go out, with offsets into the user's own title and text; no models here."""

from collections.abc import Iterator, Sequence
from typing import Any

from classifier.places import in_fields
from classifier.records import Article, ExplainedSentence, Explanation, Share

__all__ = ["evidence_records"]

_TERMS = 10  # terms of a sentence that are named; a sentence has dozens, and the weightiest ten make most of its score
_DIGITS = 6  # more than anybody reads, and sums come out right to a millionth


def evidence_records(article: Article, explanations: Sequence[Explanation]) -> list[dict[str, Any]]:
    """Return a record a sentence that speaks for a topic: the best one and all at or above the threshold, in reading order.

    `start` and `end` count characters of the `field` named beside them, the article's own "title" or "text" as it was
    given. `bias`, the shares of `terms` and `rest`, that of all other terms and of rounding, add up to `score`. Where the
    model scores the whole article at once, the sentence is the one with the greatest part in the score, and the terms are
    the article's.
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
        "terms": terms,
        "rest": round(score - bias - sum(term["share"] for term in terms), _DIGITS),
    }


def _term(article: Article, term: Share) -> dict[str, Any]:
    places = [place for start, end in term.spans for place in _places(article, start, end)]
    return {"term": term.term, "share": round(term.share, _DIGITS), "places": places}


def _places(article: Article, start: int, end: int) -> Iterator[dict[str, Any]]:
    for field, at, to in in_fields(article, start, end):
        yield {"field": field, "start": at, "end": to}
