"""Random texts and random damage: `python -m tests.trust.fuzz texts|models COUNT [SEED]` prints what was tried and what was lost.

Texts: the kernel says what plain Python says, to the last bit. Models: a folder whose bytes were changed at random, with a card
that vouches for them all the same, is refused with a `ModelError` or gives finite answers; nothing else happens.
`tests.trust.guided` lets coverage choose the inputs.
"""

import itertools
import json
import math
import os
import random
import sys
import tempfile
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from classifier import Article, ClassifierError, TopicModel, furniture, load
from classifier.reading import PlainReader, reader
from classifier.storage import ARRAYS_FILE, CARD_FILE
from tests.kernel import random_articles, twins
from tests.trust.hostile import BASE, parts, sealed

_RUN = 3  # tokens of the longest runs that are read
_NEWS = BASE.parent.parent.parent / "models" / "news"
CARD = json.dumps({key: value for key, value in parts()[0].items() if key != "crc32"}, ensure_ascii=False)
_PROBES = [
    Article("The ferry from Le Havre docked late. Astronomers saw a ring of Saturn.", title="A comet"),
    Article("Shelling in Idlib killed three people. A tug boat left."),
    Article(""),
    Article("ferry " * 70),
]


def pairs() -> list[tuple[TopicModel, TopicModel]]:
    """Return models in both forms, with the kernel and without: a small one and the shipped one."""
    return [twins(load(BASE)), twins(load(_NEWS))]


def differs(pair: tuple[TopicModel, TopicModel], article: Article) -> bool:
    """Tell whether the kernel says anything else of an article than plain Python."""
    fast, plain = pair
    answers = (
        fast.predict(article, whole_text=whole) != plain.predict(article, whole_text=whole) for whole in (False, True)
    )
    return any(answers) or read_otherwise(article.content)


def read_otherwise(text: str) -> bool:
    """Tell whether the kernel reads a text otherwise than plain Python: sentences, tokens, runs, lines that are signs of a page."""
    said = []
    for one in (reader(_RUN), PlainReader(_RUN)):
        spans = one.sentences(text)
        runs = one.read(text, [spans, *([span] for span in spans)], True)
        last = len(set(array("i", runs[0]))) - 1
        said.append((spans, one.tokens(text), one.token_spans(text), runs, last < 0 or one.term(last)))
    lines = (line for line in text.split("\n") if 0 < len(line) <= furniture._LONGEST_SIGN)
    return said[0] != said[1] or furniture._has_sign(text) != any(map(furniture._is_sign, lines))


def texts(count: int, seed: int) -> list[str]:
    """Return the texts, of so many random ones, of which kernel and plain Python say different things."""
    models = itertools.cycle(pairs())
    return [repr(a.content) for a, pair in zip(random_articles(seed, count), models, strict=False) if differs(pair, a)]


def harm(folder: Path) -> str | None:
    """Load a folder and use the model; return what happened that may not happen."""
    try:
        model = load(folder)
        for article in _PROBES:
            found = model.predict(article)
            for topic in model.topics.ids:
                model.explain(article, topic)
            if not all(map(math.isfinite, [*found.scores.values(), *found.probabilities.values()])):
                return f"an answer that is no number: {found}"
    except ClassifierError:
        return None
    except Exception as error:  # noqa: BLE001 — whatever it is, it is told
        return f"{type(error).__name__}: {error}"
    return None


def damaged(blob: bytes, card: bytes, source: random.Random) -> tuple[bytes, bytes]:
    """Return both files after a few changes at random, mostly where they are dense with meaning."""
    changed, text = bytearray(blob), bytearray(card)
    _, header, body = parts()
    if source.random() < 0.1:  # what is said of all characters at once, but of some
        _flood(changed, len(blob) - len(body), header, source)
    small = [name for name in header if name not in {"folds", "classes"}]
    for _ in range(source.choice((1, 1, 2, 8))):
        kind = source.random()
        if kind < 0.3:
            place = source.randrange(len(text))
            text[place : place + source.choice((0, 1, 1, 4))] = _bytes(source)
        else:
            first, last = header[source.choice(small)]["data_offsets"]
            place = len(blob) - len(body) + source.randrange(first, last) if kind < 0.9 else source.randrange(1000)
            new = _bytes(source)
            changed[place : place + len(new)] = new
    return bytes(changed), bytes(text)


def _flood(changed: bytearray, start: int, header: dict[str, Any], source: random.Random) -> None:
    """Say of all characters that they are of one class, or have one fold, but for a page."""
    name = source.choice(("classes", "folds"))
    first, last = header[name]["data_offsets"]
    width = 2 if name == "classes" else 4
    page = changed[start + first : start + first + 256 * width]
    item = source.choice((1 << source.randrange(13), source.getrandbits(8 * width))).to_bytes(width, "little")
    changed[start + first : start + last] = item * ((last - first) // width)
    for place in source.sample(range(0, len(page), width), 30):
        changed[start + first + place : start + first + place + width] = page[place : place + width]


_TELLING = [
    b"\0",
    b"\xff",
    b"\x7f",
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"\0\0\xc0\x7f",
    b"\1\0\0\0",
    b"1",
    b"-",
    b'"',
    b"null",
    b"[",
    b"1e9",
]


def _bytes(source: random.Random) -> bytes:
    return source.choice(_TELLING) if source.random() < 0.7 else source.randbytes(source.choice((1, 2, 4, 8)))


def models(count: int, seed: int) -> list[str]:
    """Return what happened, of so many damaged folders, that may not happen."""
    source, found = random.Random(seed), []
    blob, card = (BASE / ARRAYS_FILE).read_bytes(), CARD.encode()
    with tempfile.TemporaryDirectory() as room:
        for number in range(count):
            arrays, text = damaged(blob, card, source)
            (Path(room) / ARRAYS_FILE).write_bytes(arrays)
            (Path(room) / CARD_FILE).write_bytes(sealed(text.decode("utf-8", "replace"), arrays))
            if said := harm(Path(room)):
                found.append(f"seed {seed}, number {number}: {said}")
    return found


def report(what: str, count: int, lost: Iterable[str]) -> Iterator[str]:
    """Yield the lines that tell of a run."""
    found = list(lost)
    yield from found[:20]
    yield f"{what} ({os.environ.get('CLASSIFIER_KERNEL', 'c')}): {count} tried, {len(found)} lost"


if __name__ == "__main__":
    what, count, seed = sys.argv[1], int(sys.argv[2]), int((*sys.argv, "1")[3])
    lost = (texts if what == "texts" else models)(count, seed)
    print("\n".join(report(what, count, lost)))
    sys.exit(bool(lost))
