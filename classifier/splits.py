"""Articles' folds, dates and genres come in, who teaches whom goes out: ways to part a corpus; texts are unknown here.

Articles of one group (one event, or near-duplicates) never stand on both sides.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from classifier.decision import Rule

__all__ = ["Split", "answers", "forward_in_time", "leave_one_out", "share_of_training"]

Labels = NDArray[np.int64]

_BLOCKS = 5  # of time: the first teaches, the second settles thresholds, three are left to measure on


@dataclass(frozen=True, slots=True)
class Split:
    """A way to part articles: each part is answered by a model that other articles taught.

    `part` has the number of each article's part; `taught` has shape (parts, articles) and says which articles teach the
    model that answers a part. A part that nothing teaches is not answered.
    """

    part: Labels
    taught: NDArray[np.bool_]


def share_of_training(fold: Labels, groups: Sequence[str], share: float) -> Split:
    """Return cross-validation in which only a share (0 to 1) of the articles teaches, whole groups at a time.

    A smaller share lies within a greater one, and which groups it has does not hang on the order of the articles.
    """
    names = sorted(set(groups), key=lambda name: hashlib.sha256(name.encode()).digest())
    rank = {name: place for place, name in enumerate(names)}
    chosen = np.array([rank[name] < share * len(names) for name in groups])
    return Split(fold, (fold != np.arange(fold.max() + 1)[:, None]) & chosen)


def forward_in_time(dates: Sequence[str], groups: Sequence[str]) -> Split | None:
    """Return blocks of time, each answered by a model that only earlier articles taught; None where dates do not allow it.

    `dates` are ISO dates. The blocks have about the same number of articles; a group lies where its last article does.
    """
    if not all(date[:4].isdigit() for date in dates):
        return None
    latest: dict[str, str] = {}
    for group, date in zip(groups, dates, strict=True):
        latest[group] = max(date, latest.get(group, ""))
    times = [latest[group] for group in groups]
    ordered = sorted(times)
    begins = [ordered[len(ordered) * block // _BLOCKS] for block in range(_BLOCKS)]
    if len(set(begins)) < _BLOCKS:
        return None
    part = np.searchsorted(np.array(begins), np.array(times), side="right") - 1
    return Split(part, part < np.arange(_BLOCKS)[:, None])


def leave_one_out(values: Sequence[str], groups: Sequence[str]) -> Split | None:
    """Return a part a value (a genre, say), answered by a model that articles of other values taught; None if all are alike.

    `values` has one for each article.
    """
    names = sorted(set(values))
    if len(names) == 1:
        return None
    part = np.array([names.index(value) for value in values])
    _, group = np.unique(np.asarray(groups), return_inverse=True)
    held = np.zeros((len(names), group.max() + 1), dtype=bool)
    held[part, group] = True
    return Split(part, ~held[:, group])


def answers(rule: Rule, scores: NDArray[np.float64], part: Labels, thresholds: NDArray[np.float64]) -> Labels:
    """Return what the rule says to scores of shape (articles, topics), each article by the thresholds of its part.

    `thresholds` has shape (parts, topics).
    """
    said = np.zeros(scores.shape, dtype=np.int64)
    for number, own in enumerate(thresholds.tolist()):
        pairs = zip(rule.decisions, own, strict=True)
        decisions = [replace(decision, threshold=value) for decision, value in pairs]
        settled = Rule(decisions, at_least_one=rule.at_least_one)
        for row in np.flatnonzero(part == number):
            said[row] = settled.yes(scores[row].tolist())
    return said
