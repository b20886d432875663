"""Model folders that are damaged or mean harm, made by code from one that is sound; each must be refused, cheaply.

`python -m tests.trust.hostile` loads each in a process of its own, with the kernel and without, and prints what was not refused
with a `ModelError` that says what to do, took more than 100 MB or a second, or ended otherwise. No numpy here, so that the memory
of a process is that of the loader.
"""

import copy
import functools
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import socket
import stat
import sys
import tempfile
import time
import zlib
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classifier import ModelError
from classifier.storage import ARRAYS_FILE, CARD_FILE, load

BASE = Path(__file__).resolve().parent.parent / "frozen" / "format-2"
MEMORY, SECONDS = 100_000_000, 1.0  # what refusing may take
_GUARD = 20  # seconds; then a load counts as one that never ends
_NOBODY = 65534  # the user that may read nothing

Card = dict[str, Any]
Maker = Callable[[Path], None]


@dataclass(frozen=True, slots=True)
class Case:
    """A folder that must be refused: `make` is given an empty folder."""

    name: str
    make: Maker


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of loading a folder: `refused`, `accepted` or what else happened, and what it took."""

    name: str
    found: str
    seconds: float
    memory: int

    @property
    def lost(self) -> bool:
        """Whether the promise was broken; `found` begins with "refused" where it was kept."""
        return not self.found.startswith("refused") or self.seconds > SECONDS or self.memory > MEMORY


# --------------------------------------------------------------------------------------------------------------- folders


@functools.cache
def parts(folder: Path = BASE) -> tuple[Card, dict[str, Any], bytes]:
    """Return the card, the header and the body of a sound folder."""
    data = (folder / ARRAYS_FILE).read_bytes()
    size = int.from_bytes(data[:8], "little")
    return json.loads((folder / CARD_FILE).read_text()), json.loads(data[8 : 8 + size]), data[8 + size :]


def blob_of(header: object, body: bytes) -> bytes:
    """Return an array file with this header, whatever it says."""
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    return len(head).to_bytes(8, "little") + head + body


def sealed(card: Card | str, blob: bytes) -> bytes:
    """Return a card that vouches for these bytes and for itself, as somebody would write it who means harm."""
    if not isinstance(card, str):
        own = {key: value for key, value in card.items() if key != "crc32"}
        if own.get("sha256") == parts()[0]["sha256"]:
            own["sha256"] = hashlib.sha256(blob).hexdigest()
        card = json.dumps(own)
    text = (card.rstrip().removesuffix("}") + ", ").encode()
    return text + b'"crc32": "%08x"}' % zlib.crc32(text, zlib.crc32(blob))


def put(folder: Path, card: Card | str, blob: bytes) -> None:
    """Write a folder whose card vouches for its arrays."""
    (folder / ARRAYS_FILE).write_bytes(blob)
    (folder / CARD_FILE).write_bytes(sealed(card, blob))


def arrays_of(header: dict[str, Any], body: bytes) -> dict[str, bytes]:
    """Return the bytes of every array."""
    return {name: body[slice(*entry["data_offsets"])] for name, entry in header.items()}


def packed(arrays: dict[str, bytes], header: dict[str, Any]) -> bytes:
    """Return an array file of arrays with the types of a header, in its order."""
    size = {"U8": 1, "U16": 2, "U32": 4, "I32": 4, "F32": 4, "U64": 8, "F64": 8}
    made, offset = {}, 0
    for name, data in arrays.items():
        kind = header[name]["dtype"]
        made[name] = {"dtype": kind, "shape": [len(data) // size[kind]], "data_offsets": [offset, offset + len(data)]}
        offset += len(data)
    return blob_of(made, b"".join(arrays.values()))


# ----------------------------------------------------------------------------------------------------------------- cases


def cases() -> Iterator[Case]:
    """Yield all of them; the same at every call."""
    card, header, body = parts()
    for group in (_cut, _flipped, _lying, _structure, _contents, _sieves_and_terms, _lengths, _cards, _bombs):
        for name, text, blob in group(card, header, body):
            yield Case(f"{group.__name__[1:]}: {name}", _maker(text, blob))
    yield from _files()


def _maker(card: Card | str | bytes, blob: bytes) -> Maker:
    """Return what writes a folder; a card in bytes stays as it is, another is made to vouch for the arrays."""

    def make(folder: Path) -> None:
        (folder / ARRAYS_FILE).write_bytes(blob)
        (folder / CARD_FILE).write_bytes(card if isinstance(card, bytes) else sealed(card, blob))

    return make


Made = Iterator[tuple[str, Card | str | bytes, bytes]]


def _cut(card: Card, header: dict[str, Any], body: bytes) -> Made:
    """Cut at every field."""
    blob, text = (BASE / ARRAYS_FILE).read_bytes(), (BASE / CARD_FILE).read_bytes()
    start = len(blob) - len(body)
    places = {0, 1, 7, 8, 9, start // 2, start - 1, start, len(blob) - 1}
    for entry in header.values():
        first, last = entry["data_offsets"]
        places |= {start + first, start + first + 1, start + (first + last) // 2}
    for place in sorted(places - {len(blob)}):
        yield f"arrays at {place}, checksum right", card, blob[:place]
        yield f"arrays at {place}", text, blob[:place]
    for line in range(text.count(b"\n") - 1):
        yield f"card after line {line}", b"\n".join(text.split(b"\n")[: line + 1]), blob
    yield "arrays with a byte more", card, blob + b"\0"


def _flipped(_: Card, header: dict[str, Any], body: bytes) -> Made:
    """One bit of either file."""
    source = random.Random(5)
    blob, text = (BASE / ARRAYS_FILE).read_bytes(), (BASE / CARD_FILE).read_bytes()
    start = len(blob) - len(body)
    bits = [source.randrange(8 * start) for _ in range(20)]
    for entry in header.values():
        first, last = entry["data_offsets"]
        bits += [8 * (start + place) + source.randrange(8) for place in (first, (first + last) // 2, last - 1)]
    for bit in bits:
        changed = bytearray(blob)
        changed[bit // 8] ^= 1 << bit % 8
        yield f"bit {bit} of the arrays", text, bytes(changed)
    for number in range(60):
        bit = source.randrange(8 * (len(text) - 4))
        changed = bytearray(text)
        changed[bit // 8] ^= 1 << bit % 8
        yield f"bit {bit} of the card ({number})", bytes(changed), blob


def _lying(card: Card, header: dict[str, Any], body: bytes) -> Made:
    """Say something wrong of each array."""
    names = list(header)
    for number, name in enumerate(names):
        entry = header[name]
        start, end = entry["data_offsets"]
        other = header[names[number - 1]]
        lies: dict[str, object] = {
            "type unknown": {**entry, "dtype": "F16"},
            "type of another size": {**entry, "dtype": "U8" if entry["dtype"] != "U8" else "F64"},
            "type no text": {**entry, "dtype": 7},
            "shape too long": {**entry, "shape": [entry["shape"][0] + 1]},
            "shape huge": {**entry, "shape": [2**63]},
            "shape negative": {**entry, "shape": [-1]},
            "shape of two dimensions": {**entry, "shape": [1, entry["shape"][0]]},
            "shape empty": {**entry, "shape": []},
            "shape no list": {**entry, "shape": entry["shape"][0]},
            "shape a fraction": {**entry, "shape": [float(entry["shape"][0])]},
            "offsets negative": {**entry, "data_offsets": [start - end, 0]},
            "offsets backwards": {**entry, "data_offsets": [end, start]},
            "offsets huge": {**entry, "data_offsets": [start, 2**64]},
            "offsets beyond the file": {**entry, "data_offsets": [start + 8, end + len(body)]},
            "offsets that overlap": {**entry, "data_offsets": other["data_offsets"], "shape": other["shape"]},
            "offsets three": {**entry, "data_offsets": [start, end, end]},
            "offsets texts": {**entry, "data_offsets": [str(start), str(end)]},
            "offsets true": {**entry, "data_offsets": [True, end]},
            "a field more": {**entry, "next": 1},
            "a field less": {"dtype": entry["dtype"], "shape": entry["shape"]},
            "no object": [entry],
            "nothing": None,
        }
        for lie, said in lies.items():
            yield f"{name} {lie}", card, blob_of({**header, name: said}, body)
        yield f"{name} missing", card, blob_of({key: header[key] for key in names if key != name}, body)
        yield (
            f"{name} twice",
            card,
            blob_of(json.dumps(header).encode()[:-1] + f', "{name}": {json.dumps(entry)}}}'.encode(), body),
        )


def _structure(card: Card, header: dict[str, Any], body: bytes) -> Made:
    """Make something else of the header."""
    entry = header["bias"]
    texts: dict[str, object] = {
        "no object": [header],
        "empty": b"",
        "empty object": {},
        "null": None,
        "a number": 7,
        "not UTF-8": b'{"\xff\xfe": 1}',
        "UTF-16": json.dumps(header).encode("utf-16"),
        "with a byte order mark": b"\xef\xbb\xbf" + json.dumps(header).encode(),
        "an array more": {**header, "more": entry},
        "a name that climbs": {**header, "../../etc/passwd": entry},
        "a name with a zero": {**header, "bias\0": entry},
        "metadata": {**header, "__metadata__": {"format": "pt"}},
        "deep": b'{"a":' * 15_000,
        "deep lists": b"[" * 90_000,
        "digits": b'{"bias": ' + b"9" * 90_000 + b"}",
        "no number": b'{"bias": NaN}',
        "without end": b'{"bias": 1e999}',
        "longer than headers are": json.dumps(header).encode() + b" " * 100_000,
    }
    for name, text in texts.items():
        yield name, card, blob_of(text, body)
    blob = blob_of(header, body)
    head = json.dumps(header).encode()
    for odd in range(1, 8):  # sound but for its numbers, which lie where no machine likes to read them
        padded = head + b" " * (-len(head) % 8 + odd)
        yield f"a header {odd} bytes too long", card, len(padded).to_bytes(8, "little") + padded + body
    for length in (0, 1, 7, len(body), len(blob) - 8, len(blob) - 7, 100_001, 2**31, 2**32 - 1, 2**63 - 1, 2**63, 2**64 - 1):
        yield f"a header of {length} bytes", card, length.to_bytes(8, "little") + blob[8:]


def _contents(card: Card, header: dict[str, Any], body: bytes) -> Made:
    """Put numbers into the arrays that are none, or lead nowhere."""
    arrays = arrays_of(header, body)
    codes = {"idf": "d", "bias": "d", "weights": "f"}
    numbers: dict[str, float] = {
        "no number": float("nan"),
        "endless": float("inf"),
        "endless below": float("-inf"),
        "huge": 1e30,
    }
    for name, code in codes.items():
        for said, number in numbers.items() | {("zero", 0.0), ("below zero", -1.0), ("vanishing", 1e-300)}:
            if name == "idf" or said in numbers:
                for place in (0, -1):
                    changed: array[Any] = array(code, arrays[name])
                    changed[place] = number
                    yield f"{name} {said} at {place}", card, packed({**arrays, name: changed.tobytes()}, header)
    terms = len(arrays["idf"]) // 8
    for name, code, bad in (
        ("pages", "H", (2**16 - 1, len(arrays["folds"]) // 1024)),
        ("hint_rows", "i", (terms, -2, 2**31 - 1, -(2**31))),
    ):
        for number in bad:
            for place in (0, -1):
                changed = array(code, arrays[name])
                changed[place] = number
                yield f"{name} {number} at {place}", card, packed({**arrays, name: changed.tobytes()}, header)
    for name, most in (("slots", terms), ("names", len(arrays["masks"]) // 8)):
        slots = len(arrays[name]) // 8
        for said, pairs in {
            "full": [7, 1] * slots,
            "beyond the last": [7, most + 1] + [0, 0] * (slots - 1),
            "far beyond the last": [0, 0] * (slots - 1) + [7, 2**32 - 1],
            "no power of two": [0, 0] * (slots - 1),
            "three": [0, 0] * 3,
            "half": [0] * (2 * slots - 1),
        }.items():
            yield f"{name} {said}", card, packed({**arrays, name: array("I", pairs).tobytes()}, header)


def _sieves_and_terms(card: Card, header: dict[str, Any], body: bytes) -> Made:
    """Make sieves of lengths that no key fits, and terms that are no text or not one a row."""
    arrays = arrays_of(header, body)
    for name in ("sieve", "name_sieve"):
        words = len(arrays[name]) // 8
        for said, length in {
            "of three words": 3,
            "of a word more": words + 1,
            "of three times the words": 3 * words,
        }.items():
            yield f"{name} {said}", card, packed({**arrays, name: bytes(8 * length)}, header)
    lines = arrays["terms"].split(b"\n")
    for said, rows in {
        "a row less": lines[1:],
        "a row more": [*lines, b"more"],
        "nothing but rows": [b""] * (len(lines) + 1),
        "no rows": [b"".join(lines)],
        "a character cut": [*lines[:-1], lines[-1] + b"\xc3"],
        "a surrogate": [*lines[:-1], b"\xed\xa0\x80"],
        "a character beyond all": [*lines[:-1], b"\xf4\x90\x80\x80"],
        "a long zero": [*lines[:-1], b"\xc0\x80"],
    }.items():
        yield f"terms with {said}", card, packed({**arrays, "terms": b"\n".join(rows)}, header)


def _lengths(card: Card, header: dict[str, Any], body: bytes) -> Made:
    """Make arrays of other lengths than go together, or in another order."""
    arrays = arrays_of(header, body)
    sound = {
        ("hints", "an item less"),
        ("terms", "an item less"),
        ("hints", "twice as long"),
        ("name_sieve", "an item less"),
    }  # texts that end otherwise
    sound |= {(name, "twice as long") for name in ("slots", "names", "sieve", "name_sieve")}
    for name, data in arrays.items():
        size = len(data) // header[name]["shape"][0]
        for said, changed_bytes in {"an item less": data[:-size], "twice as long": data * 2, "empty": b""}.items():
            if (name, said) not in sound:
                yield f"{name} {said}", card, packed({**arrays, name: changed_bytes}, header)
    for name in ("terms", "hints"):
        yield f"{name} not UTF-8", card, packed({**arrays, name: b"\xff" + arrays[name][1:]}, header)
        yield f"{name} with a line more", card, packed({**arrays, name: arrays[name] + b"\nmore\tmore"}, header)
    order = dict(reversed(arrays.items()))  # narrow ones first: the wide ones are no longer aligned
    yield "arrays that are not aligned", card, packed({"hints": order.pop("hints"), **order}, header)


_ABSENT = object()


def _changed(card: Card, path: tuple[str | int, ...], value: object) -> Card:
    made: Any = copy.deepcopy(card)
    place = made
    for step in path[:-1]:
        place = place[step]
    if value is _ABSENT:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return made  # type: ignore[no-any-return]  # as deep as the card


def _cards(card: Card, header: dict[str, Any], body: bytes) -> Made:
    """Put into every field of the card what does not belong there."""
    blob = blob_of(header, body)
    no_number: tuple[object, ...] = (None, "1", True, [], {}, float("nan"), float("inf"), 10**400, 1e300)
    no_text: tuple[object, ...] = (None, 5, True, [], {})
    no_list: tuple[object, ...] = (None, "x", 5, {})
    no_whole: tuple[object, ...] = (None, 1.5, "2", True, -1, 10**30, float("nan"))
    topic: tuple[str | int, ...] = ("topics", 1)
    curve = {"scores": [0, 1], "probabilities": [0, 1]}
    curves = [
        {},
        {"scores": [], "probabilities": []},
        {"scores": [0], "probabilities": [0, 1]},
        {"scores": [1, 0], "probabilities": [0, 1]},
        {"scores": [0, 0], "probabilities": [0, 1]},
        {**curve, "probabilities": [0, 2]},
        {**curve, "probabilities": [-1, 1]},
        {**curve, "probabilities": [1, 0]},
        {**curve, "probabilities": [float("nan"), 1]},
        {**curve, "scores": [float("nan"), 1]},
        {**curve, "scores": "01"},
        {**curve, "scores": {"0": 1}},
        {"scores": None},
    ]
    bad: dict[tuple[str | int, ...], tuple[object, ...]] = {
        ("format",): (None, 0, 3, -1, 99, "2", 2.0, True, [], {}, 10**400),
        ("topics",): (*no_list, [], [None], [[]], [5], [card["topics"][0]] * 2, card["topics"][:1], card["topics"] * 2),
        ("at_least_one",): (None, 1, "true", []),
        ("features",): (None, [], "x", 5, {}),
        ("norms",): (None, [], "x", 5, {}),
        ("longest_name",): (*no_whole, 65),
        ("sha256",): (None, 5, "", "x" * 64, []),
        (*topic, "id"): (*no_text, card["topics"][0]["id"]),
        (*topic, "name"): no_text,
        (*topic, "definition"): no_text,
        (*topic, "rules"): (*no_list, [5], [None], [[]]),
        (*topic, "threshold"): no_number,
        (*topic, "lower"): no_number[1:],
        (*topic, "upper"): no_number[1:],
        (*topic, "calibration"): (None, 5, "x", [], *curves),
        **{(*topic, "calibration", name): no_number for name in ("below", "above", "intercept")},
        ("features", "pooling"): (None, 5, "", "words", [], {}),
        ("features", "longest"): (*no_whole, 0, 6),
        ("features", "hint_weight"): no_number,
        ("features", "context_weight"): no_number,
        ("norms", "shortest"): no_whole,
        ("norms", "longest"): (*no_whole, 0),
        ("norms", "common_idf"): no_number,
        ("norms", "common_share"): no_number,
    }
    for path, values in bad.items():
        for value in values:
            yield f"{'/'.join(map(str, path))} = {str(value)[:40]}", _changed(card, path, value), blob
        if path != ("longest_name",):  # without it the lists are read at once
            yield f"without {'/'.join(map(str, path))}", _changed(card, path, _ABSENT), blob
    text = json.dumps(card | {"sha256": hashlib.sha256(blob).hexdigest()})
    for name, twice in {"format": "2", "topics": "[]", "sha256": '""', "recipe": "{}"}.items():
        yield f"{name} twice", text[:-1] + f', "{name}": {twice}}}', blob
    yield "a name twice in a topic", text.replace('"id": "sea"', '"id": "sea", "id": "sea"'), blob
    yield "an infinite number nobody reads", _changed(card, ("recipe", "C"), float("inf")), blob
    for crc in ("null", '""', "5", '"00000000"', "[]"):
        made = json.dumps({key: value for key, value in card.items() if key != "crc32"})[:-1] + f', "crc32": {crc}}}'
        yield f"checksum {crc}", made.encode(), blob


def _bombs(_: Card, header: dict[str, Any], body: bytes) -> Made:
    """Make a card that would fill the memory, or the stack."""
    blob = blob_of(header, body)
    million = 1_000_000
    for name, text in {
        "empty": "",
        "blank": " " * 3 * million,
        "a list": "[]",
        "null": "null",
        "a text": '"model"',
        "an open brace": "{",
        "not JSON": "model",
        "a Python literal": "{'format': 2}",
        "deep lists": "[" * 99_000,
        "deeper lists": "[" * 3 * million,
        "deep objects": '{"a":' * 99_000,
        "many lists": "[" + "[]," * million + "[]]",
        "many objects": "[" + "{}," * million + "0]",
        "many numbers": "[" + "1e9," * 900_000 + "0]",
        "many texts": "[" + '"ab",' * 700_000 + "0]",
        "many names": "{" + ",".join(f'"{n}":0' for n in range(300_000)) + "}",
        "a long number": "9" * 3 * million,
        "a long fraction": "0." + "9" * 3 * million,
        "a long exponent": "1e" + "9" * 3 * million,
        "a long text": '"' + "a" * 3 * million + '"',
        "escapes": '"' + "\\u0000" * 600_000 + '"',
        "no number": "NaN",
        "zero bytes": "\0" * million,
        "five million bytes": '"' + "a" * 5 * million + '"',
        "a lone surrogate": '{"format": "\\ud800"}',
        "a byte order mark": "\ufeff{}",
    }.items():
        yield name, text.encode(), blob
    for encoding in ("utf-16", "utf-32", "latin-1"):
        yield encoding, '{"format": 2, "é": 1}'.encode(encoding), blob


# ----------------------------------------------------------------------------------------------------------------- files


def _files() -> Iterator[Case]:
    """Put something else in the place of a file, or of the folder."""
    for name in (ARRAYS_FILE, CARD_FILE):
        for what, put_there in _THINGS.items():
            yield Case(f"files: {name} is {what}", _with(name, put_there))
    for what, put_there in _THINGS.items():
        if what != "unreadable":
            yield Case(f"files: the folder is {what}", _instead(put_there))


def _with(name: str, put_there: Maker) -> Maker:
    def make(folder: Path) -> None:
        for file in (ARRAYS_FILE, CARD_FILE):
            shutil.copyfile(BASE / file, folder / file)
        if put_there is not _unreadable:
            (folder / name).unlink()
        put_there(folder / name)

    return make


def _instead(put_there: Maker) -> Maker:
    def make(folder: Path) -> None:
        folder.rmdir()
        put_there(folder)

    return make


def _unreadable(file: Path) -> None:
    file.chmod(0)


def _sparse(size: int, start: bytes = b"") -> Maker:
    def put_there(file: Path) -> None:
        file.write_bytes(start)
        os.truncate(file, size)

    return put_there


def _socket(file: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        here = Path.cwd()
        os.chdir(file.parent)  # the path of a socket is short
        made.bind(file.name)
        os.chdir(here)


_SPARSE_HEADER = json.dumps({"idf": {"dtype": "F64", "shape": [2**37], "data_offsets": [0, 2**40]}}).encode()
_THINGS: dict[str, Maker] = {
    "missing": lambda _: None,
    "empty": Path.touch,
    "a folder": Path.mkdir,
    "a pipe": os.mkfifo,
    "a socket": _socket,
    "a link to nowhere": lambda file: file.symlink_to("nowhere"),
    "a link to itself": lambda file: file.symlink_to(file.name),
    "a link to a folder": lambda file: file.symlink_to("/"),
    "a link to endless zeros": lambda file: file.symlink_to("/dev/zero"),
    "a link to endless noise": lambda file: file.symlink_to("/dev/urandom"),
    "a link to a full device": lambda file: file.symlink_to("/dev/full"),
    "a link to a terminal": lambda file: file.symlink_to("/dev/tty"),
    "a link to a secret": lambda file: file.symlink_to("/etc/passwd"),
    "a link to the memory": lambda file: file.symlink_to("/proc/self/mem"),
    "a link to the environment": lambda file: file.symlink_to("/proc/self/environ"),
    "a gigabyte of nothing": _sparse(1_000_000_000),
    "a terabyte of nothing": _sparse(10**12),
    **{f"{size} bytes of nothing": _sparse(size) for size in (1, 7, 8, 9, 4095, 4096, 4097)},  # about a header, and a page
    "a terabyte behind a header": _sparse(
        2**40 + 8 + len(_SPARSE_HEADER), len(_SPARSE_HEADER).to_bytes(8, "little") + _SPARSE_HEADER
    ),
    "unreadable": _unreadable,
}


# ------------------------------------------------------------------------------------------------------------------ runs


def run(case: Case, room: Path) -> Outcome:
    """Load one folder in a process of its own and tell what came of it."""
    folder = room / "model"
    folder.mkdir()
    case.make(folder)
    receiving, sending = os.pipe()
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        _load_and_tell(folder, sending, unreadable="unreadable" in case.name)
    os.close(sending)
    with os.fdopen(receiving, "rb") as pipe:
        said = pipe.read().decode()
    _, status, used = os.wait4(child, 0)
    seconds = time.monotonic() - began
    if os.WIFSIGNALED(status):
        said = f"died of {signal.Signals(os.WTERMSIG(status)).name}"
    _remove(folder)
    return Outcome(case.name, said, seconds, used.ru_maxrss * 1024)


def _load_and_tell(folder: Path, sending: int, *, unreadable: bool) -> None:
    try:
        signal.alarm(_GUARD)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if unreadable and os.getuid() == 0:
            folder.parent.chmod(0o755)
            os.setuid(_NOBODY)
        try:
            load(folder)
            said = "accepted"
        except ModelError as error:
            clear = str(folder) in str(error) and "retrain" in str(error) and len(str(error)) < 600
            said = f"{'refused' if clear else 'unclear'}: {error}"
        except BaseException as error:  # noqa: BLE001 — whatever it is, it is told
            said = f"{type(error).__name__}: {error}"
        os.write(sending, said.encode("utf-8", "replace")[:4000])
    finally:
        os._exit(0)


def _remove(folder: Path) -> None:
    if folder.is_symlink() or not stat.S_ISDIR(os.lstat(folder).st_mode if os.path.lexists(folder) else 0):
        folder.unlink(missing_ok=True)
    else:
        shutil.rmtree(folder)


def run_all(every: int = 1) -> list[Outcome]:
    """Load every so-manieth folder, and all that are something else than files, by what CLASSIFIER_KERNEL says."""
    with tempfile.TemporaryDirectory() as room:
        chosen = (case for n, case in enumerate(cases()) if n % every == 0 or case.name.startswith("files"))
        return [run(case, Path(room)) for case in chosen]


def main(every: int = 1) -> int:
    """Print what was lost, for both ways to compute; return 1 if anything was."""
    lost = 0
    for kernel in ("c", "python"):
        os.environ["CLASSIFIER_KERNEL"] = kernel
        outcomes = run_all(every)
        bad = [o for o in outcomes if o.lost]
        for one in bad:
            print(f"{kernel}: {one.name}: {one.found[:200]} ({one.seconds:.2f} s, {one.memory / 1e6:.0f} MB)")
        most, slowest = max(o.memory for o in outcomes), max(o.seconds for o in outcomes)
        print(f"{kernel}: {len(outcomes)} tried, {len(bad)} lost; at most {most / 1e6:.0f} MB and {slowest:.2f} s")
        lost += len(bad)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
