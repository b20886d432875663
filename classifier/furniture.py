"""A scraped page's text comes in, the spans that are the article's own go out; topics and models are unknown here.

A page's text is a column of blocks: menus, share bars, the article, then boxes of teasers, comments and a footer. Every
block is named by what it looks like; prose speaks for the article, bars, captions and headlines of others against it. The
article is the best path through the blocks: before the article, in it, in a box, in the article again. This is
maximum-subsequence segmentation (Pasternack and Roth, Extracting article text from the web with maximum subsequence
segmentation, WWW 2009, section 3) with states for boxes: a heading such as `Most read` opens one, and the article goes on
behind it only if enough prose follows. Subheads and late paragraphs survive so; teasers, even in whole sentences, do not.

A text without any sign of furniture passes through unchanged.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

from classifier import page_words as words_of
from classifier.native import native
from classifier.text import fold, passage_sentences, passages, tokens

TYPE_CHECKING = False  # what `typing` says at run time; see `frozen`
if TYPE_CHECKING:
    from typing import Any

__all__ = ["article_spans", "first_look"]

Span = tuple[int, int]


def article_spans(text: str) -> list[Span]:
    """Return the start and end of each run of text that is the article's own, in order; the whole text if it is clean."""
    if not _has_sign(text):
        return [(0, len(text))] if text else []
    blocks = _blocks(text)
    words, folded = _words(text, blocks)
    stems = [stem for stem in words_of.CAPTION_STEMS if stem in folded]
    kinds = [_kind(text[start:end], found, stems) for (start, end), found in zip(blocks, words, strict=True)]
    if not _RETURN.keys().isdisjoint(kinds) or _bars(text, blocks, kinds) >= _FEWEST_BARS:
        own = _article(words, kinds)
    else:
        own = [number for number, kind in enumerate(kinds) if kind != "pointer"]
    spans: list[Span] = []
    previous = -2  # before no block
    for number in own:
        if number == previous + 1:
            spans[-1] = (spans[-1][0], blocks[number][1])
        else:
            spans.append(blocks[number])
        previous = number
    return spans or [(0, len(text))]


def _bars(text: str, blocks: Sequence[Span], kinds: Sequence[str]) -> int:
    """Return how many blocks are bars or rules with which a page can be told."""
    bars = (block for block, kind in zip(blocks, kinds, strict=True) if kind in ("bar", "rule"))
    return sum(_is_sign(text[start:end]) for start, end in bars)


# ------------------------------------------------------------------------------------------------------- the first look

_FOOT = frozenset({"copyright", "powered", "c"})  # `(c) 2021`
_FIRST_WORDS = frozenset(
    phrase.split()[0] for phrase in (*words_of.SOFT, *words_of.FIRM, *words_of.HARD, *words_of.POINTERS)
)
_FIRST_WORDS = (_FIRST_WORDS | words_of.BAR_SIGNS | _FOOT) - words_of.NO_SIGNS
_MARKS = "“”‘’«»–—•…\xa0"  # marks with which lines begin; all of them separate words
_FIRST_LOOK = 40  # characters that hold the first word; a longer word begins no sign
_LONGEST_SIGN = 140  # characters: a longer line is a paragraph, whatever its first words
_SHORTEST_RULE = 20  # characters; three stars or dashes part the sections of an article
_FEWEST_BARS = 2  # one row of buttons or one rule may stand in an article that is clean otherwise


def _has_sign(text: str) -> bool:
    """Tell whether any line of a text is a sign of a page.

    Nearly all texts have none, and the kernel says of nearly all lines that they are none, by how they begin and end.
    """
    openings = _openings()
    if openings is None:
        return any(_is_sign(line) for line in text.split("\n") if 0 < len(line) <= _LONGEST_SIGN)
    return any(_is_sign(text[start:end]) for start, end in openings.lines(text))


def first_look() -> tuple[bytes, str, int, int, int]:
    """Return what the kernel must know to say of a line that it is no sign."""
    return "\n".join(sorted(_FIRST_WORDS)).encode(), _MARKS, _LONGEST_SIGN, _FIRST_LOOK, _SHORTEST_RULE


