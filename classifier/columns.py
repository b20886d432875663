"""A record of any columns comes in, an Article goes out: which column is text, title, id. Files are unknown here."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from classifier.errors import SourceError
from classifier.records import Article

TYPE_CHECKING = False  # what `typing` says at run time; see `frozen`
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Columns", "article_of", "separator_of"]

# How columns are called, by what they hold. A column called as in the first group is it; else one of the second group is,
# in any case; else one of the third.
_USUAL: dict[str, tuple[tuple[str, ...], ...]] = {
    "text": (
        ("text",),
        ("text", "body", "content", "article", "article_text", "full_text", "fulltext", "main_text", "story"),
    ),
    "title": (("title",), ("title", "headline", "heading", "header")),
    "id": (
        ("id",),
        ("id", "_id", "doc_id", "docid", "document_id", "article_id", "articleid", "uid", "uuid", "guid"),
        ("url", "link", "uri"),
    ),
}
_OWN = ("date", "source", "url")  # kept by name where they are strings
_MOST = 1000  # sets of column names remembered: a file has one or a few, a hostile one must not fill the memory

Found = tuple[str, str | None, str | None]


class Columns:
    """The columns that the user named for text, title and id; None for those to be found by their usual names."""

    __slots__ = ("_found", "chosen")

    def __init__(self, text: str | None = None, title: str | None = None, id: str | None = None) -> None:  # noqa: A002
        self.chosen = {"text": text, "title": title, "id": id}
        self._found: dict[tuple[str, ...], Found] = {}

    def __reduce__(self) -> tuple[object, ...]:
        return Columns, tuple(self.chosen.values())

    def find(self, names: Collection[str]) -> Found:
        """Return which of these columns hold text, title and id; title and id may be None.

        Raises `SourceError` if none holds the text, several could hold the same, or a column that the user named is missing.
        """
        key = tuple(names)
        found = self._found.get(key)
        if found is None:
            text, title, identifier = (self._column(part, names) for part in _USUAL)
            if text is None:
                shown = ", ".join(map(repr, sorted(names)[:10])) or "none"
                raise SourceError(
                    f'no text: the columns are {shown}. Call it "text", or say which it is: --text-column NAME.'
                )
            if len(self._found) >= _MOST:
                self._found.clear()
            found = self._found[key] = (text, title, identifier)
        return found

    def _column(self, part: str, names: Collection[str]) -> str | None:
        chosen = self.chosen[part]
        if chosen is not None:
            if chosen not in names:
                shown = ", ".join(map(repr, sorted(names)[:10])) or "none"
                raise SourceError(
                    f"no column {chosen!r}; there are {shown}. Give --{part}-column a name that every record has."
                )
            return chosen
        own, *others = _USUAL[part]
        if own[0] in names:
            return own[0]
        taken = set(self.chosen.values())
        for usual in others:
            likely = [name for name in names if name.casefold() in usual and name not in taken]
            if len(likely) > 1:
                raise SourceError(
                    f"the columns {' and '.join(map(repr, sorted(likely)))} could each be the {part}."
                    f" Say which it is: --{part}-column {min(likely)}."
                )
            if likely:
                return likely[0]
        return None


def separator_of(line: str) -> str | None:
    """Return what parts the column names in a line, a comma or a tab; None if it names no columns of which one is the text.

    The names must follow each other without spaces, so that the first line of a text is hardly ever taken for them.
    """
    for separator in (",", "\t"):
        names = [name.strip('"') for name in line.strip().split(separator)]
        if len(names) > 1 and all(name and not any(map(str.isspace, name)) for name in names):
            usual = {name for group in _USUAL["text"] for name in group}
            if any(name.casefold() in usual for name in names):
                return separator
    return None


def article_of(record: Mapping[str, Any], columns: Columns, position: str) -> Article:
    """Return a record as an article; without an id of its own it is called by its position.

    Raises `SourceError` if there is no text in it, or if text, title or id is something else than words.
    """
    text_column, title_column, id_column = columns.find(record)
    text, title = record[text_column], record[title_column] if title_column else None
    identifier = record[id_column] if id_column else None
    if type(identifier) is int:  # a number is as good an id as a string
        identifier = str(identifier)
    if not isinstance(text, str):
        raise SourceError(f"no text: {text_column!r} holds none. Give each record a text in a string.")
    for name, value in ((title_column, title), (id_column, identifier)):
        if not (value is None or isinstance(value, str)):
            raise SourceError(f"{name} should be a string. Write it in quotation marks, or leave it out.")
    if not (text.strip() or (title and title.strip())):
        raise SourceError("the text is empty. An article needs at least a sentence; leave the record out.")
    own = {key: value for key in _OWN if isinstance(value := record.get(key), str)}
    taken = {text_column, title_column, *own}
    if id_column not in _OWN:
        taken.add(id_column)
    extra = {key: value for key, value in record.items() if key not in taken}
    return Article(text, title or "", identifier or position, extra=extra, **own)
