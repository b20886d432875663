"""The door to a model folder: a TopicModel goes in as plain data and comes out checked; training is unknown here.

A folder holds `model.safetensors`, the arrays, and `model.json`, what they mean. Nothing in it is ever executed: the
array file is an 8-byte length, a JSON header and raw little-endian numbers (the public safetensors layout), the rest is
JSON. The folder is checked before it is trusted, and `model.json` is written last, so that a folder with one is complete.
The arrays are mapped, not read, and hold the look-up tables of the kernel, so that loading takes as long for a large
vocabulary as for a small one. Where the kernel was not built, or CLASSIFIER_KERNEL=python is in the environment, the tables
are left alone and plain Python gives the same answers; the characters' classes are then those of the running Python's
Unicode version instead of the version that trained the model.

To raise `FORMAT`: keep reading every older number, put a folder of the old format under `tests/frozen/`, and say in
CHANGELOG.md what changed and why. Format 1 had Platt scaling only, its decisions as an array, and no norms.
"""

import hashlib
import itertools
import json
import math
import mmap
import os
import sys
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from classifier.decision import Calibration, Decision, Rule, Sigmoid, Steps
from classifier.errors import ClassifierError, ModelError
from classifier.features import POOLINGS, FeatureSettings, HintLists
from classifier.model import Kernel, Norms, Table, TopicModel
from classifier.tables import ARRAYS, table_arrays
from classifier.text import word_lists
from classifier.topics import Topic, Topics

__all__ = ["ARRAYS_FILE", "CARD_FILE", "FORMAT", "compiled", "default_folder", "kernel", "load", "save"]

FORMAT = 2
_READ = (1, FORMAT)
ARRAYS_FILE, CARD_FILE = "model.safetensors", "model.json"

_LONGEST_HEADER = 1_000_000  # bytes; a header names eight arrays, a hostile one must not fill the memory
_LONGEST_CARD = 16_000_000  # bytes; a card holds definitions and settings
_ALIGNMENT = 8  # bytes; so that every array can be read in place
_TYPES = {
    "U8": ("B", 1),
    "U16": ("H", 2),
    "U32": ("I", 4),
    "I32": ("i", 4),
    "U64": ("Q", 8),
    "F32": ("f", 4),
    "F64": ("d", 8),
}  # safetensors name → array type code, bytes an item
_ARRAYS = {"terms": "U8", "hints": "U8", "idf": "F64", "weights": "F32", "bias": "F64"} | ARRAYS
_ARRAYS_1 = {
    "terms": "U8",
    "hints": "U8",
    "idf": "F64",
    "weights": "F32",
    "bias": "F64",
    "decisions": "F64",
}  # a row of five numbers a topic
_KERNEL_ARRAYS = (
    "pages",
    "folds",
    "classes",
    "slots",
    "idf",
    "weights",
    "bias",
    "names",
    "masks",
    "hint_rows",
    "sieve",
    "name_sieve",
)
_OWN_ENTRIES = frozenset({"format", "topics", "at_least_one", "features", "norms", "sha256"})  # the rest is the card's
_LONGEST_RUN = 5  # nobody counts runs of six words, and a huge number would never end


def default_folder() -> Path:
    """Return the folder of the shipped model: inside an installed package, or `models/news` of a checkout.

    Raises `ModelError` if neither is there.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "_models" / "news", package.parent / "models" / "news"):
        if (folder / CARD_FILE).is_file():
            return folder
    raise ModelError(
        "This installation has no shipped model. Install the package again, or name a model folder"
        " (--model DIR, or classifier.load(DIR))."
    )


# ----------------------------------------------------------------------------------------------------------------- save


def save(model: TopicModel, folder: Path) -> None:
    """Write a model into a folder, replacing the one that is there only when the new one is complete.

    The same model gives the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    blob = _pack(_bytes_of(model))
    card = {
        "format": FORMAT,
        "topics": [_topic_entry(t, d) for t, d in zip(model.topics, model.rule.decisions, strict=True)],
        "at_least_one": model.rule.at_least_one,
        "features": asdict(model.settings),
        "norms": asdict(model.norms),
        **model.card,
        "sha256": hashlib.sha256(blob).hexdigest(),
    }
    _replace(folder / ARRAYS_FILE, blob)
    _replace(folder / CARD_FILE, (json.dumps(card, indent=1, ensure_ascii=False) + "\n").encode())