@functools.cache
def _openings() -> Any:  # noqa: ANN401 — of C, or None
    made = native("Openings")
    return made and made(*first_look())


def _is_sign(line: str) -> bool:
    """Tell whether a line opens a box, points away, is a bar of buttons or a rule across the page."""
    line = line.strip()
    if line.endswith(".") and ":" not in line:
        return False  # a sentence
    first = tokens(line[:_FIRST_LOOK])[:1] or tokens(line)[:1]
    if not first:
        return len(line) >= _SHORTEST_RULE
    if first[0] not in _FIRST_WORDS:
        return line.startswith("©") and _is_foot(line, tokens(line))
    words = tokens(line)
    if _heading(line, words) or _is_pointer(line, words):
        return True
    return first[0] in words_of.BAR_SIGNS and _kind(line, words) == "bar"


# --------------------------------------------------------------------------------------------------------------- blocks

_HEADING_WORDS = 8  # `A message from the Association of Larger Dogs`; a longer line that begins so says more than a heading
_POINTER_WORDS = 25  # a longer block that begins like a pointer is a sentence of the article that happens to
_BAR_LENGTH = 18  # words; two dates with their time zones, a row of share buttons
_BAR_SHARE = 0.6  # most words of a menu or date line are words of bars; the others are a paper's own sections or its name
_PARTING = (" | ", " / ", " » ", " > ", " :: ", " · ")  # between the entries of a menu; one may part a headline
_PARTING_MARKS = "|/»>:·"  # one of them is in each of these and in the head of a mail
_BUTTON_WORDS = 5  # `Share in social networks`
_BYLINE_WORDS = 9  # two authors with their places
_LABEL = 12  # characters of a line that hold `Editor:`
_CAPTION_WORDS = 45  # a longer block that names a photographer is a paragraph
_SENTENCE_WORDS = 3  # a shorter line that ends in a full stop is as likely a label
_LABEL_WORDS = 4  # subheads, names and menu entries are short
_FIGURES_WORDS, _FIGURES_SHARE = 10, 1 / 3  # a row of a table; a headline has a figure or two among more words
_PROSE_WORDS, _PROSE_FUNCTION_SHARE = 25, 0.2  # what makes a line prose that lost its full stop: length, and running English
_SITE_SHARE = 1 / 6  # of the words; an article on cookies or newsletters has fewer, and rarely speaks to its reader
_LEAST_SITE = 3  # `our newsletter` has it, `our app` has not
_STOPS = (".", "!", "?", "。")
_COUNTED = frozenset({"comments", "responses", "replies"})  # headings if a number stands with them


