"""A scraped page's text comes in, the spans that are the article's own go out; topics and models are unknown here.

A page's text is a column of blocks: menus, share bars, the article, then boxes of teasers, comments and a footer. Every
block is named by what it looks like; prose speaks for the article, bars, captions and headlines of others against it. The
article is the best path through the blocks: before the article, in it, in a box, in the article again. This is
maximum-subsequence segmentation (Pasternack and Roth, Extracting article text from the web with maximum subsequence
segmentation, WWW 2009, section 3) with one state more: a heading such as `Most read` opens a box, and the article goes on
behind it only if enough prose follows, paragraph upon paragraph. Subheads and late paragraphs survive so; teasers do not.

A text without any sign of furniture passes through unchanged.
"""

import itertools
from collections.abc import Sequence, Set

from classifier.text import sentence_spans, tokens

__all__ = ["article_spans"]

Span = tuple[int, int]


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in text.split("|"))


# --------------------------------------------------------------------------------------------------------------- words
# What sites call the parts of a page, folded as `tokens` folds; each list says what a block that begins so does.

# A heading that begins like this opens a box inside the article or behind it: other stories on its subject, an offer.
_SOFT = _phrases(
    """
    related | read more | read also | also read | read on | keep reading | recommended | more on this | newsletter | newsletters |
    subscribe | sign up | get the | get our | get involved | get news | be the first to know | a message from | tags | tagged |
    topics | topic | filed under | posted in | share this | share or comment | follow | slideshow | listen to | promoted |
    sponsored | become a | you may also be interested | want to read | download our | got a story | most watched | never miss
    """
)
# This opens a box of other stories, a column of the page or a list of its services.
_FIRM = _phrases(
    """
    most | trending | trending now | popular | latest | recent posts | recent comments | recent stories | top stories | top news |
    top articles | top of the day | top headlines | today s top | hot topics | more | other news | other stories | other links |
    other products | elsewhere | editors picks | editor s picks | in other news | in pictures | news in brief | headlines |
    features | videos | video | photos | photo galleries | photo gallery | gallery | multimedia | podcasts | opinion |
    opinions | opinion blog interview | don t miss | must read | news of partners | news from our partners | partner news |
    partners | from our partners | from the web | around the web | from the archive | by the same author | you may |
    you might | may also like | it may interest you | what to read | what else we | what we re reading | what others are |
    up next | next up | read next | read this next | see also | explore more | explore | recommended for you |
    recommended stories | recommended by | similar | other articles | archives | archive | categories | tag cloud | tag cloud |
    useful links | quick links | links | links we liked | classifieds | downloads | press contact | media contact |
    press contacts | contact person | previous article | next article | previous post | next post | previous story |
    post navigation | related news | related content | related topics | related press releases | promoted content |
    promoted stories | sponsored content | sponsored links | sponsored stories | ads by | sectors | editions | sections |
    services | icymi | in the news | in this section | on the calendar | popular tags | about the author | past letters |
    stay connected | connect | our products | local info | site index | latest news | latest stories | latest headlines |
    breaking news | primary sidebar
    """
)
# Behind this only comments or the page's foot follow.
_HARD = _phrases(
    """
    comments | comment | comments policy | leave a comment | leave a reply | leave your | post a comment | add a comment |
    add comment | add your comment | add your comments | write a comment | view comments | view all comments |
    join the conversation | join the discussion | have your say | share what you think | what do you think | latest comments |
    load more comments | load comments | show more comments | no comments yet | reader interactions | reader comments |
    copyright | all rights reserved | about us | contact us | terms of use | terms of service | privacy policy |
    cookie policy | site map | sitemap | powered by | imprint | legal notice | unsubscribe | advertise with us | advertise |
    give feedback | feedback | main menu | navigation
    """
)
# A block that begins like this points away from the article: `Read also: …`.
_POINTERS = _phrases(
    """
    read also | also read | see also | read more | read next | related | recommended | most read | most popular | trending |
    don t miss | watch | subscribe to | sign up | follow us | share this | click here | download the | download our |
    all rights reserved | copyright | advertisement | comments | tags | filed under | more on | you may also | editors picks |
    top stories | latest news | more stories | more | watch video | watch live | listen | see more at | topics | slideshow |
    related topics | related tags | related links | related stories | related news | related articles | story continues |
    skip to | in this article | breaking | live | listen to the | disclaimer
    """
)
# Words of which bars consist: share, print, sign in, date and time, the names of a paper's sections.
_BAR_WORDS = frozenset(
    """
    share shares shared sharing tweet tweets facebook twitter whatsapp telegram reddit linkedin pinterest instagram youtube
    flipboard weibo wechat fb tw ig yt email e mail print printer friendly reprints save saved copy copied link embed download
    transcript listen reader view views show load reply replies report like likes loading follow followers subscribe
    subscription subscriptions sign log login logout register join donate account menu search skip content navigation back
    top next previous comments comment close cancel submit send advert advertisement advertising ads sponsored promoted
    updated update published publish posted modified created edited ago yesterday today hour hours hr hrs min mins minute
    minutes am pm gmt utc bst est edt pst pdt et ist cet cest nzdt jan feb mar apr jun jul aug sep sept oct nov dec january
    february march april may june july august september october november december mon tue tues wed thu thur thurs fri sat sun
    monday tuesday wednesday thursday friday saturday sunday video videos photo photos gallery font size language english app
    settings accept reject cookies cookie privacy terms conditions contact about help faq rss imprint sitemap accessibility
    careers newsletter newsletters notifications archive archives permalink pdf mb kb edition website desktop mobile rate
    newest oldest home news world politics business sport sports opinion weather tech technology economy lifestyle
    entertainment live tv latest blogs podcasts classifieds markets sections advertise jobs bookmark read time menu toggle
    caption enlarge image slideshow images play watch hide full article story stories key continue continues reading main below
    scroll down jump screen duration second seconds sponsor message related culture music football
    gift window me years year days day weeks week months month exclusive send
    """.split()
)
_FILLERS = frozenset(
    "to the a an our us this all on by of for and or in at with from page post more your my it is now here as first last".split()
)
# Words with which a page speaks of itself to its reader, and the reader and the page themselves.
_SITE_WORDS = frozenset(
    """
    website websites site app apps account login log logged register registration comment comments commenting copyright
    reserved consent consented browser advertising ads advertisement sponsored feed alerts notifications twitter facebook
    whatsapp telegram youtube instagram click tap download donate paypal journalism hyperlink links bookmarks password
    username ebook sharing sign log
    """.split()
)
# These say so twice as loudly.
_SITE_NAMES = frozenset(
    """
    subscribe subscribed subscribing subscriber subscribers subscription subscriptions newsletter newsletters email emails
    inbox unsubscribe cookie cookies privacy affiliate disclosure disclaimer moderated republished reproduced syndicated ctrl
    """.split()
)
_IMPERATIVES = frozenset("choose sign subscribe enter register join click tap download follow become support get already help".split())
_READER = frozenset("you your yours we our us this please".split())
_SITE_SHARE = 1 / 6  # a sixth of the words; an article on cookies or newsletters has fewer, and rarely speaks to its reader
# What names a picture's maker or source.
_CAPTION_MARKS = _phrases(
    """
    photo: | photos: | photograph: | photographs: | picture: | pictures: | image: | images: | credit: | credit... | image credit |
    image source | image caption | media caption | photo by | picture by | image by | illustration by | photography: |
    photography by | file photo | hide caption | getty images | representative image | photo taken on | (photo | (image | (file
    """
)
# What the page's own machinery says.
_MESSAGES = tuple(
    f"{start} "
    for start in _phrases(
        """
        something went wrong | please try again | thank you for subscribing | thanks for subscribing | want to read more |
        want to read | already a subscriber | already have an account | heard on | with help from | in this article |
        you must be | you can find this story | this article is free | this discussion is closed | comments are closed |
        your message has been | thank you please check
        """
    )
)
_ADS = ("a message from", "message from", "sponsored", "sponsor message", "from our sponsor")
_BYLINES = frozenset("by edited reporting posted written interview photography illustration live story published exclusive presented sponsored".split())
_CREDITS = frozenset("reporting additional writing compiled edited".split())
_MAKERS = frozenset("editor author source reporter reporting text photo".split())
_JOBS = frozenset("correspondent correspondents reporter reporters editor editors writer writers columnist staff agencies".split())
_PICTURES = frozenset("photo photos photograph picture pictures image images illustration figure graphic infographic".split())
_MAIL_HEADERS = ("From: ", "To: ", "Date: ", "Cc: ", "Reply-To: ")
_FUNCTION_WORDS = frozenset(
    """
    the of and to in that is was for on with as by at from it its be are were has have had he she they his her their
    an this which who not but been will would after said than more about when where while there into also or if we our
    you what
    """.split()
)

