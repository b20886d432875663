"""Figures come in and are gathered in a Report; JSON, CSV and a plain table go out: words, no arithmetic, no files.

The form of the JSON is in `report.schema.json`. Whoever changes it raises `REPORT_VERSION`, here and in the schema.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from classifier.agreement import Agreement
from classifier.curves import Crossing, TopicCurves
from classifier.evaluation import Difference, Evaluation, Figure, Reliability, Review, TopicFigures

__all__ = [
    "FEW",
    "REPORT_VERSION",
    "ErrorCase",
    "LearningPoint",
    "Report",
    "Slice",
    "SplitFigures",
    "TopicTerms",
    "csv_per_topic",
    "differences",
    "errors_jsonl",
    "json_report",
    "table",
]

REPORT_VERSION = 3

FEW = 30  # positives below which a figure says little: its interval is wider than the differences people care about
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Slice:
    """How the model does on a part of the articles; `carried` is how often gold gives one of them a topic."""

    part: str
    articles: int
    carried: int
    micro_f1: Figure
    exact: Figure


@dataclass(frozen=True, slots=True)
class ErrorCase:
    """One wrong answer: `kind` is "false alarm" or "missed".

    `sentence` is the one that had the highest score, `before` and `after` are its neighbours; where the article was scored
    whole, or none is known, `sentence` is empty and `after` is how the text begins. `suspect` says why gold should be read
    again; it is empty where nothing speaks against gold.
    """

    id: str
    title: str
    topic: str
    kind: str
    probability: float
    sentence: str
    before: str = ""
    after: str = ""
    suspect: str = ""


@dataclass(frozen=True, slots=True)
class LearningPoint:
    """How well models do that fewer articles taught: `articles` is the mean number that taught one of them."""

    articles: int
    macro_f1: Figure
    micro_f1: Figure


@dataclass(frozen=True, slots=True)
class SplitFigures:
    """The figures where articles were parted in another way, and those of cross-validation on the same articles."""

    name: str
    evaluation: Evaluation
    usual: Evaluation


@dataclass(frozen=True, slots=True)
class TopicTerms:
    """What a model listens to for a topic, the strongest first.

    `names` are the hints that speak for it, each with what it adds to a score. `words` speak for it, `against` against it,
    each with how far it moves scores: its weight times the standard deviation of its value over the training passages.
    """

    topic: str
    names: tuple[tuple[str, float], ...]
    words: tuple[tuple[str, float], ...]
    against: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """All that is known of a model's answers on one labelled set.

    `topics` has the name of each topic for people. `systems` has the evaluation of each system by name, the model first;
    `review` what the unsure band costs and keeps, by topic; `reliability` how far the probabilities can be believed;
    `curves` what the figures show, for the most frequent topics; `crossing` which topics meet and which are taken for each
    other, for the same; `slices` the parts by what they were split; `errors` every wrong answer, the surest first; `terms`
    what the model listens to; `behaviour` the capabilities tried on made-up cases, each with the cases passed and all cases;
    `agreement` how far two readers agree. What could not be measured is empty or None, and `absent` says why, by the name of
    the field or of what is missing in it.
    """

    data: str
    topics: Mapping[str, str]
    systems: tuple[tuple[str, Evaluation], ...]
    thresholds: Mapping[str, float]
    review: tuple[Review, ...]
    reliability: Reliability
    curves: tuple[TopicCurves, ...]
    crossing: Crossing
    slices: Mapping[str, tuple[Slice, ...]]
    errors: tuple[ErrorCase, ...]
    terms: tuple[TopicTerms, ...]
    learning: tuple[LearningPoint, ...] = ()
    splits: tuple[SplitFigures, ...] = ()
    behaviour: tuple[tuple[str, int, int], ...] = ()
    agreement: Agreement | None = None
    absent: Mapping[str, str] = field(default_factory=dict)
    recipe: Mapping[str, object] = field(default_factory=dict)
    provenance: Mapping[str, object] = field(default_factory=dict)


def json_report(report: Report) -> str:
    """Return the report as JSON, without the single errors."""
    record = {
        "report": REPORT_VERSION,
        "data": report.data,
        "topics": dict(report.topics),
        "systems": [{"name": name, **asdict(evaluation)} for name, evaluation in report.systems],
        "thresholds": dict(report.thresholds),
        "review": [asdict(row) for row in report.review],
        "reliability": asdict(report.reliability),
        "curves": [asdict(curves) for curves in report.curves],
        "crossing": asdict(report.crossing),
        "slices": {name: [asdict(part) for part in parts] for name, parts in report.slices.items()},
        "learning": [asdict(point) for point in report.learning],
        "splits": [asdict(split) for split in report.splits],
        "errors": len(report.errors),
        "suspects": sum(bool(case.suspect) for case in report.errors),
        "terms": [asdict(terms) for terms in report.terms],
        "behaviour": [{"capability": name, "passed": passed, "cases": cases} for name, passed, cases in report.behaviour],
        "agreement": report.agreement and asdict(report.agreement),
        "absent": dict(report.absent),
        "recipe": dict(report.recipe),
        "provenance": dict(report.provenance),
    }
    return json.dumps(_rounded(record), indent=1, ensure_ascii=False) + "\n"


def _rounded(value: object) -> object:
    """Round every number of a record to the digits that are the same on all processors, and more than anybody reads."""
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(inner) for inner in value]
    return round(value, _DIGITS) if isinstance(value, float) else value


def errors_jsonl(report: Report) -> str:
    """Return every wrong answer as a line of JSON."""
    return "".join(json.dumps(asdict(case), ensure_ascii=False) + "\n" for case in report.errors)


def csv_per_topic(report: Report) -> str:
    """Return a row a system and topic, as CSV; a cell is empty where a system has no such number."""
    rows = io.StringIO()
    writer = csv.writer(rows, lineterminator="\n")
    ends = [f"{name}{end}" for name in ("precision", "recall", "f1") for end in ("", "_low", "_high")]
    counts = ["positives", "hits", "false_alarms", "missed"]
    writer.writerow(["system", "topic", *counts, *ends, "average_precision", "threshold", "unsure"])
    unsure = {row.topic: row.unsure for row in report.review}
    for number, (name, evaluation) in enumerate(report.systems):
        for t in evaluation.topics:
            figures = [f"{end:.4f}" for f in (t.precision, t.recall, t.f1) for end in (f.value, f.low, f.high)]
            ranked = "" if t.average_precision is None else f"{t.average_precision:.4f}"
            own = ["", ""] if number else [f"{report.thresholds[t.topic]:.4f}", f"{unsure[t.topic]:.4f}"]
            cells = [t.positives, t.counts.hits, t.counts.false_alarms, t.counts.missed]
            writer.writerow([name, t.topic, *cells, *figures, ranked, *own])
    return rows.getvalue()


def table(report: Report) -> str:
    """Return the figures as a plain table for a terminal: the model topic by topic, the other systems in short."""
    lines = []
    for number, (name, evaluation) in enumerate(report.systems):
        lines.append(f"{name} on {evaluation.articles} articles")
        if number == 0:
            lines.append(f"  {'topic':20s} {'gold':>5s}  {'precision':>9s}  {'recall':>6s}  {'F1':>5s}  95 % interval")
            lines += [_terminal_row(t) for t in evaluation.topics]
        summary = (("macro-F1", evaluation.macro_f1), ("micro-F1", evaluation.micro_f1), ("exact", evaluation.exact))
        lines += [f"  {label:20s} {'':23s} {figure.value:6.3f}  {_interval(figure)}" for label, figure in summary]
        lines.append("")
    r = report.reliability
    lines.append(f"probabilities: Brier score {r.brier:.4f}, expected calibration error {r.calibration_error:.4f}")
    unsure = sum(row.unsure for row in report.review) / len(report.review)
    lines.append(f"unsure: {unsure:.1%} of all answers")
    return "\n".join(lines) + "\n"


def differences(found: Sequence[Difference]) -> str:
    """Return how a new model differs from an old one, as a plain table for a terminal."""
    lines = [f"{'F1':24s} {'old':>6s} {'new':>6s}  {'new - old':>9s}  95 % interval"]
    for row in found:
        flag = "  worse" if row.worse else ""
        figures = f"{row.old:6.3f} {row.new:6.3f}  {row.difference.value:+9.3f}"
        lines.append(f"{row.name:24s} {figures}  {row.difference.low:+.3f} to {row.difference.high:+.3f}{flag}")
    return "\n".join(lines) + "\n"


def _terminal_row(t: TopicFigures) -> str:
    ratios = f"{t.precision.value:9.3f}  {t.recall.value:6.3f}  {t.f1.value:5.3f}"
    return f"  {t.topic:20s} {t.positives:5d}  {ratios}  {_interval(t.f1)}"


def _interval(figure: Figure) -> str:
    return f"{figure.low:.3f} to {figure.high:.3f}"
