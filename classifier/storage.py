"""The door to a model folder: plain data comes out as a TopicModel, checked; how it got there is unknown here.

A folder holds `model.safetensors`, the arrays, and `model.json`, the card, which says what they mean; nothing in them is
ever executed, and no name in them leads to another file. The folder is checked before it is trusted: a CRC-32 of both files
finds what chance did to them, and every size, place and number is looked at, so that a file whose writer meant harm cannot
make a look-up leave its array, an answer that is no number, or an endless loop. The SHA-256 in the card is for people, who
want to know which weights these are; a card without a CRC-32 is held to it.

The arrays are mapped, not read, and hold the look-up tables of the kernel, so loading does little more than look at them,
and processes share them. A file that is cut short while a model from it is in use ends the process, as with any mapped file,
and one that is written over in place may lead a look-up astray, for it was checked before; `saving` does neither, it writes
a new one. Where the kernel was not built, or CLASSIFIER_KERNEL=python is in the
environment, the tables are checked and left alone, and plain Python gives the same answers; the characters' classes are then
those of the running Python's Unicode version instead of the version that trained the model.

To raise `FORMAT`: keep reading every older number, put a folder of the old format under `tests/frozen/`, and say in
CHANGELOG.md what changed and why. Format 1 had Platt scaling only, its decisions as an array, and no norms.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from classifier.decision import Calibration, Decision, Rule, Sigmoid, Steps
from classifier.errors import ClassifierError, ModelError
from classifier.features import LONGEST_RUN, POOLINGS, FeatureSettings, HintLists
from classifier.furniture import first_look
from classifier.model import Kernel, Norms, Table, TopicModel
from classifier.native import native
from classifier.plain import Arrays, checksum, read_arrays, read_json
from classifier.tables import ARRAYS as TABLES
from classifier.tables import demand_sound, list_count
from classifier.text import word_texts
from classifier.topics import Topic, Topics

TYPE_CHECKING = False  # what `typing` says at run time; see `frozen`
if TYPE_CHECKING:
    from os import PathLike
    from typing import Any

__all__ = [
    "ARRAYS",
    "ARRAYS_FILE",
    "CARD_FILE",
    "DRAFT",
    "FORMAT",
    "SEAL",
    "default_folder",
    "kernel",
    "kernel_over",
    "load",
    "load_card",
]

FORMAT = 2
_READ = (1, FORMAT)
ARRAYS_FILE, CARD_FILE = "model.safetensors", "model.json"
DRAFT = ".draft"  # behind the name of a file that is not complete

ARRAYS = {"terms": "U8", "hints": "U8", "idf": "F64", "weights": "F32", "bias": "F64"} | TABLES
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
    "terms",
)
_OWN_ENTRIES = frozenset(
    {"format", "topics", "at_least_one", "features", "norms", "longest_name", "crc32", "sha256"}
)  # the rest is the card's
SEAL = b'"crc32"'  # the last entry of a card: of the arrays' bytes and the card's text before it
_DIGITS = 64  # of a SHA-256 in hexadecimal
_LONGEST_NAME = 64  # tokens in a name of a hint list, likewise
# A weight or coefficient of any use lies far inside these bounds; within them no sum or product can overflow or vanish.
_LEAST, _MOST = 1e-6, 1e6
_MOST_WORDS = sys.maxsize  # words in an article
_SHOWN = 60  # characters of a bad value shown in a message


def default_folder() -> str:
    """Return the folder of the shipped model: inside an installed package, or `models/news` of a checkout.

    Raises `ModelError` if neither is there.
    """
    package = os.path.dirname(os.path.abspath(__file__))
    for folder in (f"{package}/_models/news", f"{os.path.dirname(package)}/models/news"):
        if os.path.isfile(f"{folder}/{CARD_FILE}"):
            return folder
    raise ModelError(
        "This installation has no shipped model. Install the package again, or name a model folder"
        " (--model DIR, or classifier.load(DIR))."
    )


# ----------------------------------------------------------------------------------------------------------------- load


def load(folder: str | PathLike[str]) -> TopicModel:
    """Return the model of a folder. Raises `ModelError` if it is missing, damaged, hostile or of another format.

    While a model is being saved the new card may still have its draft name when the new arrays have theirs; whoever loads
    at any moment, even after a save was killed, gets the old model or the new one.
    """
    place = os.fspath(folder)
    try:
        return load_card(place, CARD_FILE)
    except ModelError as error:
        for card in (CARD_FILE + DRAFT, CARD_FILE):  # a save may have been cut short between its files, or be at it
            try:
                return load_card(place, card)
            except ModelError:
                continue
        raise error from None


def load_card(folder: str, card_file: str) -> TopicModel:
    """Return the model of a folder by the card of this name. Raises `ModelError` as `load` does."""
    card, text = _card(folder, card_file)
    try:
        arrays, pieces = read_arrays(os.path.join(folder, ARRAYS_FILE), ARRAYS if card["format"] == FORMAT else _ARRAYS_1)
        _demand_vouched(card, text, pieces)
        return _model(card, arrays)
    except FileNotFoundError:
        raise _damaged(folder, f"there is no {ARRAYS_FILE}") from None
    except OSError as error:
        raise _damaged(folder, f"{ARRAYS_FILE} cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise _damaged(folder, str(error)) from None
    except MemoryError:
        raise _damaged(folder, f"{ARRAYS_FILE} does not fit into the memory") from None
    except (ClassifierError, KeyError, TypeError, IndexError, OverflowError, AttributeError) as error:
        raise _damaged(folder, f"{type(error).__name__}: {error}") from None


def _demand_vouched(card: Mapping[str, Any], text: bytes, pieces: Sequence[bytes | memoryview]) -> None:
    """Raise `ValueError` if the arrays of these bytes, or the text of the card, are not as they were written together."""
    if len(_text(card["sha256"])) != _DIGITS or set(card["sha256"]) - set("0123456789abcdef"):
        raise ValueError("sha256 is no digest")
    if "crc32" in card:
        sound = checksum([*pieces, text[: text.rindex(SEAL)]]) == card["crc32"]
    else:
        import hashlib  # slow to import, and a new card needs none

        sound = hashlib.sha256(b"".join(pieces)).hexdigest() == card["sha256"]
    if not sound:
        raise ValueError(f"{ARRAYS_FILE} is not the one its card was written for, or one of them was changed")


def _damaged(folder: str, found: str) -> ModelError:
    return ModelError(f"{folder} is no sound model: {found}. Copy the folder again from where it was made, or retrain it.")


def _card(folder: str, name: str) -> tuple[dict[str, Any], bytes]:
    """Return the card of a model folder, after a look at its size, its form and its format number, and its text."""
    file = os.path.join(folder, name)
    try:
        card, text = read_json(file)
    except FileNotFoundError:
        raise ModelError(
            f"{folder} holds no model: there is no {CARD_FILE} in it. Name a folder that `classifier retrain` made."
        ) from None
    except OSError as error:
        raise ModelError(
            f"{file} cannot be read ({error.strerror}). Name a folder that `classifier retrain` made."
        ) from None
    except ValueError as error:
        raise _damaged(folder, str(error)) from None
    found = card.get("format") if isinstance(card, dict) else None
    if not isinstance(card, dict) or type(found) is not int or found not in _READ:
        raise ModelError(
            f"{folder} has model format {str(found)[:_SHOWN]}; this version reads {' and '.join(map(str, _READ))}."
            " Use the version that made it, or retrain it."
        )
    return card, text


def _demand_bounds(arrays: Mapping[str, memoryview]) -> None:
    """Raise `ValueError` for a number beyond all sense; the kernel looks for itself, and faster."""
    for name in ("idf", "weights", "bias"):
        numbers = arrays[name]
        if not math.isfinite(sum(numbers)):  # a sum is finite only if all of its numbers are
            raise ValueError("a number is not finite")
        if not -_MOST <= min(numbers, default=0.0) <= max(numbers, default=0.0) <= _MOST:
            raise ValueError("a number is out of bounds")
    if min(arrays["idf"], default=1.0) < _LEAST:
        raise ValueError("an idf that is none")


def _model(card: Mapping[str, Any], arrays: Arrays) -> TopicModel:
    """Put a model together; whatever does not fit raises one of the errors that `_read` explains."""
    topics = Topics(_topic(entry) for entry in _list(card["topics"]))
    features = card["features"] if card["format"] == FORMAT else {**card["features"], "pooling": "sentence"}
    settings, norms, rule = _settings(features), _norms(card), _rule(card, arrays)
    width, terms = len(topics), len(arrays["idf"])
    if len(arrays["weights"]) != terms * width or len(arrays["bias"]) != width:
        raise ValueError("idf, weights and bias do not fit each other and the topics")
    rows = _Terms(arrays["terms"], terms)
    hints = _hint_lists(card, arrays)
    table = Table(rows, arrays["idf"], arrays["weights"], list(arrays["bias"]))
    rest = {key: value for key, value in card.items() if key not in _OWN_ENTRIES}
    made = kernel_over(arrays, settings, hints, norms)
    if made is None:
        _demand_bounds(arrays)
        rows.check()
        if card["format"] == FORMAT:
            demand_sound(arrays)
    return TopicModel(topics, hints, settings, table, rule, norms, rest, made)


class _Terms(Mapping[str, int]):
    """The rows of the terms, read from their text when they are first asked for; the kernel does without."""

    __slots__ = ("_count", "_rows", "_text")

    def __init__(self, text: memoryview, count: int) -> None:
        self._text = text
        self._count = count
        self._rows: dict[str, int] | None = None

    def check(self) -> dict[str, int]:
        """Read the terms; two that are alike raise `ModelError`."""
        if self._rows is None:
            rows = {term: row for row, term in enumerate(bytes(self._text).decode().split("\n"))}  # its checker saw UTF-8
            if len(rows) != self._count:
                raise ModelError("The model's terms are not one a row, each its own. Copy the folder again.")
            self._rows = rows
        return self._rows

    def __getitem__(self, term: str) -> int:
        return self.check()[term]

    def __iter__(self) -> Iterator[str]:
        return iter(self.check())

    def __len__(self) -> int:
        return self._count


class _Hints(HintLists):
    """Hint lists read from their text when they are first asked for; the kernel needs to know the longest name only."""

    __slots__ = ("_text",)

    def __init__(self, text: str, longest: int) -> None:
        super().__init__({})
        self._text: str | None = text
        self._longest = longest

    @property
    def lists_of_name(self) -> Mapping[str, tuple[str, ...]]:
        """Every name with the lists it stands in."""
        text = self._text
        if text is not None:
            try:
                read = _hints(text)
            except ValueError as error:
                raise ModelError(f"The model's name lists are damaged: {error}. Copy the folder again.") from None
            if read.longest != self._longest:
                raise ModelError("The longest name of the model's lists is not as long as it says. Copy the folder again.")
            self._lists, self._text = dict(read.lists_of_name), None
        return self._lists


def _hint_lists(card: Mapping[str, Any], arrays: Arrays) -> HintLists:
    text = bytes(arrays["hints"]).decode()
    if "masks" in arrays:
        words = (list_count(arrays["hint_rows"]) + 63) // 64
        lines = bool(text) + text.count("\n")
        masks = arrays["masks"].tolist()  # a mask a name, and one without any list for each beginning of names
        if words > 1:
            masks = list(map(any, zip(*[iter(masks)] * words, strict=True)))
        if lines != len(masks) - masks.count(0) or (masks and not words):
            raise ValueError("hints, masks and hint_rows do not fit each other")
    if "longest_name" in card:
        return _Hints(text, _whole(card["longest_name"], 0, _LONGEST_NAME))
    return _hints(text)


def _hints(text: str) -> HintLists:
    """Read hint lists from lines of a name and, after a tab, its lists."""
    lists_of_name = {}
    for line in filter(None, text.split("\n")):
        name, lists = line.split("\t")
        if name in lists_of_name:
            raise ValueError(f"{name!r} stands twice in the name lists")
        lists_of_name[name] = lists.split(" ")
    return HintLists(lists_of_name)


def kernel() -> str:
    """Return what computes answers here: "C", or "Python" where the kernel was not built or is not wanted."""
    return "Python" if native("Kernel") is None else "C"


def kernel_over(
    arrays: Mapping[str, memoryview], settings: FeatureSettings, hints: HintLists, norms: Norms
) -> Kernel | None:
    """Return the kernel over a model's arrays, which it checks; None if there is none or the file has no tables for it."""
    made = native("Kernel")
    if made is None or "slots" not in arrays:
        return None
    found: Kernel = made(
        tuple(arrays[name].cast("B") for name in _KERNEL_ARRAYS),
        len(arrays["bias"]),
        list_count(arrays["hint_rows"]),
        settings.longest,
        hints.longest,
        settings.pooling == "sentence",
        norms.common_idf,
        word_texts(),
        first_look(),
    )
    return found


