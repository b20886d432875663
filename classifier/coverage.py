"""Examples and demands come in, findings go out: is the corpus as broad as promised? No files, no models here."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from classifier.reading import tokens_of
from classifier.records import Example, Finding

__all__ = ["count_coverage", "coverage_findings"]


def count_coverage(examples: Sequence[Example], long: int) -> dict[str, int]:
    """Return how many articles there are of each sort that `corpus/coverage.toml` can make a demand on.

    `long` is the number of words from which an article counts as long. Sorts are named `articles`, `none`, `several`,
    `long`, `median words`, and `topic …`, `year …`, `subject …`, `genre …`, `stance …`, `design …`, `style …` with a value
    behind.
    """
    words = [len(tokens_of(example.article.text)) for example in examples]
    counted = Counter(sort for example in examples for sort in _sorts(example))
    counted["articles"] = len(examples)
    counted["long"] = sum(count >= long for count in words)
    counted["median words"] = int(median(words)) if words else 0
    return dict(sorted(counted.items()))


def _sorts(example: Example) -> Iterator[str]:
    """Yield the sorts one article is of."""
    carried = example.annotation.topics
    year, extra = example.article.date[:4], example.article.extra
    for row in [f"topic {topic}" for topic in carried] or ["none"]:
        yield from (row, f"{row}, year {year}", f"{row}, genre {extra['genre']}")
    if len(carried) > 1:
        yield "several"
    yield f"year {year}"
    yield from (f"{field} {extra[field]}" for field in ("subject", "genre", "stance", "design", "style"))


def coverage_findings(counted: Mapping[str, int], demands: Mapping[str, int], file: str) -> list[Finding]:
    """Return a finding for each demand that the corpus does not meet."""
    return [
        Finding(file, 0, f"{sort}: {counted.get(sort, 0)} articles, where {least} are promised.", "Write more of these.")
        for sort, least in demands.items()
        if counted.get(sort, 0) < least
    ]
