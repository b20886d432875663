"""Sentences come in, weighted terms go out: the arithmetic between a text and the table; columns are unknown here.

A sentence is described by two kinds of terms. *Words* are its runs of one or two tokens, weighted by TF-IDF and scaled
to length one, as scikit-learn's TfidfVectorizer (sublinear_tf) does; `tests/test_features.py` holds the two together.
*Hints* say that a name list of the topic file hits: in the sentence, in the title, in the sentence before it, somewhere
in the article. A hint weighs the same whatever the length of the sentence.

This is the plain Python reference: it reads like the definition, and anything faster must say the same.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from classifier.frozen import Frozen
from classifier.text import ngrams, tokens
from classifier.topics import Topics

__all__ = [
    "HINT",
    "LONGEST_RUN",
    "POOLINGS",
    "Bag",
    "FeatureSettings",
    "HintLists",
    "article_bags",
    "article_hints",
    "hint_kinds",
    "hint_parts",
    "hint_topic",
    "hint_value",
    "is_hint",
    "weigh",
]

POOLINGS = ("sentence", "article")
LONGEST_RUN = 5  # tokens in a word term: nobody counts runs of six words, and a huge number would never end

# Stands in front of the name of every hint term. It is no letter, so no word of a text can look like a hint.
HINT = "@"


class FeatureSettings(Frozen):
    """What decides which terms a passage has and what a hint weighs; part of every model.

    `pooling` says what a passage is: with "sentence" each sentence is one and the best decides, with "article" the whole
    article is one. `longest` is the greatest number of tokens in a word term. `hint_weight` is the weight of a hint in the
    passage itself, `context_weight` of one in its surroundings; beside them a passage's words together have length 1.
    """

    pooling: str = "sentence"
    longest: int = 2
    hint_weight: float = 0.2
    context_weight: float = 0.1


class Bag(Frozen):
    """The terms of one passage: how often each word term occurs in it, and which hints hold for it."""

    words: Mapping[str, int]
    hints: frozenset[str]


class HintLists:
    """The names that hint at topics, ready for look-up: names in folded tokens, each with the lists it stands in."""

    __slots__ = ("_lists", "_longest")

    def __init__(self, lists_of_name: Mapping[str, Sequence[str]]) -> None:
        self._lists = {name: tuple(sorted(lists)) for name, lists in lists_of_name.items()}
        self._longest = max((name.count(" ") + 1 for name in self._lists), default=0)

    @classmethod
    def of_topics(cls, topics: Topics) -> "HintLists":
        """Return the hint lists of a topic list; a list is named topic/kind."""
        lists: dict[str, set[str]] = {}
        for topic in topics:
            for kind, names in topic.hints.items():
                for name in names:
                    lists.setdefault(" ".join(tokens(name)), set()).add(f"{topic.id}/{kind}")
        lists.pop("", None)
        return cls({name: sorted(found) for name, found in sorted(lists.items())})

    @property
    def longest(self) -> int:
        """The greatest number of tokens in a name; 0 if there are no names."""
        return self._longest

    @property
    def lists_of_name(self) -> Mapping[str, tuple[str, ...]]:
        """Every name with the lists it stands in."""
        return self._lists

    def found(self, words: Sequence[str]) -> frozenset[str]:
        """Return the lists that hit in a sequence of tokens."""
        if not self.longest:
            return frozenset()
        lists_of = self.lists_of_name
        return frozenset(name for run in ngrams(words, self.longest) for name in lists_of.get(run, ()))


_OF_ARTICLE = (f"{HINT}article:", f"{HINT}title:")  # how hints begin that hold of all passages or of none


def is_hint(term: str) -> bool:
    """Tell a hint term from a word term."""
    return term.startswith(HINT)


def article_bags(passages: Sequence[Sequence[str]], hints: HintLists, settings: FeatureSettings) -> list[Bag]:
    """Return the bag of each passage of an article in order, given its tokens; the first is taken for the headline."""
    held = article_hints([hints.found(words) for words in passages])
    return [Bag(Counter(ngrams(words, settings.longest)), own) for words, own in zip(passages, held, strict=True)]


def article_hints(found: Sequence[frozenset[str]]) -> list[frozenset[str]]:
    """Return the hint terms that hold for each passage of an article, given the lists that hit in each."""
    somewhere = frozenset[str]().union(*found)
    before = [frozenset[str](), *found]
    return [frozenset(_hint_terms(own, before[number], found[0], somewhere)) for number, own in enumerate(found)]


def _hint_terms(
    own: frozenset[str], before: frozenset[str], title: frozenset[str], somewhere: frozenset[str]
) -> Iterable[str]:
    """Yield the names of the hint terms that hold for a sentence."""
    ordered = sorted(own)
    for number, one in enumerate(ordered):
        yield f"{HINT}{one}"
        for other in ordered[number + 1 :]:
            if one.split("/")[0] == other.split("/")[0]:  # pairs of kinds of one topic: a craft and an event
                yield f"{HINT}{one}+{other}"
    yield from (f"{HINT}title:{name}" for name in title)
    yield from (f"{HINT}before:{name}" for name in before)
    yield from (f"{HINT}article:{name}" for name in somewhere)


def hint_kinds(lists: Sequence[str]) -> list[str]:
    """Return every hint term that lists can give rise to: own, title, before, article a list each, then all pairs.

    A pair that cannot be (of two topics, or the wrong way round) is an empty string. The order is that of the kernel.
    """
    own = [f"{HINT}{one}" for one in lists]
    around = [f"{HINT}{place}:{one}" for place in ("title", "before", "article") for one in lists]
    pairs = [
        f"{HINT}{one}+{other}" if one < other and one.split("/")[0] == other.split("/")[0] else ""
        for one in lists
        for other in lists
    ]
    return own + around + pairs


def hint_parts(term: str) -> tuple[str, tuple[str, ...]]:
    """Return where a hint term looks ("" for the passage itself, "title", "before" or "article") and the lists that hit."""
    place, _, lists = term.removeprefix(HINT).rpartition(":")
    return place, tuple(lists.split("+"))


def hint_topic(term: str) -> str:
    """Return the topic whose lists a hint term speaks of."""
    return term.removeprefix(HINT).rpartition(":")[2].partition("/")[0]


def hint_value(term: str, settings: FeatureSettings) -> float:
    """Return the weight of a hint term that holds."""
    return settings.context_weight if ":" in term else settings.hint_weight


def weigh(bag: Bag, idf: Mapping[str, float]) -> dict[str, float]:
    """Return the weight of every term of a bag that is in the vocabulary.

    `idf` maps each term of the vocabulary to its inverse document frequency, and each hint to the weight it has when it
    holds. The weight of a word that occurs n times is (1 + ln n) · idf, divided by the Euclidean length of all of them.
    """
    words = {term: (1.0 + math.log(count)) * idf[term] for term, count in bag.words.items() if term in idf}
    squares = sum(weight * weight for weight in words.values())
    scale = 1.0 / math.sqrt(squares) if words else 0.0
    # Sums are made in one order, always: first what holds of the whole article, which the kernel adds up once.
    hints = {hint: idf[hint] for hint in sorted(bag.hints) if hint in idf}
    weights = {hint: weight for hint, weight in hints.items() if hint.startswith(_OF_ARTICLE)}
    weights.update((term, weight * scale) for term, weight in words.items())
    return weights | hints
