"""A scraped page's text comes in, the spans that are the article's own go out; topics and models are unknown here.

A page's text is a column of blocks (lines): menus, share bars, the article, then boxes of teasers and a footer. Every
block gets a score, positive for running prose, negative for what looks like furniture, and the article is the run of
blocks with the greatest sum: maximum-subsequence segmentation (Pasternack and Roth, Extracting article text from the web
with maximum subsequence segmentation, WWW 2009, section 3). Subheads and late paragraphs survive, since the prose behind
them outweighs them; a box of teasers does not, since its heading closes the article unless much prose follows.

A text without any sign of furniture passes through unchanged.
"""

from classifier.text import tokens

__all__ = ["article_spans"]

# Headings of boxes that hold other stories, and of the page's foot. A block opens such a box if these are its only words.
_BOXES = frozenset(
    phrase.strip()
    for phrase in """
    trending | trending now | trending stories | trending news | latest news | latest stories | latest |
    latest headlines | most read | most popular | most viewed | most shared | most commented | related |
    related news | related stories | related articles | related topics | related content | related posts |
    related links | read more | read next | read also | more news | more stories | more from | more on this story |
    more on this topic | see also | also read | also on | you may like | you may also like | you might also like |
    recommended | recommended for you | recommended stories | editors picks | editor s picks | top stories |
    top news | popular | popular now | popular stories | popular posts | other news | other stories | other links |
    other products | news in brief | in other news | headlines | breaking news | don t miss | must read |
    what to read next | up next | from the web | around the web | sponsored | sponsored content | sponsored links |
    promoted | promoted stories | advertisement | opinion blog interview | opinion | opinions | videos | video |
    photos | photo galleries | gallery | multimedia | podcasts | comments | comment | leave a comment |
    leave a reply | post a comment | add comment | add a comment | join the conversation | comments policy |
    subscribe | subscribe to our newsletter | newsletter | newsletters | sign up | sign up for our newsletter |
    follow us | share | share this | share this article | share this story | connect | contact us | about us |
    sections | sectors | editions | categories | archive | tags | topics | navigation | menu | left menu |
    main menu | give feedback | feedback | advertise with us | terms of use | privacy policy | site map | sitemap |
    cookie policy | copyright | all rights reserved | explore more | more in this section | next article |
    previous article | previous post | next post | about the author | partners
    """.split("|")
)
# A block that begins like this points away from the article, whatever else it says.
_POINTERS = tuple(
    phrase.strip()
    for phrase in """
    read also | also read | see also | read more | read next | related | recommended | most read | most popular |
    trending | don t miss | watch | subscribe to | sign up for | follow us | share this | click here | download the |
    download our | all rights reserved | copyright | advertisement | comments | tags | filed under | image credit |
    more on | you may also | editors picks | top stories | latest news | more stories
    """.split("|")
)
# Words that running prose cannot do without and that menus and headlines mostly lack.
_FUNCTION_WORDS = frozenset(
    """
    the of and to in that is was for on with as by at from it its be are were has have had he she they his her their
    an this which who not but been will would after said than more about when where while there into also or if we our
    you what
    """.split()
)

_FIRST_WORDS = frozenset(phrase.split()[0] for phrase in (*_BOXES, *_POINTERS))
_FIRST_LOOK = 40  # characters that hold the first word; a longer word begins no box

_PROSE_WORDS = 10  # fewer words make a headline, a caption or a menu entry
_PROSE_FUNCTION_SHARE = 0.2  # a fifth of the words: running English has far more of them, headlines and menus far fewer
_PROSE_CAP = 40  # words of one block that count: a single long paragraph must not outweigh the whole page
_SHORT = -2.0  # cost of a short block: an article's subheads are few and each is followed by prose worth ten times that
_TEASER = -8.0  # cost of a sentence cut off by dots
_BOX = -60.0  # cost of a box heading: more than one full paragraph must follow to bridge it
_HEADLINE_WORDS, _HEADLINE_REACH = 5, 12  # a headline has five words or more; date, author and picture credit may follow it
_POINTER_WORDS = 25  # a longer block that begins like a pointer is a sentence of the article that happens to