def _by_first_word(phrases: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the phrases by their first word: one look tells of most blocks that none fits."""
    found: dict[str, tuple[str, ...]] = {}
    for phrase in phrases:
        first = phrase.split()[0]
        found[first] = (*found.get(first, ()), phrase)
    return found


_STEMS = {"firm": _by_first_word(words_of.FIRM_STEMS), "soft": _by_first_word(words_of.SOFT_STEMS)}
_GRADED = dict.fromkeys(words_of.SOFT, "soft") | dict.fromkeys(words_of.FIRM, "firm") | dict.fromkeys(words_of.HARD, "hard")
_HEADINGS = frozenset(_by_first_word([*_GRADED, *words_of.FIRM_STEMS, *words_of.SOFT_STEMS, *_COUNTED]))
_POINTERS = _by_first_word([f"{pointer} " for pointer in words_of.POINTERS])
_OPENINGS = frozenset({*_HEADINGS, *_POINTERS, *_FOOT})
_MESSAGES = _by_first_word(words_of.MESSAGES)
_SITE = words_of.SITE_WORDS | words_of.SITE_NAMES
_BARS_AND_FILLERS = words_of.BAR_WORDS | words_of.FILLERS


def _blocks(text: str) -> list[Span]:
    """Return the spans of the lines that are not blank; lines over which a sentence runs on are one block."""
    blocks: list[Span] = []
    for start, end in passages(text):
        if "\n" in text[start:end]:
            blocks += _lines(text, start, end)
        else:
            blocks.append((start, end))
    return blocks


def _lines(text: str, start: int, end: int) -> list[Span]:
    """Return the blocks of a passage of several lines."""
    blocks: list[Span] = []
    starts = {at for at, _ in passage_sentences(text, start, end)}
    for line in text[start:end].split("\n"):
        at = start + len(line) - len(line.lstrip())
        to = start + len(line.rstrip())
        if blocks and at not in starts and text[at].isalnum() and text[blocks[-1][0]].isalnum():
            blocks[-1] = (blocks[-1][0], to)
        else:
            blocks.append((at, to))
        start += len(line) + 1
    return blocks


def _words(text: str, blocks: Sequence[Span]) -> tuple[list[list[str]], str]:
    """Return the tokens of each block, and the text folded as far as it is ASCII, with spaces for the rest.

    No fold of ASCII changes a length: the blocks are folded at once where `tokens` would fold them one by one.
    """
    if not text.isascii():
        for mark in _MARKS:
            text = text.replace(mark, " ")
    folded = fold(text.encode("ascii", "replace").decode("ascii"))
    if text.isascii():
        return [folded[start:end].split() for start, end in blocks], folded
    words = [folded[start:end].split() if (block := text[start:end]).isascii() else tokens(block) for start, end in blocks]
    return words, folded


def _kind(block: str, words: Sequence[str], stems: Sequence[str] = words_of.CAPTION_STEMS) -> str:
    """Name what a block of these tokens looks like; stems are those of a caption's marks that it may have.

    `soft`, `firm` and `hard` are headings of boxes, by how seldom the article goes on behind them. The others are
    `pointer`, `caption`, `bar` (buttons, menus, dates, authors), `rule` (no word at all), `promo` (the page speaks to its
    reader), `teaser` (cut off by dots), `prose`, `headline`, `figures` (a row of a table) and, of few words, `label`.
    """
    if not words:
        return "rule"
    if words[0] in _OPENINGS or words[0].isdigit() or block[0] == "©":
        grade = _heading(block, words) or ("pointer" if _is_pointer(block, words) else "")
        if grade:
            return grade
    if _is_caption(block, words, stems):
        return "caption"
    for kind, looks_so in _KINDS:
        if looks_so(block, words):
            return kind
    return "headline"


def _ends(block: str) -> bool:
    """Tell whether a block ends as a sentence does, be it that an agency or initials in brackets follow."""
    last = block[-1]
    if last.isalnum():
        return False
    if last == ")" and block[: block.rfind("(")].rstrip().endswith(_STOPS):
        return True
    return block.rstrip("\"'”’»)]").endswith(_STOPS)


def _is_teaser(block: str, _words: Sequence[str]) -> bool:
    return block.endswith(("...", "…"))


def _is_prose(block: str, words: Sequence[str]) -> bool:
    """Tell whether a block is a sentence or more, or was before it lost its full stop."""
    if _ends(block):
        return len(words) >= _SENTENCE_WORDS
    if len(words) < _PROSE_WORDS:
        return False
    return sum(map(words_of.FUNCTION_WORDS.__contains__, words)) / len(words) >= _PROSE_FUNCTION_SHARE


def _is_figures(_block: str, words: Sequence[str]) -> bool:
    return len(words) <= _FIGURES_WORDS and sum([word[0].isdigit() for word in words]) >= _FIGURES_SHARE * len(words)


def _is_label(block: str, words: Sequence[str]) -> bool:
    return len(words) <= _LABEL_WORDS or block.endswith(":")


def _heading(block: str, words: Sequence[str]) -> str:
    """Return how hard the box is that a block opens, or nothing."""
    if (words[0] in _FOOT or block[0] == "©") and _is_foot(block, words):
        return "hard"
    first = words[0]
    if first.isdigit():
        first = next((word for word in words if not word.isdigit()), "")
    if first not in _HEADINGS or block[-1] in ".,":
        return ""
    plain = [word for word in words if not word.isdigit()]
    if len(plain) > _HEADING_WORDS:
        return ""
    phrase = " ".join(plain)
    if _GRADED.get(phrase) == "hard" or (first in _COUNTED and phrase == first and len(words) > 1):
        return "hard"
    _, colon, rest = block.partition(":")
    if colon and rest.strip():
        return ""
    return _GRADED.get(phrase) or _opened(first, phrase)


def _opened(first: str, phrase: str) -> str:
    """Return how hard the box is that a phrase with this first word opens by how it begins, or nothing."""
    phrase += " "
    for grade, stems in _STEMS.items():
        if first in stems and phrase.startswith(stems[first]):
            return grade
    return ""


def _is_foot(block: str, words: Sequence[str]) -> bool:
    """Tell whether a block says who owns the page: `© 2021 The Bugle`, `Powered by Press`; `© Bugle` credits a picture."""
    if len(words) > _POINTER_WORDS:
        return False
    dated = "reserved" in words or any(word.isdigit() and len(word) == len("2021") for word in words)
    owned = dated and (block.startswith(("©", "(c)", "(C)")) or words[:1] == ["copyright"])
    return owned or words == ["copyright"] or words[:2] == ["powered", "by"]


def _is_pointer(block: str, words: Sequence[str]) -> bool:
    """Tell whether a short block begins with the words of a pointer and is no sentence that happens to begin with them.

    `Related: Fever closes the schools.` points away; `Related talks in Geneva ended without a result.` does not.
    """
    if words[0] not in _POINTERS or len(words) > _POINTER_WORDS:
        return False
    phrase = f"{' '.join(words)} "
    beginnings = [pointer for pointer in _POINTERS[words[0]] if phrase.startswith(pointer)]
    if not beginnings:
        return False
    head, colon, _ = block.partition(":")
    if colon and f"{' '.join(tokens(head))} " in beginnings:
        return True
    return not _ends(block) and max(map(len, beginnings)) > len(words[0]) + 1  # one word alone may begin any headline


def _is_caption(block: str, words: Sequence[str], stems: Sequence[str]) -> bool:
    """Tell whether a block says who made a picture: behind a mark, or in brackets with a colon or a slash.

    Stems are those of marks that the page has: they are sought in it once, not in every block.
    """
    if len(words) > _CAPTION_WORDS:
        return False
    if block[0] == "©":
        return True
    if words[0] in words_of.PICTURES and len(words) <= _BAR_LENGTH and block[-1] != ".":
        return True
    if block[-1] == ")" and block[0] != "(":
        inner = block[block.rfind("(") + 1 : -1]
        if ":" in inner or "/" in inner:
            return True
    lower = block.lower() if stems else ""
    for stem in stems:
        if stem in lower:
            return any(mark in lower for mark in words_of.CAPTION_MARKS)
    return False


def _is_bar(block: str, words: Sequence[str]) -> bool:
    """Tell whether a block is a row of buttons, menu entries or dates, an address, or an author's line."""
    if block[0] == "(" and block[-1] == ")" and words[0] in words_of.CREDITS and "by" in words:
        return True
    if len(words) > 2 and block.endswith((".", ".)")):  # noqa: PLR2004 — `Jan. 3.`
        return False
    if len(words) <= _BAR_LENGTH and _is_row(block, words):
        return True
    if words[0] in words_of.BUTTONS and len(words) <= _BUTTON_WORDS and block[-1] != "?":
        return True
    if _ends(block):
        return False
    return (len(words) <= _BYLINE_WORDS and _is_byline(block, words)) or _is_menu(block)


def _is_menu(block: str) -> bool:
    """Tell whether a block has entries with marks between them or is the head of a mail."""
    for mark in _PARTING_MARKS:
        if mark in block:
            return sum(map(block.count, _PARTING)) > 1 or block.startswith(words_of.MAIL_HEADERS)
    return False


def _is_row(block: str, words: Sequence[str]) -> bool:
    """Tell whether a short block has words of bars and numbers only, or mostly and the others are names."""
    for word in words:
        if word not in _BARS_AND_FILLERS and not word[0].isdigit():
            break
    else:  # fillers alone are no row
        return not words_of.BAR_WORDS.isdisjoint(words) or any(word[0].isdigit() for word in words)
    if words[0] not in words_of.BAR_WORDS or _ends(block) or any(word[0].islower() for word in block.split()):
        return False
    bars = sum(word in words_of.BAR_WORDS or word[0].isdigit() for word in words)
    return bars >= max(_BAR_SHARE * len(words), 2)


def _is_byline(block: str, words: Sequence[str]) -> bool:
    """Tell whether a short line names an author or an address."""
    if words[0] in words_of.BYLINES and "by" in words:
        return True
    if words[0] in words_of.MAKERS and ":" in block[:_LABEL]:
        return True
    return words[-1] in words_of.JOBS or "http" in block or "www." in block or "@" in block


def _is_promo(block: str, words: Sequence[str]) -> bool:
    """Tell whether the page speaks of itself to its reader: newsletters, cookies, rights, rules for comments."""
    if block[0] in "\"“'‘":
        return False
    if words[0] in _MESSAGES and f"{' '.join(words)} ".startswith(_MESSAGES[words[0]]):
        return True
    if words_of.READER.isdisjoint(words) and words[0] not in words_of.IMPERATIVES:
        return False
    if _SITE.isdisjoint(words) and " @" not in block:
        return False
    reader = (words[0] in words_of.IMPERATIVES) + sum(map(words_of.READER.__contains__, words))
    site = block.count(" @") + sum(map(words_of.SITE_WORDS.__contains__, words))
    site += 2 * sum(map(words_of.SITE_NAMES.__contains__, words))
    return site + reader >= max(_LEAST_SITE, _SITE_SHARE * len(words))


_KINDS = (
    ("bar", _is_bar),
    ("promo", _is_promo),
    ("teaser", _is_teaser),
    ("prose", _is_prose),
    ("figures", _is_figures),
    ("label", _is_label),
)


# ---------------------------------------------------------------------------------------------------------------- paths

# What a block adds to the article if it is taken for a part of it. Prose adds a quarter of its words: ten for a paragraph of
# forty, and no more, so that one long block does not outweigh the page. The others are weighed against that: a short
# paragraph pays for the subhead, the caption and the share bar before it.
_PROSE_CAP, _PROSE_VALUE = 40, 0.25
_COST = {
    "figures": 0.25,
    "label": 0.75,
    "bar": 0.75,
    "caption": 0.75,
    "pointer": 1.0,
    "headline": 1.5,
    "rule": 2.0,
    "promo": 3.0,
    "teaser": 4.0,
}
# Behind a box a headline or a table costs more, and so does a paragraph that stands alone: that is how teasers look.
_COST_BEHIND = _COST | {"figures": 2.5, "label": 2.0, "bar": 2.0, "caption": 1.0, "headline": 4.0}
_ALONE = -2.0
_PASSED = 0.4  # of what prose would add is lost if it is passed by before the article begins
# What it costs to go on with the article behind a box: a short paragraph; two; more words than most comments have.
_RETURN = {"soft": 4.0, "firm": 15.0, "hard": 60.0}
_GRADES = tuple(_RETURN)
_STATES = ("before", "in", *_GRADES, "behind")
_BOXES = tuple((grade, _STATES.index(grade), toll) for grade, toll in _RETURN.items())
Sums = tuple[float, float, float, float, float, float]  # of the best path to each of the states
_NEVER = float("-inf")  # the sum of a state that cannot be reached
_OTHERS = {kind: (-_COST[kind], -_COST_BEHIND[kind]) for kind in _COST} | dict.fromkeys(_RETURN, (_NEVER, _NEVER))
_ABOVE_TEASERS = ("headline", "teaser", "label")
_TITLES = ("prose", "headline", "label")  # kinds that may stand above the article and be its own
_OWN = (*_TITLES, "figures")
_HEADLINE_WORDS = 4  # fewer name a section or an author
_HEADLINE_REACH = 20  # blocks: date, author, pictures and share buttons may stand between headline and article
_STEM = 5  # letters by which a headline's words are found again in the article


def _article(texts: Sequence[Sequence[str]], kinds: Sequence[str]) -> list[int]:
    """Return the numbers of the blocks that are the article's own, given the tokens and the kind of each."""
    kinds = _kinds_in_place(kinds, texts)
    states = _best_path(kinds, [len(words) for words in texts])
    first = next((number for number, state in enumerate(states) if state == "in"), len(texts))
    body = [number for number, state in enumerate(states) if state in ("in", "behind") and kinds[number] in _OWN]
    return _head(texts[:first], kinds, [texts[number] for number in body]) + body


def _kinds_in_place(kinds: Sequence[str], texts: Sequence[Sequence[str]]) -> list[str]:
    """Return the kinds, mended where the block before or behind tells better.

    What follows the heading of an advertisement is its text. Behind a heading, titles and paragraphs by turns are teasers.
    What a bare `Watch video` points to is a headline, and a caption's first line may stand above the one with the credit.
    """
    mended: list[str] = []
    third = second = first = ""  # the mended kinds of the blocks before
    begun = False  # has there been prose?
    for number, (kind, following) in enumerate(zip(kinds, [*kinds[1:], ""], strict=False)):
        now = kind
        if kind == "prose":
            if first in _RETURN and " ".join(texts[number - 1]).startswith(words_of.ADS):
                now = "promo"
            elif begun and first in _ABOVE_TEASERS and following != "prose" and _in_teasers(second, third):
                now = "teaser"
        elif kind == "headline":
            if number and kinds[number - 1] == "pointer" and len(texts[number - 1]) <= _LABEL_WORDS:
                now = "pointer"
            elif following == "caption" and first and first not in _OWN:
                now = "caption"
        begun = begun or now == "prose"
        mended.append(now)
        third, second, first = second, first, now
    return mended


def _in_teasers(second: str, third: str) -> bool:
    """Tell whether a paragraph is one of a box's teasers by the kinds of the second and the third block before it."""
    return second in _RETURN or (second == "teaser" and third in _ABOVE_TEASERS)


def _best_path(kinds: Sequence[str], lengths: Sequence[int]) -> list[str]:
    """Return the state of every block on the path with the greatest sum (Viterbi's scan).

    The states are `before` the article, `in` it, in a box of one of three grades, and in the article again `behind` a box.
    """
    sums: Sums = (0.0, _NEVER, _NEVER, _NEVER, _NEVER, _NEVER)
    order: tuple[str, ...] = ("before",)
    steps: list[tuple[str, ...]] = []  # for each block, the state before it on the best path to each of its states
    for kind, (inside, behind) in zip(kinds, _values(kinds, lengths), strict=True):
        if kind in _RETURN:
            sums, step = _open(sums, order, kind)
        else:
            sums, step = _go_on(sums, order, inside, behind, _PASSED * inside if kind == "prose" else 0.0)
        steps.append(step)
        order = _ORDERS[order][kind if kind in _RETURN else ""]
    state = max(order, key=lambda name: sums[_STATES.index(name)])
    path = []
    for step in reversed(steps):
        path.append(state)
        state = step[_STATES.index(state)]
    return path[::-1]


class _Orders(dict[tuple[str, ...], dict[str, tuple[str, ...]]]):
    """The states that a block can be in, in the order in which they are reached, by those before it and its grade, if any.

    Of ways with the same sum the one from the earlier state is taken. There are some twenty orders, kept as pages need them.
    """

    def __missing__(self, order: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        self[order] = {grade: _reached(order, grade) for grade in ("", *_GRADES)}
        return self[order]


_ORDERS = _Orders()


def _reached(order: Sequence[str], grade: str) -> tuple[str, ...]:
    """Return the states that can be reached from those before, by a heading of this grade or, without, any other block."""
    reached: list[str] = []
    for state in order:
        if state == "before":
            reached += [state] if grade else [state, "in"]
        elif state in _RETURN:
            reached += [_harder(state, grade)] if grade else [state, "behind"]
        else:
            reached += [grade] if grade else ["firm", state]
    return tuple(dict.fromkeys(reached))


def _harder(state: str, grade: str) -> str:
    """Return the box in which a heading of this grade leaves what is in a box, or in the article."""
    return max(state, grade, key=_GRADES.index) if state in _RETURN else grade


def _open(sums: Sums, order: Sequence[str], grade: str) -> tuple[Sums, tuple[str, ...]]:
    """Take a heading into the sums of all states, and tell from which each comes; it is in no article."""
    best, came = [sums[0], *[_NEVER] * (len(_STATES) - 1)], list(_STATES)
    for state in order[1:]:
        total, to = sums[_STATES.index(state)], _STATES.index(_harder(state, grade))
        if total > best[to]:
            best[to], came[to] = total, state
    before, inside, soft, firm, hard, behind = best
    return (before, inside, soft, firm, hard, behind), tuple(came)


def _go_on(sums: Sums, order: tuple[str, ...], inside: float, behind: float, passed: float) -> tuple[Sums, tuple[str, ...]]:
    """Take any other block into the sums of all states, and tell from which each comes.

    What is no heading opens a firm box too, where the article ends without one.
    """
    before, first, soft, firm, hard, again = sums
    begun, entered = before + inside, first + inside
    boxed, to_firm = (firm, "firm") if firm > first else (first, "in")
    if again >= boxed and (again > boxed or (to_firm == "firm" and order.index("behind") < order.index("firm"))):
        boxed, to_firm = again, "behind"
    back, to_behind = again + behind, "behind"
    for state, place, toll in _BOXES:
        total = sums[place]
        if total > _NEVER:
            returned = total + behind - toll
            if returned >= back and (returned > back or order.index(state) < order.index(to_behind)):
                back, to_behind = returned, state
    to_first = "in" if entered > begun else "before"
    return (
        (before - passed, max(begun, entered), soft, boxed, hard, back),
        ("before", to_first, "soft", to_firm, "hard", to_behind),
    )


def _values(kinds: Sequence[str], lengths: Sequence[int]) -> list[tuple[float, float]]:
    """Return what each block adds to the article in its first run, and behind a box; a heading of a box is never in it."""
    values: list[tuple[float, float]] = []
    previous = ""
    for kind, length, following in zip(kinds, lengths, [*kinds[1:], ""], strict=False):
        if kind == "prose":
            value = _PROSE_VALUE * min(length, _PROSE_CAP)
            alone = previous in ("headline", "teaser") and following not in ("prose", "label")
            values.append((value, _ALONE if alone else value))
        else:
            values.append(_OTHERS[kind])
        previous = kind
    return values


def _head(above: Sequence[Sequence[str]], kinds: Sequence[str], body: Sequence[Sequence[str]]) -> list[int]:
    """Return the numbers of the blocks above the article that are its headline and what stands under it.

    A headline has a word in common with the article; if none has, it is the nearest block of several words. What touches
    it belongs to it. Of a headline that stands twice, the nearer is the article's.
    """
    near = [
        number
        for number in range(max(0, len(above) - _HEADLINE_REACH), len(above))
        if kinds[number] in _TITLES and len(above[number]) >= _HEADLINE_WORDS and above[number] not in above[number + 1 :]
    ]
    found = _alike({number: _stems(above[number]) for number in near if kinds[number] == "headline"}, body) or set(near[-1:])
    for number in (*near, *reversed(near)):
        if number - 1 in found or number + 1 in found:
            found.add(number)
    return sorted(found)


def _alike(headlines: dict[int, set[str]], body: Sequence[Sequence[str]]) -> set[int]:
    """Return the numbers of the headlines that have a stem in common with the body; most have with its first paragraphs."""
    found: set[int] = set()
    for words in body:
        if len(found) == len(headlines):
            break
        told = _stems(words)
        found.update(number for number, stems in headlines.items() if not told.isdisjoint(stems))
    return found


def _stems(words: Sequence[str]) -> set[str]:
    return {word[:_STEM] for word in words if len(word) >= _STEM}
