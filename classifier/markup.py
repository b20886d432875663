"""Texts and cells come in, HTML goes out: escaping, tables, figures, pages; what they are about is unknown here.

A page is one file: no script, nothing from elsewhere. It is read on light and dark ground, on a telephone, and printed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from classifier.looks import STYLE

__all__ = ["Cell", "document", "figure", "interval_bar", "row", "section", "table", "text"]


def text(words: str) -> str:
    """Return words as they stand in HTML, in an element or a quoted attribute."""
    return escape(words, quote=True)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: HTML, a class for its looks, and numbers that its looks depend on (`--name: value`)."""

    html: str
    look: str = ""
    style: str = ""


def row(head: str, cells: Iterable[Cell | str], look: str = "") -> str:
    """Return a table row: its head as text, its cells, a class for its looks."""
    return f'<tr{_class(look)}><th scope="row">{text(head)}</th>{"".join(map(_cell, cells))}</tr>\n'


def _cell(cell: Cell | str) -> str:
    if isinstance(cell, str):
        return f"<td>{text(cell)}</td>"
    style = f' style="{cell.style}"' if cell.style else ""
    return f"<td{_class(cell.look)}{style}>{cell.html}</td>"


def _class(look: str) -> str:
    return f' class="{look}"' if look else ""


def table(caption: str, heads: Sequence[str], rows: Iterable[str], look: str = "") -> str:
    """Return a table that scrolls by itself where it is wider than the page, and can be reached by keyboard for that."""
    head = "".join(f'<th scope="col">{text(words)}</th>' for words in heads)
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{text(caption)}"><table{_class(look)}>'
        f"<caption>{text(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{''.join(rows)}</tbody></table></div>\n"
    )


def interval_bar(value: float, low: float, high: float) -> Cell:
    """Return a cell that draws a value from 0 to 1 as a dot on its interval; the numbers stand in another cell."""
    style = f"--value: {value:.4f}; --low: {low:.4f}; --high: {high:.4f}"
    return Cell(f'<span class="bar" style="{style}" aria-hidden="true"></span>')


def figure(svg: str, title: str, words: str = "", look: str = "") -> str:
    """Return a figure with its caption."""
    return f"<figure{_class(look)}><figcaption><strong>{text(title)}</strong> {text(words)}</figcaption>{svg}</figure>\n"


def section(name: str, title: str, body: Iterable[str]) -> str:
    """Return a section of a page; `name` is what links to it say."""
    head = f'<section id="{name}" aria-labelledby="{name}-title">\n<h2 id="{name}-title">{text(title)}</h2>\n'
    return head + "".join(body) + "</section>\n"


def document(title: str, head: str, sections: Sequence[tuple[str, str, Iterable[str]]]) -> str:
    """Return a whole page: its title, HTML below it, then sections, each with its name, title and HTML."""
    links = "".join(f'<li><a href="#{name}">{text(words)}</a></li>' for name, words, _ in sections)
    body = "".join(section(*part) for part in sections)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<link rel="icon" href="data:,">\n'
        f'<title>{text(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<div class="page">\n'
        f"<header><h1>{text(title)}</h1>\n{head}</header>\n"
        f'<nav aria-label="Contents"><ol>{links}</ol></nav>\n<main>\n{body}</main>\n</div>\n</body>\n</html>\n'
    )
