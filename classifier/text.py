"""What a sentence and a term are: text comes in, sentence spans and terms go out; topics and weights are unknown here.

This is the one definition. The corpus, training, prediction and explanation all read text through these functions, so a
sentence number in a label, a term in the model and a highlighted word in an explanation mean the same thing everywhere.
"""

import itertools
import unicodedata
from collections.abc import Iterable, Sequence

__all__ = [
    "DROPPED",
    "character_class",
    "character_classes",
    "fold",
    "fold_character",
    "ngrams",
    "passage_sentences",
    "passages",
    "sentence_spans",
    "token_spans",
    "tokens",
    "word_texts",
]

# ----------------------------------------------------------------------------------------------------------------- fold

# A fold of more than four UTF-8 bytes (a ligature for a whole phrase, U+FDFA) is no letter of a word: it separates.
_LONGEST_FOLD = 4
DROPPED = frozenset({"Mn", "Me", "Cf"})  # combining marks and format characters: accents, soft hyphens, joiners


def fold_character(character: str) -> str:
    """Return what one character contributes to a token: letters or digits, nothing, or a space if it separates.

    Case, width, accents and the Turkish dotless ı are folded away (casefold, NFKD, marks and format characters dropped),
    so that İstanbul, ISTANBUL and Istanbul are one token, and so are the spellings of Erdoğan and of Nagorno‑Karabakh
    with any kind of hyphen.
    """
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    folded = "".join(c for c in decomposed if unicodedata.category(c) not in DROPPED).replace("ı", "i")
    if not folded:
        return ""
    if not folded.isalnum() or len(folded.encode("utf-8", "replace")) > _LONGEST_FOLD:
        return " "
    return folded


class _FoldTable(dict[int, str]):
    """A translation table for `str.translate` that is filled character by character as texts need it."""

    def __missing__(self, codepoint: int) -> str:
        folded = self[codepoint] = fold_character(chr(codepoint))
        return folded


_FOLD = _FoldTable()


def fold(text: str) -> str:
    """Return the text with every character folded; separators become spaces."""
    return text.translate(_FOLD)


# --------------------------------------------------------------------------------------------------------------- tokens


def tokens(text: str) -> list[str]:
    """Return the tokens of a text in order: runs of folded letters and digits."""
    return fold(text).split()


def token_spans(text: str) -> list[tuple[str, int, int]]:
    """Return the same tokens as `tokens`, each with the start and end of its characters in the text as given."""
    spans = []
    word, start, end = "", 0, 0
    for position, character in enumerate(text):
        folded = _FOLD[ord(character)]
        if folded == " ":
            if word:
                spans.append((word, start, end))
            word = ""
        elif folded:
            if not word:
                start = position
            word += folded
            end = position + 1
        elif word:  # a dropped mark inside or behind a word belongs to its characters
            end = position + 1
    if word:
        spans.append((word, start, end))
    return spans


def ngrams(words: Sequence[str], longest: int) -> list[str]:
    """Return all runs of 1 to `longest` tokens, shorter runs first, each run joined by single spaces."""
    runs = list(words)
    for length in range(2, longest + 1):
        runs.extend(" ".join(words[i : i + length]) for i in range(len(words) - length + 1))
    return runs


# ------------------------------------------------------------------------------------------------------------ sentences

