"""Figures come in, JSON, CSV and Markdown go out: words and layout, no arithmetic; models and files are unknown here."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from classifier.evaluation import Difference, Evaluation, Figure, Reliability, Review, TopicFigures

__all__ = [
    "ErrorCase",
    "Report",
    "Slice",
    "csv_per_topic",
    "differences",
    "errors_jsonl",
    "json_report",
    "model_card",
    "table",
]

REPORT_VERSION = 2

_FEW = 30  # positives below which a figure says little: its interval is wider than the differences people care about
_DIGITS = 6
_CAVEATS = 2  # failing examples shown a topic and kind of error


@dataclass(frozen=True, slots=True)
class Slice:
    """The model's micro-F1 on a part of the articles; `carried` is how often gold gives one of them a topic."""

    part: str
    articles: int
    carried: int
    micro_f1: float


@dataclass(frozen=True, slots=True)
class ErrorCase:
    """One wrong answer: `kind` is "false alarm" or "missed", `sentence` the one that had the highest score."""

    id: str
    title: str
    topic: str
    kind: str
    probability: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Report:
    """All that is known of a model's answers on one labelled set.

    `systems` has the evaluation of each system by name, the model first; `review` what the unsure band costs and keeps, by
    topic; `reliability` how far the probabilities can be believed; `slices` the parts by what they were split; `errors`
    every wrong answer, the surest first; `behaviour` the capabilities tried on made-up cases, each with the cases passed
    and all cases.
    """

    data: str
    systems: tuple[tuple[str, Evaluation], ...]
    thresholds: dict[str, float]
    review: tuple[Review, ...]
    reliability: Reliability
    slices: dict[str, tuple[Slice, ...]]
    errors: tuple[ErrorCase, ...]
    behaviour: tuple[tuple[str, int, int], ...] = ()


