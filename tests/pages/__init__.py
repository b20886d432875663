"""Scraped pages, each line marked as the article's own or as furniture; the texts are ours, like the corpus.

A file is a layout and holds four pages. A page begins at `@`; `+` marks a line of the article, `-` a line of furniture.
Layouts in `HELD_OUT` were written before the rules of `classifier.furniture`, by the same hand; no rule or number was chosen
by what it does to them, and they are looked at as figures only. Those in `fresh` were written after the rules, by one who
had read them, of sites that name their boxes as no list of ours does: the worst case, and figures only too.
"""

from dataclasses import dataclass
from pathlib import Path

from classifier.furniture import article_spans

HELD_OUT = frozenset({"broadsheet", "localcomments", "magazine", "ministry", "mobilelive", "portal"})


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its text and, for each line with words, start, end and whether it is the article's own."""

    layout: str
    text: str
    blocks: tuple[tuple[int, int, bool], ...]


@dataclass(frozen=True, slots=True)
class Count:
    """How many units (blocks or characters) are the article's own, how many were kept, and how many are both."""

    own: int = 0
    kept: int = 0
    both: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.own + other.own, self.kept + other.kept, self.both + other.both)

    @property
    def recall(self) -> float:
        return self.both / self.own

    @property
    def precision(self) -> float:
        return self.both / self.kept


def read_pages(folder: str = ".") -> list[Page]:
    """Return every page of a folder here, by layout and in the order of the files."""
    files = sorted((Path(__file__).parent / folder).glob("*.txt"))
    return [_page(file.stem, lines) for file in files for lines in _parts(file.read_text(encoding="utf-8"))]


def _parts(text: str) -> list[list[str]]:
    parts: list[list[str]] = []
    for line in text.splitlines():
        if line.startswith("@"):
            parts.append([])
        else:
            parts[-1].append(line)
    return parts


def _page(layout: str, lines: list[str]) -> Page:
    blocks, position = [], 0
    for line in lines:
        assert not line or line[:2] in {"+ ", "- "}, f"{layout}: {line!r} has no mark"
        words = line[2:]
        if words.strip():
            start = position + len(words) - len(words.lstrip())
            blocks.append((start, position + len(words.rstrip()), line[0] == "+"))
        position += len(words) + 1
    return Page(layout, "\n".join(line[2:] for line in lines), tuple(blocks))


def judge(page: Page) -> tuple[Count, Count]:
    """Return what `article_spans` kept of a page, in blocks and in characters; a block is kept if half of it is."""
    spans = article_spans(page.text)
    blocks = characters = Count()
    for start, end, own in page.blocks:
        inside = sum(max(0, min(end, to) - max(start, at)) for at, to in spans)
        characters += Count((end - start) * own, inside, inside * own)
        kept = 2 * inside >= end - start
        blocks += Count(int(own), int(kept), int(kept and own))
    return blocks, characters
