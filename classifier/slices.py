"""Answered articles come in, how the model does on parts of them goes out: by year, length, genre; no layout here."""

from collections.abc import Sequence

import numpy as np

from classifier.answered import Answered
from classifier.evaluation import part_figures
from classifier.reading import tokens_of
from classifier.records import Article
from classifier.report import FEW, Slice

__all__ = ["slices"]


def slices(known: Answered) -> tuple[dict[str, tuple[Slice, ...]], dict[str, str]]:
    """Return how the model does by year, length, and whatever else all records say of themselves; and what is absent."""
    parts: dict[str, Sequence[str]] = {}
    absent = {}
    if all(article.date[:4].isdigit() for article in known.articles):
        parts["year"] = _years(known)
    else:
        absent["year"] = "Not every article has a date."
    parts["length"] = _lengths(known.articles)
    for name in ("genre", "design"):
        if all(isinstance(article.extra.get(name), str) for article in known.articles):
            parts[name] = [article.extra[name] for article in known.articles]
        elif name == "genre":
            absent[name] = "Not every article has a genre."
    return {name: _slices(values, known) for name, values in parts.items()}, absent


def _years(known: Answered) -> list[str]:
    """Return the year of each article, or the years taken together because single ones have too little to say much."""
    carried: dict[str, int] = {}
    for article, row in zip(known.articles, known.gold, strict=True):
        carried[article.date[:4]] = carried.get(article.date[:4], 0) + int((row == 1).sum())
    spans: list[list[str]] = [[]]
    for year in sorted(carried):
        if sum(carried[other] for other in spans[-1]) >= FEW:
            spans.append([])
        spans[-1].append(year)
    names = {year: year if len(span) == 1 else f"{span[0]}–{span[-1]}" for span in spans for year in span}
    return [names[article.date[:4]] for article in known.articles]


def _lengths(articles: Sequence[Article]) -> list[str]:
    """Return which quarter of the articles each belongs to by its number of words, named by the least and the most of it."""
    words = np.array([len(tokens_of(article.content)) for article in articles])
    quarter = np.searchsorted(np.percentile(words, [25, 50, 75]), words)
    width = len(str(words.max()))  # so that the names sort as the numbers do
    ends = {q: (words[quarter == q].min(), words[quarter == q].max()) for q in set(quarter.tolist())}
    return [f"{ends[q][0]:{width}d}–{ends[q][1]} words" for q in quarter.tolist()]


def _slices(parts: Sequence[str], known: Answered) -> tuple[Slice, ...]:
    """Return how the model does on each part of the articles, parts in alphabetical order."""
    found = []
    for part in sorted(set(parts)):
        rows = [row for row, other in enumerate(parts) if other == part]
        counts, f1, exact = part_figures(known.gold[rows], known.said[rows], [known.groups[row] for row in rows])
        found.append(Slice(part.strip(), len(rows), counts.hits + counts.missed, f1, exact))
    return tuple(found)
