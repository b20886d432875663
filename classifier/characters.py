"""Every character comes in, the tables by which the kernel reads go out; what a text says is unknown here."""

import functools
import sys
import unicodedata
from array import array

from classifier.text import DROPPED, character_classes, fold_character

__all__ = ["PAGE", "character_tables"]

PAGE = 256  # characters a page: most pages are alike (no letters at all) and stored once
_BLANK = frozenset({"Cn", "Co", "Cs"})  # not assigned, private or half a character: each separates and is of no class
_DROPPED = 1  # a fold that is nothing; 0 is a separator


@functools.lru_cache(maxsize=1)
def character_tables() -> dict[str, "array[int]"]:
    """Return `pages`, `folds` and `classes` of all characters by the Unicode version of the running Python.

    Of a character c, `folds[pages[c >> 8] * 256 + (c & 255)]` is its fold as UTF-8 bytes, the first the lowest, and
    `classes` at the same place what `sentence_spans` asks of it. They are the same at every call, and never changed.
    """
    pages, folds, classes = array("H"), array("I"), array("H")
    known: dict[tuple[bytes, bytes], int] = {}
    for first in range(0, sys.maxunicode + 1, PAGE):
        page_folds, page_classes = _page("".join(map(chr, range(first, first + PAGE))))
        number = known.setdefault((page_folds.tobytes(), page_classes.tobytes()), len(known))
        if number == len(folds) // PAGE:
            folds.extend(page_folds)
            classes.extend(page_classes)
        pages.append(number)
    return {"pages": pages, "folds": folds, "classes": classes}


def _page(characters: str) -> tuple["array[int]", "array[int]"]:
    """Return the folds and classes of a page; most pages are blank or change nothing, which is seen at once."""
    kinds = list(map(unicodedata.category, characters))
    if _BLANK.issuperset(kinds):
        return array("I", bytes(4 * len(characters))), array("H", bytes(2 * len(characters)))
    if unicodedata.normalize("NFKD", characters) == characters == characters.casefold() and "ı" not in characters:
        folds = [
            _DROPPED if kind in DROPPED else int.from_bytes(c.encode(), "little") if c.isalnum() else 0
            for c, kind in zip(characters, kinds, strict=True)
        ]
    else:
        folds = [_fold_number(fold_character(c)) for c in characters]
    return array("I", folds), array("H", character_classes(characters))


def _fold_number(folded: str) -> int:
    if folded == " ":
        return 0
    return int.from_bytes(folded.encode("utf-8", "replace"), "little") or _DROPPED
