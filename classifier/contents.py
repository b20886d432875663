"""A model comes in, plain records of what is in it go out: topics, terms, weights, lists; layout is unknown here."""

import difflib
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from classifier.features import HINT, hint_topic, hint_value, is_hint
from classifier.model import TopicModel
from classifier.text import tokens

__all__ = ["model_record", "term_record"]

_NEAREST = 5  # spellings offered for a term that is not there
_ALIKE = 0.7  # of two spellings' letters: less and the word is another
_DIGITS = 6


def model_record(model: TopicModel, *, topic: str | None = None, top: int) -> dict[str, Any]:
    """Return what a model is: topics with their `top` weightiest terms each way, numbers of terms, lists, recipe, origin.

    With `topic` only that one is in it; an unknown one raises `UsageError`.
    """
    columns = range(len(model.topics)) if topic is None else [model.topics.column(topic)]
    terms = sorted(model.table.rows, key=model.table.rows.__getitem__)
    lengths = [term.count(" ") + 1 for term in terms if not is_hint(term)]
    sizes: dict[str, int] = {}
    for lists in model.hints.lists_of_name.values():
        for one in lists if topic is None else [one for one in lists if hint_topic(one) == topic]:
            sizes[one] = sizes.get(one, 0) + 1
    return {
        "topics": [_topic(model, column, terms, top) for column in columns],
        "at_least_one": model.rule.at_least_one,
        "terms": {
            **{f"runs of {n}" if n > 1 else "words": lengths.count(n) for n in range(1, model.settings.longest + 1)},
            "hints": len(terms) - len(lengths),
        },
        "lists": dict(sorted(sizes.items())),
        "features": asdict(model.settings),
        "kernel": model.kernel,
        **model.card,
    }


def _topic(model: TopicModel, column: int, terms: list[str], top: int) -> dict[str, Any]:
    topic, decision = list(model.topics)[column], model.rule.decisions[column]
    weights = model.table.weights
    width = len(model.topics)
    weighed = [(term, round(float(weights[row * width + column]), _DIGITS)) for row, term in enumerate(terms)]
    weighed.sort(key=lambda pair: (-pair[1], pair[0]))
    words = [pair for pair in weighed if not is_hint(pair[0])]
    hints = sorted((pair for pair in weighed if is_hint(pair[0]) and pair[1]), key=lambda pair: (-abs(pair[1]), pair[0]))
    return {
        "id": topic.id,
        "name": topic.name,
        "definition": topic.definition,
        "threshold": decision.threshold,
        "lower": decision.lower,
        "upper": decision.upper,
        "bias": model.table.bias[column],
        "for": dict([pair for pair in words if pair[1] > 0][:top]),
        "against": dict([pair for pair in reversed(words) if pair[1] < 0][:top]),
        "hints": dict(hints[:top]),
    }


def term_record(model: TopicModel, typed: str) -> dict[str, Any]:
    """Return the row of a term as somebody types it: case, accents and hyphens are folded, several words are a run.

    `idf` is how rare a word is, `value` what a hint weighs where it holds. A term that is not in the table comes with the
    `nearest` spellings that are. `lists` are the name lists it stands in, each with what the hint that a name of the list
    stands in the sentence adds to the score of its topic.
    """
    term = typed.strip() if is_hint(typed.strip()) else " ".join(tokens(typed))
    row = model.table.rows.get(term)
    record: dict[str, Any] = {"typed": typed, "term": term, "known": row is not None}
    record["lists"] = {one: _adds(model, f"{HINT}{one}") for one in model.hints.lists_of_name.get(term, ())}
    if row is None:
        return record | {"nearest": _nearest(term, model.table.rows)}
    width = len(model.topics)
    weights = [round(float(weight), _DIGITS) for weight in model.table.weights[row * width : (row + 1) * width]]
    worth = ("value", hint_value(term, model.settings)) if is_hint(term) else ("idf", round(model.table.idf[row], _DIGITS))
    return record | {worth[0]: worth[1], "weights": dict(zip(model.topics.ids, weights, strict=True))}


def _adds(model: TopicModel, hint: str) -> float:
    """Return what a hint adds to the score of the topic of its list; 0 for one that the table does not have."""
    row, topic = model.table.rows.get(hint), hint_topic(hint)
    if row is None or topic not in model.topics:
        return 0.0
    weight = model.table.weights[row * len(model.topics) + model.topics.column(topic)]
    return round(hint_value(hint, model.settings) * float(weight), _DIGITS)


def _nearest(term: str, terms: Iterable[str]) -> list[str]:
    """Return the terms spelt most like one; only those of about its length and of as many words are compared."""
    alike = [
        other
        for other in terms
        if is_hint(other) == is_hint(term)
        and other.count(" ") == term.count(" ")
        and abs(len(other) - len(term)) <= len(term) * (1 - _ALIKE) + 1
    ]
    return difflib.get_close_matches(term, alike, n=_NEAREST, cutoff=_ALIKE)