def compiled(model: TopicModel) -> TopicModel:
    """Return a model that was just trained with the kernel at work, as if it had been saved and loaded.

    Weights are rounded to single precision, as in a file. Where there is no kernel, they are rounded all the same.
    """
    arrays = {name: _numbers(memoryview(data), _TYPES[_ARRAYS[name]][0]) for name, data in _bytes_of(model).items()}
    table = Table(model.table.rows, model.table.idf, arrays["weights"], model.table.bias)
    made = _kernel_over(arrays, model.settings, model.hints, model.norms)
    return TopicModel(model.topics, model.hints, model.settings, table, model.rule, model.norms, model.card, made)


def _bytes_of(model: TopicModel) -> dict[str, bytes]:
    """Return all arrays of a model's file."""
    hints = "\n".join(f"{name}\t{' '.join(lists)}" for name, lists in model.hints.lists_of_name.items())
    tables = table_arrays(model.table.rows, model.hints)
    return {
        "terms": "\n".join(model.table.rows).encode(),
        "hints": hints.encode(),
        "idf": _little_endian("d", model.table.idf),
        "weights": _little_endian("f", model.table.weights),
        "bias": _little_endian("d", model.table.bias),
        **{name: _little_endian(_TYPES[ARRAYS[name]][0], numbers) for name, numbers in tables.items()},
    }


def _topic_entry(topic: Topic, decision: Decision) -> dict[str, Any]:
    entry = {"id": topic.id, "name": topic.name, "definition": topic.definition, "rules": list(topic.rules)}
    return entry | asdict(decision)


