"""Records of what is in a model come in, lines for a person's eyes go out; models, files and options are unknown here."""

from collections.abc import Iterator, Mapping
from typing import Any

from classifier.terminal import Style, columns, cut, wrap
from classifier.wording import in_words

__all__ = ["show_model", "show_term"]

_FOR, _AGAINST = "32", "35"


def show_model(record: Mapping[str, Any], names: Mapping[str, str], style: Style) -> str:
    """Return what `contents.model_record` found as lines: the topics first, then what they share."""
    lines = [line for topic in record["topics"] for line in _topic(topic, names, style)]
    counts = ", ".join(f"{number} {what}" for what, number in record["terms"].items())
    features, recipe = record["features"], record.get("recipe", {})
    lists = ", ".join(f"{name} {number}" for name, number in record["lists"].items())
    rows = {
        "terms": counts,
        "names": lists or "no lists of names",
        "scores": "the best sentence of an article" if features["pooling"] == "sentence" else "an article as a whole",
        "none": "every article gets a topic" if record["at_least_one"] else "an article may carry no topic",
        "recipe": _pairs(recipe) or "not told",
        "made from": _pairs(record.get("provenance", {})) or "not told",
        "kernel": record["kernel"],
    }
    for label, text in rows.items():
        lines += wrap(text, [], style, style.paint(f"{label:11s}", "1"), " " * 11)
    return "\n".join(lines) + "\n"


def _pairs(table: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in table.items())


def _topic(topic: Mapping[str, Any], names: Mapping[str, str], style: Style) -> Iterator[str]:
    yield style.paint(f"{cut(topic['name'], style.width)}", "1") + f"  ({topic['id']})"
    if topic["definition"]:
        yield from wrap(topic["definition"], [], style, "  ", "  ")
    sure_yes = "every yes is unsure" if topic["upper"] is None else f"sure from {topic['upper']:+.2f}"
    sure_no = (
        "a no is never unsure and promises nothing" if topic["lower"] is None else f"no, sure below {topic['lower']:+.2f}"
    )
    text = f"yes from a score of {topic['threshold']:+.2f}, {sure_yes}; {sure_no}; scores start at {topic['bias']:+.2f}"
    yield from wrap(text, [], style, "  ", "  ")
    for label, terms in (("for", topic["for"]), ("against", topic["against"]), ("hints", topic["hints"])):
        shown = ", ".join(f"{in_words(term, names)} {weight:+.2f}" for term, weight in terms.items()) or "none"
        yield from wrap(shown, [], style, style.paint(f"  {label:9s}", "1"), " " * 11)
    yield ""


def show_term(record: Mapping[str, Any], names: Mapping[str, str], style: Style) -> str:
    """Return what `contents.term_record` found as lines: a line a topic, or the nearest spellings."""
    return "\n".join(_term(record, names, style)) + "\n"


def _term(record: Mapping[str, Any], names: Mapping[str, str], style: Style) -> Iterator[str]:
    words = in_words(record["term"], names) or "nothing that is a word"
    heading = style.paint(cut(words, style.width), "1")
    if record["known"]:
        rare = f"idf {record['idf']:.3f}" if "idf" in record else f"weighs {record['value']} where it holds"
        yield f"{heading}  {rare}"
        width = max(columns(names[topic]) for topic in record["weights"])
        for topic, weight in record["weights"].items():
            name = names[topic] + " " * (width - columns(names[topic]))
            yield f"  {name}  " + style.paint(f"{weight:+.3f}", _FOR if weight > 0 else _AGAINST if weight else "")
    else:
        yield f"{heading}  is no term of this model"
        if record["nearest"]:
            nearest = ", ".join(in_words(term, names) for term in record["nearest"])
            yield from wrap(f"spelt like it: {nearest}", [], style, "  ", "    ")
    for name, adds in record["lists"].items():
        topic = name.partition("/")[0]
        text = f"stands in the list {name}: as a name of it adds {adds:+.3f} to {names.get(topic, topic)}"
        yield from wrap(text, [], style, "  ", "    ")
