"""Terms of a model come in, words for people go out; scores and layout are unknown here."""

from collections.abc import Mapping

from classifier.features import hint_parts, hint_topic, is_hint
from classifier.records import Article, Share

__all__ = ["in_words", "names_that_hit"]

_WHO = {"": "names", "title": "the headline names", "before": "the sentence before names", "article": "the article names"}
# Kinds of lists that hold names of things; of any other kind a list is called by its name, since its words may be anything.
_KINDS = {
    "names": "a name",
    "country": "the country",
    "places": "a place",
    "people": "a person",
    "groups": "a group",
    "bodies": "a body",
    "sides": "a side",
    "weapons": "a weapon",
    "craft": "a craft",
    "carriers": "a carrier",
    "flights": "a flight",
    "vaccines": "a vaccine",
}
_NAMES = 3  # names shown behind a hint


def in_words(term: str, topic_names: Mapping[str, str]) -> str:
    """Return what a term says: a word term as it is, a hint as "the headline names a place of Syria"."""
    if not is_hint(term):
        return term
    where, lists = hint_parts(term)
    kinds = (name.partition("/")[2] for name in lists)
    what = " and ".join(_KINDS.get(kind, f"a word of the list “{kind}”") for kind in kinds)
    topic = hint_topic(term)
    return f"{_WHO[where]} {what} of {topic_names.get(topic, topic)}"


def names_that_hit(article: Article, term: Share) -> str:
    """Return the names for which a hint holds, as the article has them, each once and the first few; "" for a word term."""
    if not is_hint(term.term):
        return ""
    names = {" ".join(article.content[start:end].split()): None for start, end in term.spans}
    return ", ".join(list(names)[:_NAMES]) + (f" and {len(names) - _NAMES} more" if len(names) > _NAMES else "")