# ------------------------------------------------------------------------------------------------------------- numbers

_HEADING_WORDS = 8  # `Most read in business`; a longer line that begins so says more than a heading
_POINTER_WORDS = 25  # a longer block that begins like a pointer is a sentence of the article that happens to
_BAR_LENGTH = 18  # words; a date with its time zone, a row of share buttons
_BAR_SHARE = 0.6  # most words of a menu or date line are such words; the others are a paper's own sections or its name
_PARTING = (" | ", " / ", " » ", " > ", " :: ", " · ")
_BYLINE_WORDS = 9
_BUTTONS = frozenset("share follow subscribe print save receive send pin".split())
_BUTTON_WORDS = 5
_LABEL = 12  # characters: `Editor: `
_STOPS = (".", "!", "?", "。")
_CAPTION_WORDS = 45
_SENTENCE_WORDS = 3  # a shorter line that ends in a full stop is as likely a label
_FIGURES_WORDS = 8  # a row of a table
_LABEL_WORDS = 4  # subheads, names and menu entries are short
_PROSE_WORDS, _PROSE_FUNCTION_SHARE = 25, 0.2  # what makes a line prose that lacks its stop, having lost it in scraping
_LONGEST_SIGN = 140  # characters: a longer line is a paragraph, whatever its first words