# ----------------------------------------------------------------------------------------------------------------- card


def _topic(entry: Mapping[str, Any]) -> Topic:
    identifier, name, definition = (_text(entry[field]) for field in ("id", "name", "definition"))
    return Topic(identifier, name, definition, rules=tuple(map(_text, _list(entry["rules"]))))


def _settings(features: Mapping[str, Any]) -> FeatureSettings:
    settings = FeatureSettings(
        features["pooling"],
        _whole(features["longest"], 1, LONGEST_RUN),
        _finite(features["hint_weight"]),
        _finite(features["context_weight"]),
    )
    if settings.pooling not in POOLINGS:
        raise ValueError(f"there is no pooling {str(settings.pooling)[:_SHOWN]!r}")
    return settings


def _rule(card: Mapping[str, Any], arrays: Mapping[str, memoryview]) -> Rule:
    """Return how scores become answers; in format 1 it stands in an array: threshold, lower, upper, slope, intercept."""
    if card["format"] == FORMAT:
        if not isinstance(card["at_least_one"], bool):
            raise ValueError("at_least_one is neither true nor false")
        return Rule(tuple(_decision(entry) for entry in card["topics"]), at_least_one=card["at_least_one"])
    rows = zip(*[map(_finite, arrays["decisions"])] * 5, strict=True)
    decisions = tuple(Decision(t, lower, upper, Sigmoid(slope, slope, at)) for t, lower, upper, slope, at in rows)
    if len(decisions) != len(card["topics"]):
        raise ValueError("decisions are not one a topic")
    return Rule(decisions)