# Behind these a full stop never ends a sentence.
_TITLES = frozenset(
    """
    mr mrs ms dr prof gen lt col sgt capt cpl maj adm cmdr sen rep gov st rev hon messrs vs cf fr supt insp det ft mt
    """.split()
)
# Behind these it ends one only if a word follows with which sentences like to begin.
_DOUBTFUL = frozenset(
    """
    jr sr inc ltd co corp plc etc al est approx dept univ ave blvd am pm ad bc no nos art vol fig p pp ed eds jan feb
    mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thurs fri sat sun
    """.split()
)
_STARTERS = frozenset(
    """
    the a an in on at it its he she they we you i this that these those there but and or as by for from his her their
    our my if when while after before since although though however meanwhile earlier later another some many most all
    one two last no not what who why how where with under more also both each such even still according asked
    officials
    """.split()
)
_ENDS = ".!?…"
_ENDS_ALONE = "。！？؟।۔"  # end a sentence with or without a space behind them
_CLOSERS = "\"'”’»)]›"
_OPENERS = "\"'“‘«([‹-–—•*"
_BULLETS = "•*·▪►●■◦‣–—-"
_STICKY_BULLETS = "•▪►●■◦‣"  # need no space behind them

# A wrapped paragraph has lines near one width; below 45 characters lines are menus and lists, above 100 few people wrap.
_NARROWEST_WRAP, _WIDEST_WRAP = 45, 100


# Bits of `character_class`; all that `sentence_spans` asks of a character, in a form that can be kept in a table. First
# come questions of Unicode, then whether it is one of a few.
_QUESTIONS = (
    str.isspace,
    str.islower,
    str.isupper,
    lambda c: c.istitle() and not c.isupper(),
    str.isalnum,
    str.isalpha,
    str.isdigit,
)
_MEMBERS = (_ENDS, _ENDS_ALONE, _CLOSERS, _OPENERS, _BULLETS, _STICKY_BULLETS)


def character_class(character: str) -> int:
    """Return what `sentence_spans` asks of a character, a bit a question: space, lower, upper, title, alnum, and so on."""
    return character_classes(character)[0]


def character_classes(characters: str) -> list[int]:
    """Return the `character_class` of each character: many at once, question by question, cost less than one by one."""
    found = [0] * len(characters)
    for bit, question in enumerate(_QUESTIONS):
        for place in itertools.compress(range(len(characters)), map(question, characters)):
            found[place] |= 1 << bit
    for bit, members in enumerate(_MEMBERS, len(_QUESTIONS)):
        if any(member in characters for member in members):
            for place in itertools.compress(range(len(characters)), map(members.__contains__, characters)):
                found[place] |= 1 << bit
    return found


def word_texts() -> tuple[bytes, bytes, bytes]:
    """Return the words of `sentence_spans`: titles, abbreviations that may end a sentence, words that begin one.

    They are as the kernel takes them: sorted, with a line end before and behind every word.
    """
    titles, doubtful, starters = [
        ("\n" + "\n".join(sorted(words)) + "\n").encode() for words in (_TITLES, _DOUBTFUL, _STARTERS)
    ]
    return titles, doubtful, starters


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return start and end of every sentence in order, without the white space round it.

    A blank line, a list item and a line that stands by itself (headline, menu entry) end a sentence; a line end inside a
    wrapped paragraph does not. Inside a line a sentence ends at . ! ? … when a new one plausibly begins behind it:
    abbreviations, initials, decimals and quoted speech that runs on do not split. Every character that is not white
    space lies in exactly one sentence.
    """
    spans: list[tuple[int, int]] = []
    for start, end in passages(text):
        spans.extend(passage_sentences(text, start, end))
    return spans


def passages(text: str) -> list[tuple[int, int]]:
    """Return the spans of text inside which a line end means nothing: wrapped paragraphs and lines that stand alone."""
    spans: list[tuple[int, int]] = []
    block: list[tuple[int, int]] = []
    position = 0
    for line in text.split("\n"):
        stripped = line.strip()
        if stripped:
            start = position if len(stripped) == len(line) else position + line.index(stripped[0])
            block.append((start, start + len(stripped)))
        elif block:
            spans += block if len(block) == 1 else _join_wrapped(text, block)
            block = []
        position += len(line) + 1
    return spans + _join_wrapped(text, block)


def _join_wrapped(text: str, lines: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join the lines of a block where the line end is only the edge of the page."""
    width = max([end - start for start, end in lines], default=0)
    if not _NARROWEST_WRAP <= width <= _WIDEST_WRAP:
        return lines
    spans = lines[:1]
    for (start, end), (next_start, next_end) in itertools.pairwise(lines):
        if _is_wrap(text[start:end], text[next_start:next_end], width):
            spans[-1] = (spans[-1][0], next_end)
        else:
            spans.append((next_start, next_end))
    return spans


