"""Articles' groups and gold come in, the fold of each article goes out: what may not be torn apart; texts are unknown here.

Also finds the groups where none are given: near-duplicates, which would otherwise teach a model the answers of its own test.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["near_duplicates", "split_folds"]

Labels = NDArray[np.int64]

# Min-hashing: articles whose words agree in `_BANDS` bands of `_BAND` hashes are compared. Two articles that share 80 % of
# their words meet in at least one band with probability 1 - (1 - .8⁴)⁸ = 98 %, two that share a third with 10 %.
_BANDS, _BAND = 8, 4
_ALIKE = 0.7  # share of all words of two articles that they must have in common: a story rewritten by an agency client
_PRIME = 2**31 - 1  # a Mersenne prime above any number of words; products of two numbers below it fit into 64 bits
_SEED = 0  # fixed, so that the groups are the same each time


def split_folds(groups: Sequence[str], gold: Labels, folds: int) -> Labels:
    """Return the fold of each article so that a group lies in one fold and every topic is spread evenly.

    Groups are dealt out by falling number of articles, each to the fold that has the fewest positives of the group's
    topics, then the fewest articles (after Sechidis, Tsoumakas and Vlahavas, On the stratification of multi-label data,
    ECML 2011, section 4). Ties are broken by a digest of the group's name, so the order of articles does not matter.
    """
    members: dict[str, list[int]] = {}
    for number, group in enumerate(groups):
        members.setdefault(group, []).append(number)
    positives = (gold == 1).astype(float)
    rarity = 1.0 / np.maximum(positives.sum(axis=0), 1.0)  # a rare topic's positives weigh more
    load, size = np.zeros((folds, gold.shape[1])), np.zeros(folds)
    fold = np.empty(len(groups), dtype=np.int64)
    for group in sorted(members, key=lambda name: (-len(members[name]), hashlib.sha256(name.encode()).hexdigest())):
        carried = positives[members[group]].sum(axis=0)
        costs = load @ (carried * rarity)
        chosen = min(range(folds), key=lambda number: (costs[number], size[number], number))
        fold[members[group]] = chosen
        load[chosen] += carried
        size[chosen] += len(members[group])
    return fold


def near_duplicates(words: Any) -> Labels:
    """Return for each article the number of the first article that it nearly repeats, its own if there is none.

    `words` is a sparse matrix (articles, words) in which an entry says that an article has a word. Candidates are found by
    min-hashing in bands (Broder, On the resemblance and containment of documents, 1997; Leskovec, Rajaraman and Ullman,
    Mining of massive datasets, section 3.4) and kept if their words agree (Jaccard similarity) in `_ALIKE` or more.
    """
    leader = np.arange(words.shape[0])
    signatures = _signatures(words)
    sets = [frozenset(words.indices[a:b].tolist()) for a, b in zip(words.indptr[:-1], words.indptr[1:], strict=True)]
    for band in range(_BANDS):
        first_with: dict[bytes, int] = {}
        keys = signatures[:, band * _BAND : (band + 1) * _BAND]
        for number in np.flatnonzero(np.diff(words.indptr)).tolist():
            other = first_with.setdefault(keys[number].tobytes(), number)
            if leader[number] == number and other != number and _alike(sets[number], sets[other]):
                leader[number] = leader[other]
    while (leader[leader] != leader).any():
        leader = leader[leader]
    return leader


def _signatures(words: Any) -> Labels:
    """Return the least hash of each article's words under each hash function, shape (articles, bands · band)."""
    draw = np.random.default_rng(_SEED).integers(1, _PRIME, size=(_BANDS * _BAND, 2))
    signatures = np.empty((words.shape[0], _BANDS * _BAND), dtype=np.int64)
    filled = np.flatnonzero(np.diff(words.indptr))
    for number, (factor, shift) in enumerate(draw.tolist()):
        hashed = (words.indices.astype(np.int64) * factor + shift) % _PRIME
        signatures[filled, number] = np.minimum.reduceat(hashed, words.indptr[filled]) if len(filled) else 0
    return signatures


def _alike(one: frozenset[int], other: frozenset[int]) -> bool:
    return len(one & other) >= _ALIKE * len(one | other)