def _decision(entry: Mapping[str, Any]) -> Decision:
    lower, upper = (None if entry[name] is None else _finite(entry[name]) for name in ("lower", "upper"))
    curve = entry["calibration"]
    calibration: Calibration
    if "scores" in curve:
        calibration = Steps(tuple(map(_finite, _list(curve["scores"]))), tuple(map(_finite, _list(curve["probabilities"]))))
        if (
            not 1 <= len(calibration.scores) == len(calibration.probabilities)
            or any(b <= a for a, b in pairwise(calibration.scores))
            or any(b < a for a, b in pairwise((0.0, *calibration.probabilities, 1.0)))
        ):
            raise ValueError("a calibration that is no rising curve")
    else:
        calibration = Sigmoid(_finite(curve["below"]), _finite(curve["above"]), _finite(curve["intercept"]))
    return Decision(_finite(entry["threshold"]), lower, upper, calibration)


def _norms(card: Mapping[str, Any]) -> Norms:
    if card["format"] != FORMAT:
        return Norms()
    norms = card["norms"]
    shortest = _whole(norms["shortest"], 0, _MOST_WORDS)
    longest = _whole(norms["longest"], shortest, _MOST_WORDS)
    return Norms(shortest, longest, _finite(norms["common_idf"]), _finite(norms["common_share"]))


def _finite(number: object) -> float:
    """Return a number of the card as a float; anything that is none, or beyond all sense, raises `ValueError`."""
    if isinstance(number, bool) or not isinstance(number, int | float) or not -_MOST <= number <= _MOST:
        raise ValueError(f"{str(number)[:_SHOWN]} is no number, or out of bounds")
    return float(number)


def _whole(number: object, least: int, most: int) -> int:
    """Return a whole number of the card within bounds; anything else raises `ValueError`."""
    if type(number) is not int or not least <= number <= most:
        raise ValueError(f"{str(number)[:_SHOWN]} is no whole number from {least} to {most}")
    return number


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{str(value)[:_SHOWN]} is no text")  # noqa: TRY004 — of a file, not of a caller
    return value


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{str(value)[:_SHOWN]} is no list")  # noqa: TRY004 — of a file, not of a caller
    return value