def article_spans(text: str) -> list[tuple[int, int]]:
    """Return the start and end of each run of text that is the article's own, in order; the whole text if it is clean."""
    blocks = _blocks(text)
    if not any(_may_be_furniture(text[start:end]) for start, end in blocks):
        return [(0, len(text))] if text else []
    kinds = [_kind(text[start:end]) for start, end in blocks]
    if "box" not in kinds and "pointer" not in kinds:
        return [(0, len(text))] if text else []
    first, last = _best_run([_score(text[start:end], kind) for (start, end), kind in zip(blocks, kinds, strict=True)])
    own = [number for number in range(first, last + 1) if kinds[number] in ("prose", "short")]
    headline = _headline([text[start:end] for start, end in blocks[:first]], kinds)
    if headline is not None:
        own.insert(0, headline)
    spans: list[tuple[int, int]] = []
    for previous, number in zip([-1, *own], own, strict=False):
        start, end = blocks[number]
        if spans and number == previous + 1:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans or [(0, len(text))]


def _blocks(text: str) -> list[tuple[int, int]]:
    """Return the spans of the lines that are not blank; the lines of a hard-wrapped paragraph count one by one."""
    blocks = []
    position = 0
    for line in text.split("\n"):
        stripped = line.strip()
        if stripped:
            start = position + line.index(stripped[0])
            blocks.append((start, start + len(stripped)))
        position += len(line) + 1
    return blocks


def _may_be_furniture(block: str) -> bool:
    """Tell, at little cost, whether a block begins with a word with which boxes or pointers begin."""
    words = tokens(block[:_FIRST_LOOK]) or tokens(block)
    return bool(words) and words[0] in _FIRST_WORDS


def _kind(block: str) -> str:
    """Name what a block looks like: `prose`, `short`, `teaser`, `pointer` or `box`."""
    words = tokens(block)
    phrase = " ".join(words)
    if phrase in _BOXES:
        return "box"
    if len(words) <= _POINTER_WORDS and _points_away(block, phrase):
        return "pointer"
    if block.endswith(("...", "…")):
        return "teaser"
    share = sum(word in _FUNCTION_WORDS for word in words) / (len(words) or 1)
    return "prose" if len(words) >= _PROSE_WORDS and share >= _PROSE_FUNCTION_SHARE else "short"


def _points_away(block: str, phrase: str) -> bool:
    """Tell whether a short block begins with the words of a pointer and is no sentence that happens to begin with them.

    `Related: Fever closes the schools.` points away; `Related talks in Geneva ended without a result.` does not.
    """
    beginning = next((pointer for pointer in _POINTERS if f"{phrase} ".startswith(f"{pointer} ")), None)
    if beginning is None:
        return False
    head, colon, _ = block.partition(":")
    return not block.endswith(".") or (bool(colon) and " ".join(tokens(head)) == beginning)


def _score(block: str, kind: str) -> float:
    """Return how much a block speaks for being the article's own."""
    if kind == "prose":
        return float(min(len(tokens(block)), _PROSE_CAP))
    return {"short": _SHORT, "teaser": _TEASER, "pointer": _SHORT, "box": _BOX}[kind]


def _best_run(scores: list[float]) -> tuple[int, int]:
    """Return the first and last index of the run with the greatest sum (Kadane's scan)."""
    best = (float("-inf"), 0, 0)
    start, total = 0, 0.0
    for number, score in enumerate(scores):
        if total <= 0:
            start, total = number, 0.0
        total += score
        if total > best[0]:
            best = (total, start, number)
    return best[1], best[2]


def _headline(above: list[str], kinds: list[str]) -> int | None:
    """Return the number of the block above the article that is its headline: the nearest short one of several words."""
    for number in range(len(above) - 1, max(-1, len(above) - 1 - _HEADLINE_REACH), -1):
        if kinds[number] == "short" and len(tokens(above[number])) >= _HEADLINE_WORDS and ":" not in above[number][:20]:
            return number
    return None
