"""A Training comes in, how it does when taught by less or by others goes out: what takes further fits; no layout here."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from classifier.evaluation import Evaluation, evaluate
from classifier.records import Example
from classifier.report import LearningPoint, Report, SplitFigures
from classifier.splits import Split, answers, forward_in_time, leave_one_out, share_of_training
from classifier.training import Training, answer_splits

__all__ = ["with_trials"]

_SHARES = (1 / 8, 1 / 4, 1 / 2)  # of the training articles: each step doubles what there is to learn from
_FEWEST = 100  # articles: an eighth of fewer is no lesson
_IN_TIME, _BY_GENRE = "forward in time", "one genre left out"


def with_trials(report: Report, examples: Sequence[Example], training: Training, *, jobs: int) -> Report:
    """Return the report on a training with what takes further fits: the learning curve, and articles parted otherwise."""
    ways, absent = _ways(examples, training)
    shares = _SHARES if len(examples) >= _FEWEST else ()
    if not shares:
        absent["learning"] = f"Fewer than {_FEWEST} articles."
    lessons = [share_of_training(training.fold, training.groups, share) for share in shares]
    found = answer_splits(examples, training, [*lessons, *ways.values()], jobs=jobs)
    usual = report.systems[0][1]
    measured = [
        _measured(training, usual, split, *answered)
        for split, answered in zip([*lessons, *ways.values()], found, strict=True)
    ]
    points = [
        LearningPoint(round(float(split.taught.sum(axis=1).mean())), pair[0].macro_f1, pair[0].micro_f1)
        for split, pair in zip(lessons, measured, strict=False)
        if pair is not None
    ]
    if lessons and not points:
        absent["learning"] = "A share of the articles has no judged ones of some topic."
    whole = round(float(np.mean([(training.fold != part).sum() for part in set(training.fold.tolist())])))
    splits = []
    for name, pair in zip(ways, measured[len(lessons) :], strict=True):
        if pair is None:
            absent[name] = "No part of the articles has judged ones of every topic before it."
        else:
            splits.append(SplitFigures(name, *pair))
    return replace(
        report,
        learning=(*points, LearningPoint(whole, usual.macro_f1, usual.micro_f1)) if points else (),
        splits=tuple(splits),
        absent={**report.absent, **absent},
    )


def _ways(examples: Sequence[Example], training: Training) -> tuple[dict[str, Split], dict[str, str]]:
    """Return the other ways in which these articles can be parted, and why they cannot be in the others."""
    genres = [example.article.extra.get("genre") for example in examples]
    known = [genre for genre in genres if isinstance(genre, str)]
    ways = {
        _IN_TIME: forward_in_time([example.article.date for example in examples], training.groups),
        _BY_GENRE: leave_one_out(known, training.groups) if len(known) == len(genres) else None,
    }
    reasons = {
        _IN_TIME: "The articles do not all have dates, or too few different ones.",
        _BY_GENRE: "The articles do not all have a genre, or all have the same.",
    }
    absent: Mapping[str, str] = {name: reasons[name] for name, split in ways.items() if split is None}
    return {name: split for name, split in ways.items() if split is not None}, dict(absent)


def _measured(
    training: Training, usual: Evaluation, split: Split, scores: NDArray[np.float64], thresholds: NDArray[np.float64]
) -> tuple[Evaluation, Evaluation] | None:
    """Return the figures of a split, and those of cross-validation on the same articles; None if it answers no article.

    `usual` has the figures of cross-validation on all articles.
    """
    rows = np.flatnonzero(~np.isnan(thresholds[split.part]).any(axis=1) & ~np.isnan(scores).any(axis=1))
    if not len(rows):
        return None
    rule, ids, gold = training.model.rule, training.model.topics.ids, training.gold[rows]
    groups = [training.groups[row] for row in rows]
    said = answers(rule, scores, split.part, np.nan_to_num(thresholds))[rows]
    found = evaluate(ids, gold, said, groups, scores[rows])
    if len(rows) == len(training.gold):
        return found, usual
    said = answers(rule, training.scores, training.fold, training.thresholds)[rows]
    return found, evaluate(ids, gold, said, groups, training.scores[rows])