# What a block adds to the article if it is taken for a part of it, in paragraphs of 40 words times ten. Prose adds a quarter
# of its words, and no more than a paragraph does, so that one long block does not outweigh the page.
_PROSE_CAP, _PROSE_VALUE = 40, 0.25
_COST = {"label": -0.75, "figures": -0.25, "headline": -1.5, "bar": -0.75, "caption": -0.75, "pointer": -1.0, "promo": -3.0, "teaser": -4.0}
# Behind a box a headline costs more, and so does a paragraph that stands alone: that is how teasers look.
_COST_BEHIND = {"label": -2.0, "figures": -2.5, "headline": -4.0, "bar": -2.0, "caption": -1.0, "pointer": -1.0, "promo": -3.0, "teaser": -4.0}
_ALONE = -2.0
# What it costs to go on with the article behind a box: half a paragraph; one and a half; more than most comments have.
_RETURN = {"soft": 4.0, "firm": 15.0, "hard": 60.0}
_STEM = 5  # letters by which a headline's words are found again in the article
_HEADLINE_WORDS, _HEADLINE_REACH = 4, 20  # date, author, picture and share bar may stand between headline and article


def article_spans(text: str) -> list[Span]:
    """Return the start and end of each run of text that is the article's own, in order; the whole text if it is clean."""
    if not _has_sign(text):
        return [(0, len(text))] if text else []
    blocks = _blocks(text)
    kinds = [_kind(text[start:end]) for start, end in blocks]
    if any(kind in _RETURN for kind in kinds) or _bars(text, blocks, kinds) > 1:
        own = _article(text, blocks, kinds)
    else:
        own = [number for number, kind in enumerate(kinds) if kind != "pointer"]
    spans: list[Span] = []
    for previous, number in zip([-1, *own], own, strict=False):
        start, end = blocks[number]
        if spans and number == previous + 1:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans or [(0, len(text))]


def _bars(text: str, blocks: Sequence[Span], kinds: Sequence[str]) -> int:
    return sum(kind == "bar" and _is_sign(text[start:end]) for (start, end), kind in zip(blocks, kinds, strict=True))


