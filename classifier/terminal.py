"""Marked text comes in, lines that fit a terminal go out: width, colour, what may be printed; meanings are unknown here.

A terminal shows a character in no, one or two columns, and takes some characters for orders: a text from anywhere is
cleaned of these before it is shown.
"""

import os
import sys
import unicodedata
from collections.abc import Iterator, Sequence

__all__ = ["Style", "columns", "cut", "printable", "terminal_columns", "wrap"]

_USUAL = 80  # columns where nobody says
_NARROWEST, _WIDEST = 30, 120  # columns: nothing fits into fewer, longer lines are hard to read
# Characters that turn the direction of what follows; in a terminal they reach beyond the text.
_TURNING = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# What a terminal without Unicode shows instead.
_PLAIN = str.maketrans({"…": "...", "“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "−": "-", "‑": "-"})

Mark = tuple[int, int, str]


class Style:
    """Colour on a terminal, marks elsewhere; `width` is the columns to fill."""

    __slots__ = ("colour", "width")

    def __init__(self, *, colour: bool, width: int | None = None) -> None:
        self.colour = colour
        self.width = min(max(width or terminal_columns(), _NARROWEST), _WIDEST)

    def paint(self, text: str, code: str) -> str:
        """Return the text in a colour (an ANSI code such as `1` for bold or `32` for green) where colours are shown."""
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour and text and code else text


def terminal_columns() -> int:
    """Return how wide the terminal is: what COLUMNS says, else what it says itself, else 80; as `shutil` has it."""
    told = os.environ.get("COLUMNS", "")
    if told.isdecimal() and int(told):
        return int(told)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or _USUAL  # type: ignore[union-attr]  # or no terminal
    except (AttributeError, ValueError, OSError):
        return _USUAL


def printable(text: str, encoding: str) -> str:
    """Return the text with whatever an encoding cannot show replaced."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_PLAIN).encode(encoding, "replace").decode(encoding)
    return text


def columns(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(map(_width, text))


def _width(character: str) -> int:
    if character.isascii():
        return 1
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _clean(character: str) -> str:
    """Return a character as it may be shown: white space is a space, an order to the terminal a replacement character."""
    if character.isspace():
        return " "
    return "\N{REPLACEMENT CHARACTER}" if character in _TURNING or unicodedata.category(character) == "Cc" else character


def cut(text: str, width: int) -> str:
    """Return a text in one line, shortened to a width in columns."""
    line = "".join(map(_clean, " ".join(text.split())))
    if columns(line) <= width:
        return line
    taken, shown = 1, []  # one column for the dots
    for character in line:
        taken += _width(character)
        if taken > width:
            break
        shown.append(character)
    return "".join(shown).rstrip() + "…"


def wrap(text: str, marks: Sequence[Mark], style: Style, first: str, indent: str) -> list[str]:
    """Return a text in lines of the style's width, marked parts painted; white space of any kind is one space.

    `marks` have start, end and colour, in order and apart. `first` stands before the first line, `indent` before the others.
    """
    lines: list[list[tuple[str, str]]] = [[]]
    room = style.width - columns(indent)
    free = room
    for word in _words(text, marks):
        needed = sum(_width(character) for character, _ in word)
        if needed + 1 > free and lines[-1]:
            lines.append([])
            free = room
        elif lines[-1]:
            between = lines[-1][-1][1] if lines[-1][-1][1] == word[0][1] else ""
            lines[-1].append((" ", between))
            free -= 1
        for character, colour in word:
            if _width(character) > free:  # a word longer than a line
                lines.append([])
                free = room
            lines[-1].append((character, colour))
            free -= _width(character)
    return [f"{indent if number else first}{_painted(line, style)}" for number, line in enumerate(lines)]


def _words(text: str, marks: Sequence[Mark]) -> Iterator[list[tuple[str, str]]]:
    """Yield the words of a text as characters with their colours."""
    colours = [""] * len(text)
    for start, end, colour in marks:
        colours[start:end] = [colour] * (end - start)
    word: list[tuple[str, str]] = []
    for character, colour in zip(map(_clean, text), colours, strict=True):
        if character != " ":
            word.append((character, colour))
        elif word:
            yield word
            word = []
    if word:
        yield word


def _painted(line: Sequence[tuple[str, str]], style: Style) -> str:
    """Return characters with colours as a string, each run of one colour painted once."""
    pieces: list[tuple[str, str]] = []
    for character, colour in line:
        if pieces and pieces[-1][1] == colour:
            pieces[-1] = (pieces[-1][0] + character, colour)
        else:
            pieces.append((character, colour))
    return "".join(style.paint(text, colour) for text, colour in pieces)
