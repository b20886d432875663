"""What a test or a script needs to hold the kernel against plain Python: one model in both forms, and hostile texts."""

import random
from collections.abc import Iterator

from classifier.model import TopicModel
from classifier.records import Article
from classifier.saving import compiled

# Characters that sentences, tokens and folds turn on, the awkward ones of Unicode among them.
TELLING = (
    " \t\n\r\v\f\x00\x1c\x85\xa0\u2028\u3000.!?…。！？؟।۔\"'”’»)]›“‘«([‹-–—•*·▪>:,;0123456789٣Ⅷ½"
    "aAzZbBéÉßẞıİiIΣσςǅÞøŁłöÖ\u0301\u00ad\u200d\u0300ﬁﷺ가\u1100\u1161漢कि\ud800\udfff\U0001f600\u212a²ªºĳŉ"
)
_WORDS = [
    *"The a in Mr. Dr. U.S. e.g. Inc. Feb. Syria Idlib Nagorno-Karabakh Baku Kyiv Donbas aircraft crashed COVID-19".split(),
    *"vaccine F-16 St. No. 3.14 … ... Watch Related: Most read 10:30 a) II. Q: • said “Yes.” ferry Le Havre comet".split(),
    "\n",
    "\n\n",
    "x" * 45,
]


def twins(model: TopicModel) -> tuple[TopicModel, TopicModel]:
    """Return the same model with the kernel and without; an AssertionError says that the kernel was not built."""
    fast = compiled(model)
    assert fast.kernel == "C", "the kernel was not built: pip install . builds it where there is a C compiler"
    return fast, TopicModel(fast.topics, fast.hints, fast.settings, fast.table, fast.rule, fast.norms, fast.card)


def random_text(source: random.Random, longest: int) -> str:
    """Return a text of at most so many pieces: words, telling characters, characters from anywhere, wrapped lines."""
    kind = source.random()
    count = source.randint(0, longest)
    if kind < 0.15:
        return "".join(chr(source.randrange(0x110000)) for _ in range(count))
    if kind < 0.4:
        return "".join(source.choice(TELLING) for _ in range(count))
    pieces = [source.choice(_WORDS) if source.random() < 0.85 else source.choice(TELLING) for _ in range(count)]
    if kind < 0.6:  # wrapped near a width, as mail is
        width, lines = source.randint(40, 105), [""]
        for piece in pieces:
            if len(lines[-1]) + len(piece) >= width:
                lines.append("")
            lines[-1] += f"{piece} "
        return "\n".join(lines)
    return " ".join(pieces)


def random_articles(seed: int, count: int, longest: int = 60) -> Iterator[Article]:
    """Yield articles of random texts, every third with a title."""
    source = random.Random(seed)
    for number in range(count):
        title = random_text(source, 8) if number % 3 == 0 else ""
        yield Article(random_text(source, longest), title=title, id=str(number))