# ------------------------------------------------------------------------------------------------------- the first look


def _has_sign(text: str) -> bool:
    """Tell whether any line of a text is a sign of a page, at a fraction of the cost of asking `_is_sign` of every line.

    Paragraphs are no signs. Most other lines cost a look at how they end and begin.
    """
    for line in text.split("\n"):
        if 0 < len(line) <= _LONGEST_SIGN and (line[-1] != "." or ":" in line) and _STARTS[line[:3]] and _may_be_sign(line):
            return True
    return False


class _Starts(dict[str, bool]):
    """Whether a line with these first three characters may be a sign; filled as texts need it, with ASCII only."""

    def __missing__(self, start: str) -> bool:
        word = start.rstrip(" ").lower()
        if not start.isascii():
            return True
        if word.isalpha():
            may = word[:3] in _FIRST_LETTERS if len(start) == len(word) > 2 else word in _FIRST_WORDS  # noqa: PLR2004
        else:
            may = start[0] not in _DIGITS
        self[start] = may
        return may


def _may_be_sign(line: str) -> bool:
    """Answer as `_is_sign` does, by the first word where it tells enough."""
    start = line.lstrip(_EDGES)[:_FIRST_LOOK]
    if not start and len(line) < _RULE_LENGTH:
        return False
    word = start.partition(" ")[0]
    if (word.isalpha() and word.isascii() and word.lower() not in _FIRST_WORDS) or (start and not _STARTS[start[:3]]):
        return False
    return _is_sign(line)


def _is_sign(line: str) -> bool:
    """Tell whether a line opens a box, points away, is a bar of buttons or a rule across the page."""
    line = line.strip()
    if line.endswith(".") and ":" not in line:
        return False  # a sentence
    first = tokens(line[:_FIRST_LOOK])[:1] or tokens(line)[:1]
    if not first:
        return len(line) >= _RULE_LENGTH
    if first[0] not in _FIRST_WORDS:
        return line.startswith("©") and _is_foot(line, tokens(line))
    kind = _kind(line)
    return kind in _RETURN or kind == "pointer" or (kind == "bar" and first[0] in _BAR_SIGNS)


# Bars that begin so are found on pages only; others, such as dates, in clean articles too.
_BAR_SIGNS = frozenset(
    """
    share print printer skip jump menu subscribe login sign log accept facebook twitter tweet reply comments previous home close
    email search
    """.split()
)
# Headings that begin so head a column of a page, but also a section of an article, so that they say nothing by themselves.
_NO_SIGNS = frozenset(
    """
    opinion opinions news features links elsewhere explore services sections headlines connect downloads partners similar
    categories archive archives breaking live listen topic topics a in it on no other
    """.split()
)
_FOOT_WORDS = frozenset({"copyright", "powered", "c"})
_FIRST_WORDS = frozenset(
    {*(phrase.split()[0] for phrase in (*_SOFT, *_FIRM, *_HARD, *_POINTERS)), *_BAR_SIGNS, *_FOOT_WORDS} - _NO_SIGNS
)
_FIRST_LETTERS = frozenset(word[:3] for word in _FIRST_WORDS)
# White space and marks with which lines begin; all of them separate words.
_EDGES = "".join(c for c in map(chr, range(128)) if not c.isalnum()) + "“”‘’«»–—•…\xa0"
_DIGITS = "0123456789"
_FIRST_LOOK = 40  # characters that hold the first word; a longer word begins no sign
_STARTS = _Starts()
_RULE_LENGTH = 20  # characters; three stars or dashes part the sections of an article


# --------------------------------------------------------------------------------------------------------------- blocks


def _blocks(text: str) -> list[Span]:
    """Return the spans of the lines that are not blank; lines over which a sentence runs on are one block."""
    blocks: list[Span] = []
    sentences = iter(sentence_spans(text))
    reach = 0  # where the last sentence that began before the line ends
    position = 0
    start, end = next(sentences, (len(text), len(text)))
    for line in text.split("\n"):
        stripped = line.strip()
        if stripped:
            at = position + line.index(stripped[0])
            to = at + len(stripped)
            if blocks and reach > at and stripped[0].isalnum() and text[blocks[-1][0]].isalnum():
                blocks[-1] = (blocks[-1][0], to)
            else:
                blocks.append((at, to))
            while start < to:
                reach = end
                start, end = next(sentences, (len(text), len(text)))
        position += len(line) + 1
    return blocks