def _is_wrap(line: str, following: str, width: int) -> bool:
    """Tell whether `line` was broken only because the first word of `following` did not fit into `width` characters."""
    return len(line) + 1 + len(following.split(maxsplit=1)[0]) > width and not _begins_item(line, following)


def _begins_item(line: str, following: str) -> bool:
    """Tell whether a line begins something new: a list item, a turn of an interview, a time stamp, a quoted mail."""
    first = following.split(maxsplit=1)[0]
    if first[0] == ">":
        return not line.startswith(">")
    if first[0] in _BULLETS and (len(first) == 1 or first[0] in _STICKY_BULLETS):
        return True
    label = first[:-1]
    if first[-1] in ".):" and label.isalnum() and (label.isdigit() or len(label) == 1 or label.isupper()):
        return True
    hour, colon, minute = first[:5].partition(":")
    return bool(colon) and hour.isdigit() and minute[:2].isdigit()


def passage_sentences(text: str, start: int, end: int) -> Iterable[tuple[int, int]]:
    """Yield the sentences of one passage."""
    position = begin = start
    while position < end:
        character = text[position]
        position += 1
        if character not in _ENDS and character not in _ENDS_ALONE:
            continue
        while position < end and (text[position] in _ENDS or text[position] in _ENDS_ALONE):
            position += 1
        while position < end and text[position] in _CLOSERS:
            position += 1
        if position < end and _ends_sentence(text, begin, position, end):
            yield begin, position
            while position < end and text[position].isspace():
                position += 1
            begin = position
    if begin < end:
        yield begin, end


def _ends_sentence(text: str, begin: int, position: int, end: int) -> bool:
    """Tell whether the sentence that began at `begin` ends before `position`, where its stop and closing quotes end."""
    stop = position - 1
    while text[stop] in _CLOSERS:
        stop -= 1
    if text[stop] in _ENDS_ALONE:
        return True
    if not text[position].isspace():
        return _glued(text, begin, stop, position)
    following = position
    while following < end and text[following].isspace():
        following += 1
    first = following
    while first < end and (text[first] in _OPENERS or text[first].isspace()):
        first += 1
    if first >= end or text[first].islower():
        return False
    if text[stop] != "." or (stop > begin and text[stop - 1] in _ENDS):
        return True
    return not _is_abbreviation(text, begin, stop, first, end)


def _glued(text: str, begin: int, stop: int, position: int) -> bool:
    """Tell whether two sentences lost the space between them: `…in Moscow.The talks…`."""
    before, after = text[max(begin, stop - 2) : stop], text[position : position + 2]  # two letters each side: no initials
    return stop - begin > 1 and before.isalpha() and before.islower() and after[:1].isupper() and after[1:].islower()


def _is_abbreviation(text: str, begin: int, stop: int, first: int, end: int) -> bool:
    """Tell whether the full stop at `stop` belongs to an abbreviation or initial and not to the end of a sentence."""
    word_start = stop
    while word_start > begin and (text[word_start - 1].isalnum() or text[word_start - 1] == "."):
        word_start -= 1
    word = text[word_start:stop].lower()
    if word in _TITLES:
        return True
    dotted = "." in word and all(len(part) == 1 for part in word.split("."))
    initial = len(word) == 1 and word.isalpha()
    if not (dotted or initial or word in _DOUBTFUL):
        return False
    next_end = first
    while next_end < end and (text[next_end].isalnum()):
        next_end += 1
    return text[first:next_end].lower() not in _STARTERS