def json_report(report: Report) -> str:
    """Return the report as JSON, without the single errors."""
    record = {
        "report": REPORT_VERSION,
        "data": report.data,
        "systems": [{"name": name, **asdict(evaluation)} for name, evaluation in report.systems],
        "thresholds": report.thresholds,
        "review": [asdict(row) for row in report.review],
        "reliability": asdict(report.reliability),
        "slices": {name: [asdict(part) for part in parts] for name, parts in report.slices.items()},
        "errors": len(report.errors),
        "behaviour": [{"capability": name, "passed": passed, "cases": cases} for name, passed, cases in report.behaviour],
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
    """Return a row a system and topic, as CSV."""
    rows = ["system,topic,positives,hits,false_alarms,missed,precision,recall,f1,f1_low,f1_high"]
    for name, evaluation in report.systems:
        for t in evaluation.topics:
            c = t.counts
            numbers = f"{t.precision.value:.4f},{t.recall.value:.4f},{t.f1.value:.4f},{t.f1.low:.4f},{t.f1.high:.4f}"
            rows.append(f"{name},{t.topic},{t.positives},{c.hits},{c.false_alarms},{c.missed},{numbers}")
    return "\n".join(rows) + "\n"


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


# ----------------------------------------------------------------------------------------------------------- model card


def model_card(report: Report, *, name: str, recipe: Mapping[str, object], provenance: Mapping[str, object]) -> str:
    """Return the model card in Markdown."""
    return "\n".join(_card_lines(report, name, recipe, provenance)) + "\n"


def _card_lines(report: Report, name: str, recipe: Mapping[str, object], provenance: Mapping[str, object]) -> Iterator[str]:
    model = report.systems[0][1]
    yield f"# Model card: {name}"
    yield ""
    yield "Written by `classifier retrain`; do not edit. The model says which of its topics an English news article carries:"
    yield "a topic is carried if and only if at least one sentence of the article proper is about it (`labels/README.md`)."
    yield ""
    yield "## How well it does"
    yield ""
    yield f"{report.data}: {model.articles} articles on {model.events} events."
    yield "In brackets 95 % intervals, events resampled."
    yield ""
    yield from _systems(report)
    yield ""
    yield "## Topic by topic"
    yield ""
    yield "| topic | articles that carry it | precision | recall | F1 | average precision | threshold |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    for t in model.topics:
        yield _topic_row(t, report)
    yield ""
    few = [t.topic for t in model.topics if t.positives < _FEW]
    if few:
        yield f"Fewer than {_FEW} articles carry {', '.join(few)}: these rows say little."
    yield ""
    yield from _review(report)
    for what, parts in report.slices.items():
        yield ""
        yield f"## By {what}"
        yield ""
        yield f"| {what} | articles | topics they carry | micro-F1 |"
        yield "|---|--:|--:|--:|"
        yield from (f"| {part.part} | {part.articles} | {part.carried} | {_sliced(part)} |" for part in parts)
    if report.behaviour:
        yield ""
        yield "## Behaviour on made-up cases"
        yield ""
        yield "Sentences of `labels/behaviour.toml` put into stories; a case passes if the whole set of topics is right."
        yield ""
        yield "| capability | passed | cases |"
        yield "|---|--:|--:|"
        yield from (f"| {name} | {passed} | {cases} |" for name, passed, cases in report.behaviour)
    yield ""
    yield "## Caveats: where it fails"
    yield ""
    yield "The surest wrong answers on articles the model had not seen, with the sentence that scored highest."
    yield ""
    yield from _caveats(report)
    yield ""
    yield "## How it was made"
    yield ""
    for label, pairs in (("Recipe", recipe), ("Provenance", provenance)):
        yield f"- {label}: " + ", ".join(f"{key} {value}" for key, value in pairs.items())


def _sliced(part: Slice) -> str:
    """Return the figure of a part, or that it would say little."""
    return f"{part.micro_f1:.3f}" if part.carried >= _FEW else f"(fewer than {_FEW})"


def _systems(report: Report) -> Iterator[str]:
    topics = [t.topic for t in report.systems[0][1].topics]
    yield f"| system | macro-F1 | micro-F1 | all topics right | {' | '.join(f'F1 {topic}' for topic in topics)} |"
    yield "|---|" + "--:|" * (3 + len(topics))
    for name, e in report.systems:
        figures = [_bracket(e.macro_f1), _bracket(e.micro_f1), _bracket(e.exact), *(f"{t.f1.value:.3f}" for t in e.topics)]
        yield f"| {name} | {' | '.join(figures)} |"


def _topic_row(t: TopicFigures, report: Report) -> str:
    ranked = "" if t.average_precision is None else f"{t.average_precision:.3f}"
    cells = [t.topic, str(t.positives), _bracket(t.precision), _bracket(t.recall), _bracket(t.f1), ranked]
    return f"| {' | '.join(cells)} | {report.thresholds[t.topic]:+.3f} |"


def _review(report: Report) -> Iterator[str]:
    yield "## Yes, unsure, no"
    yield ""
    yield "People should look at what is unsure; outside the band yes keeps the promised precision, no the promised recall."
    yield ""
    yield "| topic | unsure | sure yes | precision promised | kept | recall promised | kept |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    for row in report.review:
        shares = (row.promised_precision, row.precision, row.promised_recall, row.recall)
        precision, precision_kept, recall, recall_kept = ("—" if share is None else f"{share:.3f}" for share in shares)
        counts = f"{row.unsure:.1%} | {row.sure_yes}"
        yield f"| {row.topic} | {counts} | {precision} | {precision_kept} | {recall} | {recall_kept} |"
    silent = [row.topic for row in report.review if row.promised_precision is None or row.promised_recall is None]
    if silent:
        yield ""
        yield f"Too rare to promise everything: {', '.join(silent)}. Without a promised precision every yes is unsure."
    yield ""
    r = report.reliability
    yield f"Probabilities: Brier score {r.brier:.4f}, expected calibration error {r.calibration_error:.4f} over all pairs of"
    yield "article and topic (15 bins)."


def _bracket(figure: Figure) -> str:
    return f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"


def _caveats(report: Report) -> Iterator[str]:
    shown: dict[tuple[str, str], int] = {}
    for case in report.errors:
        key = (case.topic, case.kind)
        shown[key] = shown.get(key, 0) + 1
        if shown[key] <= _CAVEATS:
            yield f"- {case.topic}, {case.kind} at probability {case.probability:.2f}: «{case.title}» — “{case.sentence}”"
    if not report.errors:
        yield "- None on this set."