def _kind(block: str) -> str:
    """Name what a block looks like.

    `soft`, `firm` and `hard` are headings of boxes, by how seldom the article goes on behind them; the others are `pointer`,
    `bar` (also dates and authors), `caption`, `promo`, `teaser`, `prose`,
    `headline`, `figures` (a row of a table) and, of few words, `label`.
    """
    words = tokens(block)
    if not words:
        return "bar"
    sentence = _ends(block) and len(words) >= _SENTENCE_WORDS
    named = _heading(block, words) or _pointer(block, words)
    if named:
        return named
    if _is_caption(block, words):
        return "caption"
    if _is_bar(block, words):
        return "bar"
    if _is_promo(block, words):
        return "promo"
    if block.endswith(("...", "…")):
        return "teaser"
    if sentence or _is_long_prose(words):
        return "prose"
    if any(word[0].isdigit() for word in words) and len(words) <= _FIGURES_WORDS:
        return "figures"
    return "label" if len(words) <= _LABEL_WORDS or block.endswith(":") else "headline"


def _ends(block: str) -> bool:
    """Tell whether a block ends as a sentence does."""
    if block.endswith(")"):  # a parenthesis behind the stop: the author's initials, the agency
        head = block[: block.rfind("(")].rstrip()
        if head.endswith(_STOPS):
            return True
    return block.rstrip("\"'”’»)]").endswith(_STOPS)


def _is_long_prose(words: Sequence[str]) -> bool:
    share = sum(word in _FUNCTION_WORDS for word in words) / len(words)
    return len(words) >= _PROSE_WORDS and share >= _PROSE_FUNCTION_SHARE


def _heading(block: str, words: Sequence[str]) -> str:
    """Return how hard the box is that a block opens, or nothing."""
    if _is_foot(block, words):
        return "hard"
    plain = [word for word in words if not word.isdigit()]
    if len(plain) > _HEADING_WORDS or not plain or block.endswith((".", ",")):
        return ""
    phrase = " ".join(plain)
    if phrase in _HARD_SET or (len(plain) <= 2 and plain[-1] in {"comments", "responses"} and len(words) > len(plain)):
        return "hard"
    head, colon, rest = block.partition(":")
    if colon and rest.strip():
        return ""
    for grade, phrases in (("firm", _FIRM), ("soft", _SOFT)):
        if phrase in phrases:
            return grade
    begins = f"{phrase} "
    for grade, phrases in (("firm", _FIRM_STEMS), ("soft", _SOFT_STEMS)):
        if begins.startswith(phrases):
            return grade
    return ""


_HARD_SET = frozenset(_HARD)
_FIRM_STEMS = tuple(
    f"{stem} "
    for stem in _phrases(
        """
        most read | most popular | most viewed | most shared | most commented | most watched | most searched | trending in |
        trending now | trending stories | trending news | trending videos | latest from | latest news | latest videos | top stories |
        top news | top headlines | more from | more stories | more news | more in | more for | more like | more to | elsewhere on |
        you may | you might | what to read | what we re | what else we | related news by | today s top | from our | from the web |
        recommended by | recommended stories | recommended for | promoted | sponsored | latest headlines | popular in | popular on |
        news of partners
        """
    )
)
_SOFT_STEMS = tuple(
    f"{stem} "
    for stem in _phrases(
        """
        related | read more on | read more about | more on | more about | sign up for | subscribe to | get the | get our |
        get email | get involved | get news | follow us | follow the topics | share this | share or comment | a message from | listen to this |
        you may also be interested | explore more on | topics in this | tagged | posted in | filed under | subscribe | become a | become an |
        download our
        """
    )
)


