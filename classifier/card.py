"""A Report comes in, the model card goes out: Markdown, words and layout, no arithmetic; files are unknown here."""

from collections.abc import Iterator

from classifier.evaluation import Figure, TopicFigures
from classifier.report import FEW, Report, Slice

__all__ = ["model_card"]

_CAVEATS = 2  # failing examples shown a topic and kind of error
_WIDEST = 12  # topics that get a column of their own: with more a table is no table
_CODEBOOK = (
    "Written by `classifier retrain`; do not edit. The model says which of its topics an English news article carries:",
    "a topic is carried if and only if at least one sentence of the article proper is about it (`labels/README.md`).",
)
_OWN_LABELS = (  # of a user's articles nothing is known but what they are labelled with
    "Written by `classifier retrain`; do not edit. The model says which of its topics an article carries, as the labels of",
    "its training articles have it.",
)


def model_card(report: Report, *, name: str) -> str:
    """Return the model card in Markdown."""
    return "\n".join(_card_lines(report, name)) + "\n"


def _card_lines(report: Report, name: str) -> Iterator[str]:
    model = report.systems[0][1]
    yield f"# Model card: {name}"
    yield ""
    yield from _CODEBOOK if "corpus" in report.provenance else _OWN_LABELS
    yield ""
    yield "## How well it does"
    yield ""
    yield f"{report.data}: {model.articles} articles on {model.events} events."
    yield "In brackets 95 % intervals, events resampled. Curves and figures are in `report.html`."
    yield ""
    yield from _systems(report)
    yield ""
    yield from _otherwise(report)
    yield ""
    yield "## Topic by topic"
    yield ""
    yield "| topic | articles that carry it | precision | recall | F1 | average precision | threshold |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    for t in model.topics:
        yield _topic_row(t, report)
    yield ""
    few = [t.topic for t in model.topics if t.positives < FEW]
    if few:
        yield f"Fewer than {FEW} articles carry {', '.join(few)}: these rows say little."
    yield ""
    yield from _review(report)
    yield from _parts(report)
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
    for label, pairs in (("Recipe", report.recipe), ("Provenance", report.provenance)):
        yield f"- {label}: " + ", ".join(f"{key} {value}" for key, value in pairs.items())


def _parts(report: Report) -> Iterator[str]:
    for what, parts in report.slices.items():
        yield ""
        yield f"## By {what}"
        yield ""
        yield f"| {what} | articles | topics they carry | all topics right | micro-F1 |"
        yield "|---|--:|--:|--:|--:|"
        yield from (
            f"| {part.part} | {part.articles} | {part.carried} | {part.exact.value:.3f} | {_sliced(part)} |"
            for part in parts
        )


def _sliced(part: Slice) -> str:
    """Return the figure of a part, or that it would say little."""
    return _bracket(part.micro_f1) if part.carried >= FEW else f"(fewer than {FEW})"


def _systems(report: Report) -> Iterator[str]:
    topics = [t.topic for t in report.systems[0][1].topics]
    topics = topics if len(topics) <= _WIDEST else []
    yield f"| {' | '.join(['system', 'macro-F1', 'micro-F1', 'all topics right', *(f'F1 {topic}' for topic in topics)])} |"
    yield "|---|" + "--:|" * (3 + len(topics))
    for name, e in report.systems:
        single = [f"{t.f1.value:.3f}" for t in e.topics] if topics else []
        yield f"| {' | '.join([name, _bracket(e.macro_f1), _bracket(e.micro_f1), _bracket(e.exact), *single])} |"


def _otherwise(report: Report) -> Iterator[str]:
    """Yield how the model does where articles are parted otherwise, and with fewer to learn from."""
    if report.splits:
        yield "| articles parted otherwise | answered | macro-F1 | micro-F1 | macro-F1 of cross-validation on the same |"
        yield "|---|--:|--:|--:|--:|"
        for split in report.splits:
            e = split.evaluation
            figures = f"{_bracket(e.macro_f1)} | {_bracket(e.micro_f1)} | {_bracket(split.usual.macro_f1)}"
            yield f"| {split.name} | {e.articles} | {figures} |"
        yield ""
    if report.learning:
        yield "| articles to learn from | macro-F1 | micro-F1 |"
        yield "|--:|--:|--:|"
        yield from (f"| {p.articles} | {_bracket(p.macro_f1)} | {_bracket(p.micro_f1)} |" for p in report.learning)
        yield ""


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
            sentence = f" — “{case.sentence}”" if case.sentence else ""
            yield f"- {case.topic}, {case.kind} at probability {case.probability:.2f}: «{case.title or case.id}»{sentence}"
    if not report.errors:
        yield "- None on this set."
