"""One line of JSON comes in, a value goes out, and back: the same with orjson as without it; what values mean is unknown.

orjson is several times as fast and is used where it is installed, for records of words, whole numbers, yes, no and null.
All others go through the standard library, since the two differ there: orjson rounds whole numbers of more than 64 bits,
refuses lone surrogates and writes small fractions otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

TYPE_CHECKING = False  # what `typing` says at run time; see `frozen`
if TYPE_CHECKING:
    from typing import Any

__all__ = ["dumps", "loads", "plain"]

_PLAIN = frozenset({str, int, bool, type(None)})
_fast: Any = None  # orjson, False where it is missing, None before the first look: importing it takes 15 ms


def loads(line: bytes) -> Any:  # noqa: ANN401 — JSON is anything
    """Return the value of one line. Raises `ValueError`, or `RecursionError` for a line that is nested too deeply.

    NaN and numbers beyond the range of floats are errors: they are not JSON, and would not be in the answers. Of a key that
    stands twice the last one counts.
    """
    fast = _orjson()
    if fast:
        try:
            value = fast.loads(line)
        except ValueError:
            pass  # the standard library says what is wrong with it, or that nothing is
        else:
            if type(value) is dict and plain(value.values()):
                return value
    return json.loads(line, parse_constant=_refuse, parse_float=_finite)


def dumps(record: Mapping[str, Any], *, fast: bool = False) -> bytes:
    """Return a record as one line of JSON in UTF-8, with its line end; a lone surrogate is escaped, all else is as it reads.

    `fast` says that what travels along in the record is `plain`, so that orjson may write it.
    """
    orjson = fast and _orjson()
    if orjson:
        try:
            return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)  # type: ignore[no-any-return]
        except TypeError:
            pass  # a lone surrogate
    line = json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    try:
        return line.encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(record, allow_nan=False, separators=(",", ":")).encode() + b"\n"


def plain(values: Iterable[Any]) -> bool:
    """Tell whether orjson and the standard library write these values alike."""
    return _PLAIN.issuperset(map(type, values))


def _orjson() -> Any:  # noqa: ANN401 — a module, or False
    global _fast  # noqa: PLW0603 — looked for once
    if _fast is None:
        _fast = _import_orjson()
    return _fast


def _import_orjson() -> Any:  # noqa: ANN401 — a module, or False
    """Import orjson with Ctrl-C and SIGTERM held back: one that comes while it starts makes it end by SIGSEGV."""
    import signal

    held = {signal.SIGINT, signal.SIGTERM}
    masked = signal.pthread_sigmask(signal.SIG_BLOCK, held) if hasattr(signal, "pthread_sigmask") else None
    try:
        import orjson  # optional: the extra `fast`
    except ModuleNotFoundError:
        return False
    finally:
        if masked is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, masked)
    return orjson


def _refuse(word: str) -> float:
    raise ValueError(f"{word} is no JSON; a missing number is null")


def _finite(word: str) -> float:
    number = float(word)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{word[:20]} is beyond the range of numbers")
    return number