def _is_foot(block: str, words: Sequence[str]) -> bool:
    """Tell whether a block says who owns the page: `© 2021 The Bugle`, `Powered by Press`; `© Bugle` credits a picture."""
    dated = any(word.isdigit() and len(word) == len("2021") for word in words) or "reserved" in words
    if len(words) > _POINTER_WORDS:
        return False
    return words[:2] == ["powered", "by"] or words == ["copyright"] or (dated and block.startswith(("©", "(c)", "(C)", "Copy", "COPY")))


def _pointer(block: str, words: Sequence[str]) -> str:
    """Tell whether a short block begins with the words of a pointer and is no sentence that happens to begin with them.

    `Related: Fever closes the schools.` points away; `Related talks in Geneva ended without a result.` does not.
    """
    if len(words) > _POINTER_WORDS:
        return ""
    phrase = f"{' '.join(words)} "
    beginnings = [pointer for pointer in _POINTERS if phrase.startswith(f"{pointer} ")]
    if not beginnings:
        return ""
    head, colon, _ = block.partition(":")
    if colon and " ".join(tokens(head)) in beginnings:
        return "pointer"
    return "pointer" if not _ends(block) and max(map(len, beginnings)) > len(words[0]) else ""


def _is_bar(block: str, words: Sequence[str]) -> bool:
    """Tell whether a block is a row of buttons, menu entries or dates, an address, or an author's line."""
    if len(words) > 2 and block.endswith((".", ".)")) and words[0] not in _CREDITS:
        return False
    if block.startswith(_MAIL_HEADERS):
        return True
    bars = sum(word in _BAR_WORDS or word[0].isdigit() for word in words)
    if bars and len(words) <= _BAR_LENGTH:
        if all(word in _BAR_WORDS or word in _FILLERS or word[0].isdigit() for word in words):
            return True
        if len(words) > 2 and bars >= _BAR_SHARE * len(words) and not _ends(block) and words[0] in _BAR_WORDS:
            return all(not word[0].islower() for word in block.split())
    if sum(block.count(mark) for mark in _PARTING) > 1:  # one may part a headline
        return not _ends(block)
    if block[0] == "(" and block[-1] == ")" and words[0] in _CREDITS and "by" in words:
        return True
    if len(words) > _BYLINE_WORDS or _ends(block):
        return False
    if (words[0] in _BYLINES and "by" in words) or words[-1] in _JOBS or (words[0] in _MAKERS and ":" in block[:_LABEL]):
        return True
    if words[0] in _BUTTONS and len(words) <= _BUTTON_WORDS:
        return True
    return "http" in block or "www." in block or "@" in block


def _is_caption(block: str, words: Sequence[str]) -> bool:
    lower = block.lower()
    if block[0] == "©" and len(words) <= _BYLINE_WORDS:
        return True
    if words[0] in _PICTURES and len(words) <= _BAR_LENGTH and not block.endswith("."):
        return True
    inner = block[block.rfind("(") + 1 : -1] if block.endswith(")") else ""
    if (":" in inner or "/" in inner) and len(tokens(inner)) <= _BYLINE_WORDS and not block.startswith("("):
        return len(words) <= _CAPTION_WORDS
    return len(words) <= _CAPTION_WORDS and any(mark in lower for mark in _CAPTION_MARKS)


def _is_promo(block: str, words: Sequence[str]) -> bool:
    """Tell whether the page speaks of itself to its reader: newsletters, cookies, rights, rules for comments."""
    if block[0] in "\"“'‘":
        return False
    if f"{' '.join(words)} ".startswith(_MESSAGES):
        return True
    site = sum(word in _SITE_WORDS for word in words) + 2 * sum(word in _SITE_NAMES for word in words) + block.count(" @")
    reader = sum(word in _READER for word in words) + (words[0] in _IMPERATIVES)
    return site > 0 and reader > 0 and site + reader > 2 and site + reader >= _SITE_SHARE * len(words)


# ---------------------------------------------------------------------------------------------------------------- paths

_BEFORE, _IN, _BEHIND = "before", "in", "behind"
_OWN = ("prose", "headline", "label", "figures")