def _little_endian(code: str, numbers: Sequence[float]) -> bytes:
    packed = array(code, numbers)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def _pack(arrays: Mapping[str, bytes]) -> bytes:
    """Return the bytes of a safetensors file with these arrays, each one-dimensional."""
    header: dict[str, Any] = {}
    offset = 0
    body = b""
    for name in sorted(arrays, key=lambda name: (-_TYPES[_ARRAYS[name]][1], name)):  # widest first: all stay aligned
        data = arrays[name]
        size = _TYPES[_ARRAYS[name]][1]
        header[name] = {"dtype": _ARRAYS[name], "shape": [len(data) // size], "data_offsets": [offset, offset + len(data)]}
        offset += len(data)
        body += data
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % _ALIGNMENT)
    return len(head).to_bytes(8, "little") + head + body


def _replace(file: Path, data: bytes) -> None:
    """Write a file under another name first, so that the old one stays whole until the new one is."""
    draft = file.with_name(file.name + ".draft")
    with draft.open("wb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(file)


# ----------------------------------------------------------------------------------------------------------------- load


def load(folder: Path) -> TopicModel:
    """Return the model of a folder. Raises `ModelError` if it is missing, damaged, hostile or of another format."""
    card = _card(folder)
    try:
        expected = _ARRAYS if card["format"] == FORMAT else _ARRAYS_1
        arrays = _arrays(folder / ARRAYS_FILE, str(card["sha256"]), expected)
        return _model(card, arrays)
    except ModelError:
        raise
    except (ClassifierError, KeyError, TypeError, ValueError, IndexError, OverflowError, AttributeError) as error:
        raise _damaged(folder, f"{type(error).__name__}: {error}") from None


def _damaged(folder: Path, found: str) -> ModelError:
    return ModelError(f"{folder} is no sound model: {found}. Copy the folder again from where it was made, or retrain it.")


def _card(folder: Path) -> dict[str, Any]:
    """Return the card of a model folder after a look at its size, its form and its format number."""
    file = folder / CARD_FILE
    try:
        if file.stat().st_size > _LONGEST_CARD:
            raise _damaged(folder, f"{CARD_FILE} is larger than {_LONGEST_CARD} bytes")
        card = json.loads(file.read_bytes(), parse_constant=_no_number)
    except FileNotFoundError:
        raise ModelError(
            f"{folder} holds no model: there is no {CARD_FILE} in it. Name a folder that `classifier retrain` made."
        ) from None
    except OSError as error:
        raise ModelError(
            f"{file} cannot be read ({error.strerror}). Name a folder that `classifier retrain` made."
        ) from None
    except (ValueError, RecursionError):
        raise _damaged(folder, f"{CARD_FILE} is not JSON") from None
    if not isinstance(card, dict) or card.get("format") not in _READ:
        found = card.get("format") if isinstance(card, dict) else None
        raise ModelError(
            f"{folder} has model format {found!r}; this version reads {' and '.join(map(str, _READ))}."
            " Use the version that made it, or retrain it."
        )
    return card


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _arrays(file: Path, digest: str, expected_types: Mapping[str, str]) -> dict[str, memoryview]:
    """Map an array file into memory and return its arrays; every length and place is checked against the file."""
    folder = file.parent
    try:
        with file.open("rb") as handle:
            data = memoryview(mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ))
    except FileNotFoundError:
        raise _damaged(folder, f"there is no {ARRAYS_FILE}") from None
    except (OSError, ValueError):
        raise _damaged(folder, f"{ARRAYS_FILE} is empty or cannot be read") from None
    if hashlib.sha256(data).hexdigest() != digest:
        raise _damaged(folder, f"{ARRAYS_FILE} is not the one its card was written for")
    length = int.from_bytes(data[:8], "little")
    if length > min(_LONGEST_HEADER, len(data) - 8):
        raise _damaged(folder, f"the header of {ARRAYS_FILE} claims {length} bytes")
    header = json.loads(bytes(data[8 : 8 + length]))
    if {name: entry["dtype"] for name, entry in header.items()} != expected_types:
        raise _damaged(folder, f"{ARRAYS_FILE} has other arrays than {', '.join(expected_types)}")
    body = data[8 + length :]
    arrays, expected = {}, 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        code, size = _TYPES[entry["dtype"]]
        start, end = entry["data_offsets"]
        if (
            start != expected
            or not start <= end <= len(body)
            or entry["shape"] != [(end - start) // size]
            or (end - start) % size
        ):
            raise _damaged(folder, f"array {name} has no proper place")
        expected = end
        arrays[name] = _numbers(body[start:end], code)
    if expected != len(body):
        raise _damaged(folder, f"{len(body) - expected} bytes of {ARRAYS_FILE} belong to nothing")
    return arrays


def _numbers(data: memoryview, code: str) -> memoryview:
    """Read bytes as numbers, in place where the machine is little-endian."""
    if sys.byteorder == "big" and code != "B":
        swapped = array(code, bytes(data))
        swapped.byteswap()
        numbers = memoryview(swapped)
    else:
        numbers = data.cast(code)  # type: ignore[call-overload]  # a code of _TYPES
    return numbers


def _demand_finite(arrays: Mapping[str, memoryview]) -> None:
    """Raise `ValueError` for a number that is none; the kernel looks for itself, and faster."""
    for name in ("idf", "weights", "bias", "decisions"):
        if name in arrays and not math.isfinite(sum(arrays[name])):  # a sum is finite only if all of its numbers are
            raise ValueError("a number is not finite")
    if min(arrays["idf"], default=1.0) <= 0:
        raise ValueError("an idf that is none")


def _model(card: Mapping[str, Any], arrays: Mapping[str, memoryview]) -> TopicModel:
    """Put a model together; whatever does not fit raises one of the errors that `load` explains."""
    topics = Topics(
        Topic(str(entry["id"]), str(entry["name"]), str(entry["definition"]), rules=tuple(map(str, entry["rules"])))
        for entry in card["topics"]
    )
    settings = _settings(card["features"])
    rows = _Terms(arrays["terms"])
    width = len(topics)
    if len(arrays["idf"]) != len(rows) or len(arrays["weights"]) != len(rows) * width:
        raise ValueError("terms, idf and weights are not of one length")
    if len(arrays["bias"]) != width:
        raise ValueError("bias is not one a topic")
    hints = {}
    for line in filter(None, bytes(arrays["hints"]).decode().split("\n")):
        name, lists = line.split("\t")
        hints[name] = lists.split(" ")
    names, norms = HintLists(hints), _norms(card)
    table = Table(rows, arrays["idf"], arrays["weights"], list(arrays["bias"]))
    rest = {key: value for key, value in card.items() if key not in _OWN_ENTRIES}
    made = _kernel_over(arrays, settings, names, norms)
    if made is None:
        rows.check()
        _demand_finite(arrays)
    return TopicModel(topics, names, settings, table, _rule(card, arrays), norms, rest, made)


class _Terms(Mapping[str, int]):
    """The rows of the terms, read from their text when they are first asked for; the kernel does without."""

    __slots__ = ("_rows", "_text")

    def __init__(self, text: memoryview) -> None:
        self._text = text
        self._rows: dict[str, int] | None = None

    def check(self) -> dict[str, int]:
        """Read the terms; two that are alike raise `ModelError`."""
        if self._rows is None:
            names = bytes(self._text).decode(errors="replace").split("\n")
            self._rows = {term: row for row, term in enumerate(names)}
            if len(self._rows) != len(names):
                raise ModelError("The model's file names a term twice. Copy the folder again from where it was made.")
        return self._rows

    def __getitem__(self, term: str) -> int:
        return self.check()[term]

    def __iter__(self) -> Iterator[str]:
        return iter(self.check())

    def __len__(self) -> int:
        return bytes(self._text).count(b"\n") + 1 if self._rows is None else len(self._rows)


def kernel() -> str:
    """Return what computes answers here: "C", or "Python" where the kernel was not built or is not wanted."""
    return "Python" if _kernel_class() is None else "C"


def _kernel_class() -> Any:  # noqa: ANN401 — a class of C, or None
    if os.environ.get("CLASSIFIER_KERNEL") == "python":
        return None
    try:
        from classifier._kernel import Kernel as Compiled  # it may not have been built
    except ImportError:
        return None
    return Compiled


def _kernel_over(
    arrays: Mapping[str, memoryview], settings: FeatureSettings, hints: HintLists, norms: Norms
) -> Kernel | None:
    """Return the kernel over a model's arrays, which it checks; None if there is none or the file has no tables for it."""
    made = _kernel_class()
    if made is None or "slots" not in arrays:
        return None
    found: Kernel = made(
        tuple(arrays[name].cast("B") for name in _KERNEL_ARRAYS),
        len(arrays["bias"]),
        len({one for found in hints.lists_of_name.values() for one in found}),
        settings.longest,
        hints.longest,
        settings.pooling == "sentence",
        norms.common_idf,
        tuple(("\n" + "\n".join(sorted(words)) + "\n").encode() for words in word_lists()),
    )
    return found


def _settings(features: Mapping[str, Any]) -> FeatureSettings:
    settings = FeatureSettings(
        str(features.get("pooling", "sentence")),  # format 1 knew no other
        int(features["longest"]),
        _finite(features["hint_weight"]),
        _finite(features["context_weight"]),
    )
    if settings.pooling not in POOLINGS or not 1 <= settings.longest <= _LONGEST_RUN:
        raise ValueError(f"pooling {settings.pooling!r}, word runs of {settings.longest} tokens")
    return settings


def _rule(card: Mapping[str, Any], arrays: Mapping[str, memoryview]) -> Rule:
    """Return how scores become answers; in format 1 it stands in an array: threshold, lower, upper, slope, intercept."""
    if card["format"] == FORMAT:
        return Rule(tuple(_decision(entry) for entry in card["topics"]), at_least_one=bool(card["at_least_one"]))
    rows = zip(*[iter(arrays["decisions"])] * 5, strict=True)
    decisions = tuple(Decision(t, lower, upper, Sigmoid(slope, slope, at)) for t, lower, upper, slope, at in rows)
    if len(decisions) != len(card["topics"]):
        raise ValueError("decisions are not one a topic")
    return Rule(decisions)


def _decision(entry: Mapping[str, Any]) -> Decision:
    lower, upper = (None if entry[name] is None else _finite(entry[name]) for name in ("lower", "upper"))
    curve = entry["calibration"]
    calibration: Calibration
    if "scores" in curve:
        calibration = Steps(tuple(map(_finite, curve["scores"])), tuple(map(_finite, curve["probabilities"])))
        if (
            not 1 <= len(calibration.scores) == len(calibration.probabilities)
            or any(b <= a for a, b in itertools.pairwise(calibration.scores))
            or any(not 0 <= p <= 1 for p in calibration.probabilities)
        ):
            raise ValueError("a calibration that is no rising curve")
    else:
        calibration = Sigmoid(_finite(curve["below"]), _finite(curve["above"]), _finite(curve["intercept"]))
    return Decision(_finite(entry["threshold"]), lower, upper, calibration)


def _norms(card: Mapping[str, Any]) -> Norms:
    if card["format"] != FORMAT:
        return Norms()
    norms = card["norms"]
    return Norms(int(norms["shortest"]), int(norms["longest"]), _finite(norms["common_idf"]), _finite(norms["common_share"]))


def _finite(number: object) -> float:
    """Return a number of the card as a float; anything that is none raises `ValueError`."""
    if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
        raise ValueError(f"{number!r} is no number")
    return float(number)
