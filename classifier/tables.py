"""Terms and names come in, arrays for the kernel go out: look-up tables; files and topics are unknown here.

The kernel (`_kernel.c`) finds a term by its key, a 64-bit hash. A slot of a hash table holds the upper half of a key and the
number of the term + 1; the lower half says where to look first, then slot after slot until one is empty. With n terms a run
of tokens that is no term is taken for one with probability below n / 2^49.
"""

import functools
import math
import sys
from array import array
from collections.abc import Mapping, Sequence

from classifier.features import HintLists, hint_kinds

__all__ = ["ARRAYS", "demand_sound", "hash_table", "key", "list_count", "sieve", "table_arrays"]

# The arrays in the order of the kernel's first argument that are made here, and their safetensors types.
ARRAYS = {
    "pages": "U16",
    "folds": "U32",
    "classes": "U16",
    "slots": "U32",
    "sieve": "U64",
    "name_sieve": "U64",
    "names": "U32",
    "masks": "U64",
    "hint_rows": "I32",
}

_FACTOR, _CHAIN = 0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93  # odd, with bits well spread; the same stand in the kernel
_WORD = 0xFFFFFFFFFFFFFFFF  # 64 bits
_SIFTED = 4  # keys a word of 64 bits, at most: of other keys one or two in a hundred pass
_ROOM = 1.5  # slots a term, at least: a third of all slots stay empty, and look-ups stay short in little memory


def key(term: str) -> int:
    """Return the key of a term: of each token by its UTF-8 bytes, eight at a time, then of the run token by token."""
    first, *rest = (_token_key(token) for token in term.split(" "))
    for other in rest:
        first = ((first ^ (other * _CHAIN & _WORD)) * _FACTOR + other) & _WORD
        first ^= first >> 32
    return first


@functools.lru_cache(maxsize=1 << 17)  # the tokens of a large vocabulary
def _token_key(token: str) -> int:
    data = token.encode()
    found = 0
    for at in range(0, len(data), 8):
        found = (found ^ int.from_bytes(data[at : at + 8], "little")) * _FACTOR & _WORD
        found ^= found >> 32
    return found or 1  # the kernel reads 0 as no token


def sieve(keys: Sequence[int]) -> "array[int]":
    """Return words of bits in which each key has two bits set: a key with one of them unset is none of these.

    A Bloom filter of blocks (Putze, Sanders and Singler, Cache-, hash- and space-efficient Bloom filters, 2007, section 3):
    bits 16 and up of a key name its word, bits 58 and up and 52 and up the bits there.
    """
    size = 1
    while _SIFTED * size < len(keys):
        size *= 2
    words = array("Q", bytes(8 * size))
    for one in keys:
        words[one >> 16 & (size - 1)] |= 1 << (one >> 58) | 1 << (one >> 52 & 63)
    return words


def hash_table(keys: Sequence[int]) -> "array[int]":
    """Return the slots of a table in which the key number n is found under n + 1: pairs of tag and number.

    Raises `ValueError` if two keys cannot be told apart at any size that is sensible.
    """
    size = 1
    while size < _ROOM * len(keys) + 1:
        size *= 2
    for _ in range(4):  # each doubling halves the chance that two keys meet; even once it is one in 100,000
        slots = _fill(keys, size)
        if slots is not None:
            return slots
        size *= 2
    raise ValueError("two terms have one key")


def _fill(keys: Sequence[int], size: int) -> "array[int] | None":
    """Return the slots of a table of this size, or None if two keys that have one tag meet."""
    slots = array("I", bytes(8 * size))
    for number, one in enumerate(keys):
        place, tag = one & (size - 1), one >> 32
        while slots[2 * place + 1]:
            if slots[2 * place] == tag:
                return None
            place = (place + 1) & (size - 1)
        slots[2 * place], slots[2 * place + 1] = tag, number + 1
    return slots


def table_arrays(rows: Mapping[str, int], hints: HintLists) -> dict[str, "array[int]"]:
    """Return all the kernel's look-up tables for the rows of a model and its hint lists.

    Only runs of several tokens are sifted before they are looked up as terms: nearly every token is one.
    The table of names also has the beginnings of names of several tokens, with no list: where a run of tokens begins no
    name, the kernel need not look at longer ones. It looks at pairs whatever they begin with, so the sieve knows nothing of
    single tokens that only begin names; most of them stand everywhere.
    """
    from classifier.characters import character_tables  # who loads a model makes no tables

    names = hints.lists_of_name
    lists = sorted({one for found in names.values() for one in found})
    beginnings = {name[:at] for name in names for at in range(len(name)) if name[at] == " "}
    known = sorted({*names, *beginnings})
    words = (len(lists) + 63) // 64
    masks = array("Q")
    for name in known:
        bits = sum(1 << lists.index(one) for one in names.get(name, ()))
        masks.extend(bits >> 64 * word & _WORD for word in range(words))
    terms = sorted(rows, key=rows.__getitem__)
    keys, name_keys = [key(term) for term in terms], [key(name) for name in known]
    return {
        **character_tables(),
        "slots": hash_table(keys),
        "sieve": sieve([one for one, term in zip(keys, terms, strict=True) if " " in term]),
        "names": hash_table(name_keys),
        "name_sieve": sieve([one for one, name in zip(name_keys, known, strict=True) if " " in name or name in names]),
        "masks": masks,
        "hint_rows": array("i", [rows.get(term, -1) for term in hint_kinds(lists)]),
    }


def list_count(hint_rows: Sequence[int]) -> int:
    """Return for how many hint lists n there are rows: n² pairs and four rows a list."""
    return math.isqrt(len(hint_rows) + 4) - 2


def demand_sound(arrays: Mapping[str, memoryview]) -> None:
    """Raise `ValueError` for a table that would lead a look-up astray; the kernel looks for itself, and faster."""
    from classifier.characters import PAGE  # nor looks at them, where there is the kernel

    terms, lists = len(arrays["idf"]), list_count(arrays["hint_rows"])
    pages, folds, classes, masks, rows = (arrays[name] for name in ("pages", "folds", "classes", "masks", "hint_rows"))
    words = (lists + 63) // 64
    for table, entries in (("slots", terms), ("names", len(masks) // words if words else 0)):
        numbers = arrays[table][1::2].tolist()
        if len(arrays[table]) != 2 * len(numbers) or len(numbers).bit_count() != 1:
            raise ValueError(f"{table} are no power of two")
        if max(numbers) > entries or min(numbers) > 0:  # a look-up would leave the table, or never end
            raise ValueError(f"{table} are full or name what is not there")
    for name in ("sieve", "name_sieve"):
        if len(arrays[name]).bit_count() != 1:
            raise ValueError(f"the length of {name} is no power of two")
    if len(pages) != (sys.maxunicode + 1) // PAGE or len(folds) != len(classes) or len(folds) % PAGE:
        raise ValueError("the tables of characters are not of one length")
    if max(pages) * PAGE + PAGE > len(folds):
        raise ValueError("a page that is not there")
    if lists * lists + 4 * lists != len(rows) or not -1 <= min(rows, default=-1) <= max(rows, default=-1) < terms:
        raise ValueError("a row of a hint that is not there")