def _article(text: str, blocks: Sequence[Span], kinds: Sequence[str]) -> list[int]:
    """Return the numbers of the blocks that are the article's own."""
    texts = [tokens(text[start:end]) for start, end in blocks]
    kinds = _kinds_in_place(kinds, texts)
    states = _best_path(kinds, [min(len(words), _PROSE_CAP) for words in texts])
    first = next((number for number, state in enumerate(states) if state == _IN), len(blocks))
    body = [n for n, state in enumerate(states) if state in (_IN, _BEHIND) and kinds[n] in _OWN]
    told = {word[:_STEM] for n in body for word in texts[n] if len(word) >= _STEM}
    return _head(texts[:first], kinds, told) + body


def _kinds_in_place(kinds: Sequence[str], texts: Sequence[Sequence[str]]) -> list[str]:
    """Return the kinds, mended where the block before or behind tells better: text of an offer, a caption in two lines."""
    mended = list(kinds)
    for number, (kind, following) in enumerate(itertools.pairwise(kinds)):
        if kind in _RETURN and following == "prose" and " ".join(texts[number]).startswith(_ADS):
            mended[number + 1] = "promo"
        elif kind == "headline" and following == "caption" and number and kinds[number - 1] not in _OWN:
            mended[number] = "caption"
        elif kind == "pointer" and following == "headline" and len(texts[number]) < _LABEL_WORDS:
            mended[number + 1] = "pointer"
    return mended


def _best_path(kinds: Sequence[str], lengths: Sequence[int]) -> list[str]:
    """Return the state of every block on the path with the greatest sum (Viterbi's scan over six states)."""
    best: dict[str, float] = {_BEFORE: 0.0}
    steps: list[dict[str, str]] = []  # for each block, the state before it on the best path to each of its states
    for number, kind in enumerate(kinds):
        inside, behind = _values(kinds, lengths, number)
        ways: list[tuple[float, str, str]] = []  # sum, state, state before
        for state, total in best.items():
            if state == _BEFORE:
                ways += [(total, _BEFORE, state), (total + inside, _IN, state)]
            elif state in (_IN, _BEHIND):
                grade = kind if kind in _RETURN else "firm"
                ways.append((total, grade, state))
                ways.append((total + (inside if state == _IN else behind), state, state))
            else:
                grade = max(state, kind, key=list(_RETURN).index) if kind in _RETURN else state
                ways += [(total, grade, state), (total + behind - _RETURN[state], _BEHIND, state)]
        best, step = {}, {}
        for total, state, previous in ways:
            if total > best.get(state, float("-inf")):
                best[state], step[state] = total, previous
        steps.append(step)
    state = max(best, key=lambda name: best[name])
    path = []
    for step in reversed(steps):
        path.append(state)
        state = step[state]
    return path[::-1]


def _values(kinds: Sequence[str], lengths: Sequence[int], number: int) -> tuple[float, float]:
    """Return what a block adds to the article in its first run, and behind a box."""
    kind = kinds[number]
    if kind in _RETURN:
        return float("-inf"), float("-inf")
    if kind != "prose":
        return _COST[kind], _COST_BEHIND[kind]
    value = _PROSE_VALUE * lengths[number]
    following = kinds[number + 1] if number + 1 < len(kinds) else "bar"
    teaser = number and kinds[number - 1] in ("headline", "teaser") and following not in ("prose", "label")
    return value, _ALONE if teaser else value


def _head(above: Sequence[Sequence[str]], kinds: Sequence[str], told: Set[str]) -> list[int]:
    """Return the numbers of the blocks above the article that are its headline and what stands under it.

    A headline has a word in common with the article; if none has, it is the nearest block of several words. What touches
    it belongs to it.
    """
    near = [
        number
        for number in range(max(0, len(above) - _HEADLINE_REACH), len(above))
        if kinds[number] in _OWN and len(above[number]) >= _HEADLINE_WORDS and above[number] not in above[number + 1 :]
    ]
    alike = [n for n in near if kinds[n] in ("headline", "figures") and any(word[:_STEM] in told for word in above[n] if len(word) >= _STEM)]
    found = set(alike or near[-1:])
    for number in (*near, *reversed(near)):
        if number - 1 in found or number + 1 in found:
            found.add(number)
    return sorted(found)
