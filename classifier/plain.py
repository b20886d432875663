"""Files of plain data come in, checked JSON and arrays go out, and arrays come in as bytes; what they mean is unknown here.

An array file is an 8-byte length, a JSON header and raw little-endian numbers: the public safetensors layout. Whoever wrote
a file may have meant harm, so sizes are looked at before anything is read, and what was checked is what is used: an array
file is mapped, never read again by name.
"""

from __future__ import annotations

import math
import mmap
import os
import stat
import sys
import zlib
from array import array
from collections.abc import Mapping, Sequence

TYPE_CHECKING = False  # what `typing` says at run time; see `frozen`
if TYPE_CHECKING:
    from typing import Any, BinaryIO

__all__ = ["Arrays", "as_numbers", "checksum", "pack", "read_arrays", "read_json", "to_bytes"]

_LONGEST_JSON = 4_000_000  # bytes; a thousand topics with their definitions and curves
_LONGEST_HEADER = 100_000  # bytes; a header names a dozen arrays
_MOST_VALUES = 200_000  # of a JSON text; each takes some 100 bytes of memory
_WHITE = " \t\n\r"  # what JSON takes for white space
_SHOWN = 60  # characters of a bad value shown in a message
_LARGEST = 1 << 30  # bytes of an array file; five million terms for twenty topics
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

Arrays = dict[str, memoryview]


def _open(file: str) -> BinaryIO:
    """Open a file for reading; anything but a regular file raises `ValueError`. Symbolic links are followed.

    It is opened without waiting, since a pipe that nobody writes to would never open.
    """
    descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ValueError(f"{os.path.basename(file)} is no regular file")
    return os.fdopen(descriptor, "rb")


# ----------------------------------------------------------------------------------------------------------------- JSON


def read_json(file: str) -> tuple[object, bytes]:
    """Return what stands in a JSON file, and its bytes. Raises `ValueError` if it is none or too large, and `OSError`."""
    with _open(file) as handle:
        data = handle.read(_LONGEST_JSON + 1)
    if len(data) > _LONGEST_JSON:
        raise ValueError(f"{os.path.basename(file)} is larger than {_LONGEST_JSON} bytes")
    return _json(data, os.path.basename(file)), data


