"""An article's text and the terms of a model come in, the characters they stand on go out; weights are unknown here.

All offsets count characters of `Article.content`, and every place lies on its words: the tokens of the characters from its
start to its end are the term or the name. `in_fields` says where that is in the title or the text as the user gave them.
"""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence

from classifier.records import Article, ExplainedSentence, Share
from classifier.text import ngrams, token_spans, tokens

__all__ = ["Places", "in_fields", "weighty_runs", "word_weights"]

_WEIGHTY = 0.2  # a word with less than a fifth of what the weightiest term has is not what decided

Span = tuple[int, int]
Word = tuple[str, int, int]


class Places:
    """Where the terms and the names of one article's passages stand; each passage is read when it is first asked for.

    `passages` are made of spans of `content`, `lists_of_name` maps each name in folded tokens to the lists it stands in.
    `spans_of` finds the tokens of a text, as `token_spans` does.
    """

    __slots__ = ("_content", "_first", "_joined", "_lists", "_longest", "_names", "_passages", "_spans_of", "_words")

    def __init__(
        self,
        content: str,
        passages: Sequence[Sequence[Span]],
        lists_of_name: Mapping[str, Sequence[str]],
        longest: int,
        spans_of: Callable[[str], list[Word]] = token_spans,
    ) -> None:
        self._content = content
        self._passages = passages
        self._lists = lists_of_name
        self._longest = longest
        self._spans_of = spans_of
        self._words: dict[int, list[list[Word]]] = {}
        self._names: dict[int, dict[str, tuple[Span, ...]]] = {}
        self._first: dict[str, tuple[Span, ...]] | None = None
        self._joined: dict[tuple[tuple[str, ...], int | None], tuple[Span, ...]] = {}

    def words(self, number: int) -> list[Word]:
        """Return the words of a passage in order."""
        return [word for run in self._runs(number) for word in run]

    def of_terms(self, number: int, longest: int) -> dict[str, tuple[Span, ...]]:
        """Return where each run of at most `longest` words of a passage stands.

        A run whose words are parted by text that was set aside stands nowhere.
        """
        return _spans_of(run for words in self._runs(number) for run in _runs_of(words, longest))

    def of_names(self, number: int) -> dict[str, tuple[Span, ...]]:
        """Return for each list the places of its names in a passage; a name inside a longer one of the list is left out."""
        if number not in self._names:
            found = _spans_of(
                (one, span)
                for words in self._runs(number)
                for name, span in _runs_of(words, self._longest, self._lists)
                for one in self._lists[name]
            )
            self._names[number] = {one: _outermost(spans) for one, spans in found.items()}
        return self._names[number]

    def of_first_names(self) -> dict[str, tuple[Span, ...]]:
        """Return for each list the places in the whole article where one of its names stands for the first time."""
        if self._first is None:
            first: dict[str, dict[tuple[str, ...], Span]] = {}
            for number in range(len(self._passages)):
                for one, spans in self.of_names(number).items():
                    for start, end in spans:
                        first.setdefault(one, {}).setdefault(tuple(tokens(self._content[start:end])), (start, end))
            self._first = {one: tuple(spans.values()) for one, spans in first.items()}
        return self._first

    def of_lists(self, lists: tuple[str, ...], number: int | None) -> tuple[Span, ...]:
        """Return where names of some lists stand in a passage in order; for None, where they first do in the article."""
        key = lists, number
        if key not in self._joined:
            found = self.of_first_names() if number is None else self.of_names(number)
            self._joined[key] = tuple(sorted({span for one in lists for span in found.get(one, ())}))
        return self._joined[key]

    def _runs(self, number: int) -> list[list[Word]]:
        """Return the words of a passage, parted where other words of the content lie between them."""
        if number not in self._words:
            runs: list[list[Word]] = []
            end = 0
            for start, stop in self._passages[number]:
                if not runs or self._spans_of(self._content[end:start]):
                    runs.append([])
                runs[-1] += [(word, at + start, to + start) for word, at, to in self._spans_of(self._content[start:stop])]
                end = stop
            self._words[number] = runs
        return self._words[number]


def _runs_of(words: Sequence[Word], longest: int, wanted: Container[str] | None = None) -> Iterator[tuple[str, Span]]:
    """Yield the wanted runs of 1 to `longest` words, or all, in the order of `ngrams`, each with its place."""
    runs = ngrams([word for word, _, _ in words], longest)
    behind = 0  # the last run of this length
    for length in range(1, min(longest, len(words)) + 1):
        begin, behind = behind, behind + len(words) - length + 1
        for at in range(begin, behind):
            if wanted is None or runs[at] in wanted:
                yield runs[at], (words[at - begin][1], words[at - begin + length - 1][2])


def _spans_of(found: Iterator[tuple[str, Span]]) -> dict[str, tuple[Span, ...]]:
    spans: dict[str, list[Span]] = {}
    for name, span in found:
        spans.setdefault(name, []).append(span)
    return {name: tuple(places) for name, places in spans.items()}


def _outermost(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Return the spans that lie in no other, in order."""
    kept: list[Span] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or end > kept[-1][1]:
            kept.append((start, end))
    return tuple(kept)


def word_weights(words: Sequence[Word], terms: Sequence[Share]) -> list[float]:
    """Return what each word adds to a score: a term's share falls in equal parts to its places, and there to its words.

    `words` are those of a passage in order. What falls to places elsewhere (a hint of the headline) is in no word.
    """
    number = {start: n for n, (_, start, _) in enumerate(words)}
    weights = [0.0] * len(words)
    for term in terms:
        for start, end in term.spans:
            first = number.get(start)
            if first is None:
                continue
            last = first
            while last + 1 < len(words) and words[last + 1][1] < end:
                last += 1
            for n in range(first, last + 1):
                weights[n] += term.share / len(term.spans) / (last + 1 - first)
    return weights


def weighty_runs(sentence: ExplainedSentence) -> list[tuple[int, int, float]]:
    """Return the weightiest words of an explained sentence in order, as start, end and what they add to its score.

    A word is weighty beside the weightiest term, in a whole article beside the weightiest word, since a term's share is
    spread over the places there. Neighbours that both add or both take away are one run.
    """
    words = [(word, start + sentence.start, end + sentence.start) for word, start, end in token_spans(sentence.text)]
    weights = word_weights(words, sentence.terms)
    beside = weights if sentence.parts else [term.share for term in sentence.terms]
    least = _WEIGHTY * max(map(abs, beside), default=0.0)
    runs: list[tuple[int, int, float]] = []
    for (_, start, end), weight in zip(words, weights, strict=True):
        if not weight or abs(weight) < least:
            continue
        if runs and start - runs[-1][1] <= 1 and (weight > 0) == (runs[-1][2] > 0):
            runs[-1] = (runs[-1][0], end, runs[-1][2] + weight)
        else:
            runs.append((start, end, weight))
    return runs


def in_fields(article: Article, start: int, end: int) -> list[tuple[str, int, int]]:
    """Return where a place of the content lies in the fields as given: "title" or "text", start, end.

    A place that begins in the title and ends in the text comes out in two parts.
    """
    offset = len(article.content) - len(article.text)
    title, text = (start, min(end, len(article.title))), (max(start, offset), end)
    parts = [("title", *title)] if title[0] < title[1] and offset else []
    return parts + ([("text", text[0] - offset, text[1] - offset)] if text[0] < text[1] else [])
