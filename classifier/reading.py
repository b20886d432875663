"""Texts come in, sentences, tokens and numbered runs go out, by the kernel where there is one; models are unknown here.

Room `text` says what these are, and the kernel says the same faster; where there is none, `PlainReader` takes its place.
"""

import functools
from array import array
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from classifier.characters import character_tables
from classifier.native import native
from classifier.text import ngrams, sentence_spans, token_spans, tokens, word_texts

__all__ = ["PlainReader", "Reader", "reader", "sentences_of", "tokens_of"]

Span = tuple[int, int]


class Reader(Protocol):
    """Reads texts and numbers the runs of tokens in them, from 0 in the order in which they are first met.

    One that has been made by `reader` knows no run yet.
    """

    def sentences(self, text: str, /) -> list[Span]:
        """Return what `text.sentence_spans` does."""

    def tokens(self, text: str, /) -> list[str]:
        """Return what `text.tokens` does."""

    def token_spans(self, text: str, /) -> list[tuple[str, int, int]]:
        """Return what `text.token_spans` does."""

    def read(self, content: str, passages: list[list[Span]], learn: bool, /) -> tuple[bytes, bytes, bytes, int]:  # noqa: FBT001 — C
        """Return the numbers of each passage's runs, each once; how often each stands there; how many runs a passage has.

        The last is the number of tokens in all. A passage is the spans it is made of, in order; its runs are those of
        `text.ngrams`. The bytes hold C's int, unsigned int and long long, as `array` and numpy read them. A run without a
        number is given one if the reader is to `learn`, and is left out if not.
        """

    def term(self, number: int, /) -> str:
        """Return the tokens of a run, joined by spaces. Raises `IndexError` for a number that no run has."""


class PlainReader:
    """A `Reader` in plain Python."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._numbers: dict[str, int] = {}
        self._terms: list[str] = []

    sentences = staticmethod(sentence_spans)
    tokens = staticmethod(tokens)
    token_spans = staticmethod(token_spans)

    def read(self, content: str, passages: Sequence[Sequence[Span]], learn: bool) -> tuple[bytes, bytes, bytes, int]:  # noqa: FBT001 — as in C
        """Return what `Reader.read` says."""
        numbers, counts, sizes, total = array("i"), array("I"), array("q"), 0
        known = self._numbers
        for passage in passages:
            words = [word for start, end in passage for word in tokens(content[start:end])]
            found = Counter(ngrams(words, self._longest))
            if learn:
                numbers.extend([known.setdefault(run, len(known)) for run in found])
                counts.extend(found.values())
            else:
                found = Counter({run: count for run, count in found.items() if run in known})
                numbers.extend([known[run] for run in found])
                counts.extend(found.values())
            sizes.append(len(found))
            total += len(words)
        return numbers.tobytes(), counts.tobytes(), sizes.tobytes(), total

    def term(self, number: int) -> str:
        """Return what `Reader.term` says."""
        if number < 0:
            raise IndexError("no run has this number")
        if len(self._terms) < len(self._numbers):
            self._terms = list(self._numbers)
        return self._terms[number]


def reader(longest: int = 1) -> Reader:
    """Return a new reader of runs of at most so many tokens: the kernel's if it is there, or else one of plain Python."""
    made = native("Reader")
    if made is None:
        return PlainReader(longest)
    tables = character_tables()
    found: Reader = made((tables["pages"], tables["folds"], tables["classes"]), word_texts(), longest)
    return found


def sentences_of(text: str) -> list[Span]:
    """Return what `text.sentence_spans` does, for who reads many texts."""
    return _shared().sentences(text)


def tokens_of(text: str) -> list[str]:
    """Return what `text.tokens` does, for who reads many texts."""
    return _shared().tokens(text)


@functools.cache
def _shared() -> Reader:
    return reader()