def _json(data: bytes, name: str) -> object:
    """Parse JSON strictly: UTF-8, no name twice in an object, finite numbers, no more values than anyone means."""
    if sum(map(data.count, (b"[", b"{", b","))) > _MOST_VALUES:
        raise ValueError(f"{name} has more than {_MOST_VALUES} values")
    try:
        return _parse(data.decode())
    except RecursionError:
        raise ValueError(f"{name} is nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"{name} is not sound JSON ({error})") from None


class _Strict:
    """What the standard library's scanner of JSON is told: to be strict, and what to do with objects and numbers."""

    strict = True
    object_hook = None
    memo: dict[str, str] = {}  # noqa: RUF012 — the scanner's own, of names that come again

    @staticmethod
    def object_pairs_hook(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a name stands twice in one object")
        return found

    @staticmethod
    def parse_float(text: str) -> float:
        number = float(text)
        if not math.isfinite(number):
            raise ValueError(f"{text[:_SHOWN]} is no number")
        return number

    parse_constant = parse_float
    parse_int = int


def _parse(text: str) -> object:
    """Return the value of a JSON text, by `json.loads` or by the scanner that does its work.

    The scanner is asked directly where it is there, because `json` imports `re`, and `re` takes as long as all the rest that
    answering an article takes. Without it `json` does the same.
    """
    try:
        from _json import make_scanner
    except ImportError:
        import json

        hooks = {key: getattr(_Strict, key) for key in ("object_pairs_hook", "parse_float", "parse_constant")}
        found: object = json.loads(text, **hooks)
        return found
    start = len(text) - len(text.lstrip(_WHITE))
    try:
        found, end = make_scanner(_Strict)(text, start)  # type: ignore[arg-type]  # its stub has no protocol
    except StopIteration as stop:
        raise ValueError(f"no value at character {stop.value}") from None
    if text[end:].strip(_WHITE):
        raise ValueError(f"more than one value: character {end}")
    return found


# --------------------------------------------------------------------------------------------------------------- arrays


def pack(arrays: Mapping[str, bytes], types: Mapping[str, str]) -> bytes:
    """Return the bytes of an array file; `types` gives each array's safetensors type, and each has one dimension."""
    header: dict[str, Any] = {}
    offset = 0
    body = []
    for name in sorted(arrays, key=lambda name: (-_TYPES[types[name]][1], name)):  # widest first: all stay aligned
        end = offset + len(arrays[name])
        shape = [len(arrays[name]) // _TYPES[types[name]][1]]
        header[name] = {"dtype": types[name], "shape": shape, "data_offsets": [offset, end]}
        body.append(arrays[name])
        offset = end
    import json  # for writing only

    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % _ALIGNMENT)
    return b"".join([len(head).to_bytes(8, "little"), head, *body])


def read_arrays(file: str, types: Mapping[str, str]) -> tuple[Arrays, tuple[memoryview]]:
    """Return the arrays of a file, mapped, and all its bytes.

    The arrays must be those of `types`, lie side by side and fill the file. Raises `ValueError` where they do not, and
    `OSError`.
    """
    name = os.path.basename(file)
    with _open(file) as handle:
        size = os.fstat(handle.fileno()).st_size
        if not _ALIGNMENT <= size <= _LARGEST:
            raise ValueError(f"{name} has {size} bytes; it should have more than {_ALIGNMENT} and at most {_LARGEST}")
        data = memoryview(mmap.mmap(handle.fileno(), size, access=mmap.ACCESS_READ))
    length = int.from_bytes(data[:8], "little")
    if length > min(_LONGEST_HEADER, size - 8):
        raise ValueError(f"{name} has {size} bytes, and its header claims {length}")
    if length % _ALIGNMENT:
        raise ValueError(f"the header of {name} has {length} bytes; it should have a multiple of {_ALIGNMENT}")
    body = data[8 + length :]
    places = _places(_json(bytes(data[8 : 8 + length]), f"the header of {name}"), types, len(body))
    return {key: as_numbers(body[a:b], types[key]) for key, (a, b) in places.items()}, (data,)


def _places(header: object, types: Mapping[str, str], size: int) -> dict[str, tuple[int, int]]:
    """Return where each array begins and ends in a body of this size; all are checked."""
    if not isinstance(header, dict) or header.keys() != types.keys():
        raise ValueError(f"the array file has other arrays than {', '.join(types)}")
    places = {}
    for name, entry in header.items():
        width = _TYPES[types[name]][1]
        if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
            raise ValueError(f"array {name} is not described by dtype, shape and data_offsets")
        shape, offsets = entry["shape"], entry["data_offsets"]
        whole = [type(n) is int and n >= 0 for n in (*_list(shape), *_list(offsets))]
        if entry["dtype"] != types[name] or whole != [True] * 3 or len(shape) != 1:
            raise ValueError(f"array {name} is not one row of {types[name]}")
        if offsets[1] - offsets[0] != shape[0] * width or offsets[0] % width:
            raise ValueError(f"array {name} has no proper place")
        places[name] = (offsets[0], offsets[1])
    expected = 0
    for name, (start, end) in sorted(places.items(), key=lambda item: item[1]):
        if start != expected or end > size:
            raise ValueError(f"array {name} has no proper place")
        expected = end
    if expected != size:
        raise ValueError(f"{size - expected} bytes of the array file belong to nothing")
    return places


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def checksum(pieces: Sequence[bytes | memoryview]) -> str:
    """Return the CRC-32 of bytes in pieces, as eight hexadecimal digits."""
    found = 0
    for piece in pieces:
        found = zlib.crc32(piece, found)
    return f"{found:08x}"


def to_bytes(kind: str, numbers: Sequence[float]) -> bytes:
    """Return numbers as little-endian bytes of a safetensors type."""
    packed = array(_TYPES[kind][0], numbers)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def as_numbers(data: memoryview, kind: str) -> memoryview:
    """Read little-endian bytes as numbers of a safetensors type, in place where the machine is little-endian too."""
    code = _TYPES[kind][0]
    if sys.byteorder == "big" and code != "B":
        swapped = array(code, bytes(data))
        swapped.byteswap()
        return memoryview(swapped)
    numbers: memoryview = data.cast(code)  # type: ignore[call-overload]  # a code of _TYPES
    return numbers
