"""A Report comes in, one self-contained HTML page goes out: what stands where, in which words; no arithmetic, no files."""

from collections.abc import Iterator, Sequence

from classifier import plots
from classifier.evaluation import Evaluation, Figure, TopicFigures
from classifier.markup import Cell, document, figure, interval_bar, row, table, text
from classifier.report import FEW, ErrorCase, Report, Slice

__all__ = ["html_report"]

_SHOWN = 12  # topics with a row of their own in wide tables, and with errors and terms: the most frequent ones
_CASES = 3  # wrong answers shown a topic and kind
_LONGEST = 360  # characters shown of a sentence; its neighbours are given less
_NEIGHBOUR = 180
_SURE = "95\N{NO-BREAK SPACE}%"
_WAYS = ("forward in time", "one genre left out")  # of parting the articles otherwise
_WHY_NOT = {  # what is absent for want of a folder that training from a corpus has
    "agreement": "No two readings of these articles were given.",
    "behaviour": "No sentences for made-up cases were given.",
    "splits": "It takes further training, and was left out.",
    "learning": "It takes further training, and was left out.",
}


def html_report(report: Report, *, name: str) -> str:
    """Return the page; `name` is the model's. The same report and version of matplotlib give the same bytes."""
    names = report.topics
    sections = [
        ("verdict", "Topic by topic", _verdict(report)),
        ("unsure", "Yes, unsure, no", _unsure(report)),
        ("ranking", "Precision and recall", _ranking(report)),
        ("probabilities", "Can the probabilities be believed?", _probabilities(report)),
        ("scores", "Scores", _scores(report)),
        ("confusion", "What is taken for what", _confusion(report)),
        ("learning", "With fewer articles to learn from", _learning(report)),
        ("splits", "Parted in other ways", _splits(report)),
        ("parts", "By year, genre and length", _parts(report)),
        ("behaviour", "Behaviour on made-up cases", _behaviour(report)),
        ("mistakes", "The surest mistakes", _mistakes(report)),
        ("terms", "What the model listens to", _terms(report)),
        ("made", "How it was made", _made(report)),
    ]
    title = f"How well {name} tells {_counted(len(names), 'topic')}"
    return document(title, "".join(_summary(report)), sections)


# -------------------------------------------------------------------------------------------------------------- verdict


def _summary(report: Report) -> Iterator[str]:
    model = report.systems[0][1]
    on = f"{_counted(model.articles, 'article')} on {_counted(model.events, 'event')}"
    yield f"<p>Measured on {on}. {text(report.data)}. Intervals are {_SURE}, events resampled.</p>\n"
    rows = [
        row(name, [_figure(e.macro_f1), _figure(e.micro_f1), _figure(e.exact), _bar(e.macro_f1)], "" if n else "sum")
        for n, (name, e) in enumerate(report.systems)
    ]
    heads = ["system", "macro-F1", "micro-F1", "all topics right", "macro-F1 from 0 to 1"]
    yield table("The model beside what costs nothing and beside people", heads, rows, "full")
    if report.agreement is not None:
        alpha, exact = f"{report.agreement.alpha:.3f}", f"{report.agreement.exact:.1%}"
        yield (
            '<p class="small">“One reader by the other” takes the first reading for gold and the second for answers: a model'
            " that agreed with people more than they agree with each other would have learnt one reader’s habits. Both gave"
            f" the same set of topics to {exact} of the articles; Krippendorff’s alpha with MASI distance is {alpha}.</p>\n"
        )
    else:
        yield _absent(report, "agreement", "How far two readers agree is not shown. ")


def _verdict(report: Report) -> Iterator[str]:
    model, others = report.systems[0][1], report.systems[1:]
    unsure = {one.topic: one.unsure for one in report.review}
    beside = {name: {t.topic: t.f1 for t in e.topics} for name, e in others}
    shown, rest = _frequent(report)

    def cells(t: TopicFigures) -> Iterator[Cell | str]:
        yield str(t.positives)
        yield from (_figure(t.precision), _figure(t.recall), _figure(t.f1), _ranked(t), _signed(report.thresholds[t.topic]))
        yield f"{unsure[t.topic]:.1%}"
        yield from (_figure(f1[t.topic]) for f1 in beside.values())

    rows = [row(report.topics[t.topic], cells(t), _few(t.positives)) for t in shown]
    rows += _totals(report.systems)
    heads = ["topic", "carried by", "precision", "recall", "F1", "average precision", "threshold", "unsure"]
    yield table("Each topic, and all together", [*heads, *(f"F1 of {name}" for name, _ in others)], rows)
    yield from _few_note(model.topics)
    if rest:
        rows = [
            row(
                report.topics[t.topic],
                [str(t.positives), *map(_short, (t.precision, t.recall, t.f1)), _ranked(t)],
                _few(t.positives),
            )
            for t in rest
        ]
        yield table(f"The {len(rest)} less frequent topics", heads[:6], rows)


def _totals(systems: Sequence[tuple[str, Evaluation]]) -> Iterator[str]:
    """Yield the rows that speak of all topics together."""
    for label, figures in (
        ("Mean of topics (macro)", [e.macro_f1 for _, e in systems]),
        ("All answers (micro)", [e.micro_f1 for _, e in systems]),
        ("All topics right", [e.exact for _, e in systems]),
    ):
        model, *others = map(_figure, figures)
        yield row(label, ["", "", "", model, "", "", "", *others], "sum")


def _unsure(report: Report) -> Iterator[str]:
    yield (
        "<p>People should look at what is unsure. Outside the band, yes keeps the promised precision and no the promised"
        " recall.</p>\n"
    )
    shown = {t.topic for t in _frequent(report)[0]}
    rows = []
    for one in report.review:
        if one.topic in shown:
            shares = (one.promised_precision, one.precision, one.promised_recall, one.recall)
            cells = ["—" if share is None else f"{share:.3f}" for share in shares]
            rows.append(row(report.topics[one.topic], [f"{one.unsure:.1%}", str(one.sure_yes), *cells]))
    heads = ["topic", "unsure", "sure yes", "precision promised", "precision kept", "recall promised", "recall kept"]
    yield table("What the unsure band costs and keeps", heads, rows)


# -------------------------------------------------------------------------------------------------------------- figures


def _ranking(report: Report) -> Iterator[str]:
    yield (
        "<p>Whoever wants fewer false alarms pays with misses. The curve is the whole price list, the dot is where the model"
        " works; below, the same against the threshold.</p>\n"
    )
    figures = {t.topic: t for t in report.systems[0][1].topics}
    drawn = []
    for one in report.curves:
        precision, recall = figures[one.topic].precision.value, figures[one.topic].recall.value
        words = f"precision {precision:.2f}, recall {recall:.2f}."
        label = f"{report.topics[one.topic]}: precision against recall; the model works at {words}"
        drawn.append((plots.precision_recall(one, (recall, precision), label), words))
    yield from _plots(report, drawn)
    yield "<h3>Against the threshold</h3>\n"
    drawn = []
    for one in report.curves:
        words = f"threshold {_signed(report.thresholds[one.topic])}."
        label = f"{report.topics[one.topic]}: precision, recall and F1 against the threshold; the model has {words}"
        drawn.append((plots.thresholds(one, report.thresholds[one.topic], label), words))
    yield from _plots(report, drawn)


def _probabilities(report: Report) -> Iterator[str]:
    r = report.reliability
    yield (
        "<p>Of the articles to which the model gives a probability of three quarters, three quarters should carry the topic:"
        f" points belong on the diagonal. Bars are {_SURE} intervals; a long one has few articles. Over all pairs of article"
        f" and topic the Brier score is {r.brier:.4f} and the expected calibration error {r.calibration_error:.4f} (0 is"
        " perfect).</p>\n"
    )
    labels = [
        f"{report.topics[one.topic]}: share that carries the topic against the probability said" for one in report.curves
    ]
    yield from _plots(report, [(plots.reliability(*pair), "") for pair in zip(report.curves, labels, strict=True)])


def _scores(report: Report) -> Iterator[str]:
    yield (
        "<p>The less the two heaps overlap, the easier the topic. Each has the same area, however many articles are in it;"
        " the dotted line is the threshold.</p>\n"
    )
    drawn = []
    for one in report.curves:
        label = f"{report.topics[one.topic]}: scores of the articles that carry it and of the others"
        drawn.append((plots.scores(one, report.thresholds[one.topic], label), ""))
    yield from _plots(report, drawn)


def _plots(report: Report, drawn: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Set out one small figure a topic, grey where a topic has few articles."""
    if not report.curves:
        yield '<p class="absent">No topic is carried by some of these articles and not by others: no curve.</p>\n'
        return
    yield '<div class="plots">\n'
    for one, (svg, words) in zip(report.curves, drawn, strict=True):
        few = f"Only {_counted(one.positives, 'article')} carry it: this says little." if _few(one.positives) else ""
        yield figure(svg, report.topics[one.topic], f"{words} {few}".strip(), _few(one.positives))
    yield "</div>\n"
    if len(report.topics) > len(report.curves):
        yield f'<p class="small">Shown are {len(report.curves)} of {len(report.topics)} topics, the most frequent.</p>\n'


def _confusion(report: Report) -> Iterator[str]:
    found = report.crossing
    names = [report.topics[topic] for topic in found.topics]
    yield (
        "<p>First, how often the model gave the topic of the column to articles that carry the topic of the row and not that"
        " one. A row whose figures stand out names what a topic is taken for.</p>\n"
    )
    rows = []
    for name, cases, said, shares in zip([*names, "no topic"], found.cases, found.said, found.shares, strict=True):
        cells = [_share(*cell) for cell in zip(cases, said, shares, strict=True)]
        rows.append(row(name, cells))
    yield table("Falsely said, of the articles that carry the topic of the row", ["carries ↓   said →", *names], rows)
    rows = [
        row(name, [_count(number, own[k]) for number in own])
        for k, (name, own) in enumerate(zip(names, found.together, strict=True))
    ]
    yield table("Articles that carry both topics, by gold", ["topic", *names], rows)
    if len(report.topics) > len(names):
        yield f'<p class="small">Shown are the {len(names)} most frequent of {len(report.topics)} topics.</p>\n'


def _share(cases: int, said: int, share: float | None) -> Cell | str:
    """Return how often a topic was falsely said; tinted, a quarter being as dark as it gets."""
    if share is None:
        return "–"
    return Cell(
        f"{share:.1%}<small>{said} of {cases}</small>", f"tint {_few(cases)}".strip(), f"--share: calc({share:.4f} * 4)"
    )


def _count(number: int, positives: int) -> Cell | str:
    return Cell(str(number), "tint", f"--share: calc({number} / {positives})") if positives else str(number)


def _learning(report: Report) -> Iterator[str]:
    if not report.learning:
        yield _absent(report, "learning")
        return
    yield (
        "<p>The same cross-validation, the models taught by fewer articles and the thresholds chosen on these. A curve that"
        " still rises at its end says that more articles would help.</p>\n"
    )
    points = [(point.articles, point.macro_f1, point.micro_f1) for point in report.learning]
    svg = plots.learning(
        points, ("macro-F1", "micro-F1"), "macro-F1 and micro-F1 against the number of articles to learn from"
    )
    yield figure(svg, "Each step doubles the articles.", f"Lines are {_SURE} intervals.", "wide")
    rows = [row(str(p.articles), [_figure(p.macro_f1), _figure(p.micro_f1)]) for p in report.learning]
    yield table("The same in numbers", ["articles to learn from", "macro-F1", "micro-F1"], rows)


# -------------------------------------------------------------------------------------------------- parts of the articles


def _splits(report: Report) -> Iterator[str]:
    if not report.splits:
        reasons = [report.absent[key] for key in ("splits", *_WAYS) if key in report.absent]
        yield f'<p class="absent">Not shown: {text(" ".join(reasons) or _WHY_NOT["splits"])}</p>\n'
        return
    yield (
        "<p>Cross-validation deals events out at random, so a model may have learnt from what was written the same week or"
        " by the same sort of desk. Forward in time, only earlier articles teach; with one genre left out, no article of the"
        " genre in question does. Each is beside cross-validation on the very same articles.</p>\n"
    )
    shown = [t.topic for t in _frequent(report)[0]]
    rows = [_split_row("dealt out at random", report.systems[0][1], shown)]
    for split in report.splits:
        rows.append(_split_row(split.name, split.evaluation, shown))
        if split.usual.articles != report.systems[0][1].articles:
            rows.append(_split_row("at random, the same articles", split.usual, shown))
    heads = ["articles parted", "answered", "macro-F1", "micro-F1", "all topics right"]
    yield table("Three ways to part the articles", [*heads, *(f"F1 {report.topics[topic]}" for topic in shown)], rows)
    for name in _WAYS:
        if name in report.absent:
            yield _absent(report, name, f"{name.capitalize()}: not measured. ")


def _split_row(name: str, e: Evaluation, shown: Sequence[str]) -> str:
    f1 = {t.topic: t.f1 for t in e.topics}
    return row(name, [str(e.articles), *map(_figure, (e.macro_f1, e.micro_f1, e.exact)), *(_short(f1[t]) for t in shown)])


def _parts(report: Report) -> Iterator[str]:
    for what, parts in report.slices.items():
        yield f"<h3>By {text(what)}</h3>\n"
        heads = [what, "articles", "topics they carry", "all topics right", "micro-F1", "micro-F1 from 0 to 1"]
        yield table(f"How the model does by {what}", heads, map(_slice, parts), "full")
    for what in ("year", "genre"):
        if what in report.absent:
            yield _absent(report, what, f"By {what}: not shown. ")
    if any(_few(part.carried) for parts in report.slices.values() for part in parts):
        yield f'<p class="small">Grey: the articles carry fewer than {FEW} topics, and micro-F1 says little.</p>\n'


def _slice(part: Slice) -> str:
    f1: list[Cell | str] = [_figure(part.micro_f1), _bar(part.micro_f1)] if part.carried else ["—", ""]
    return row(part.part or "(none)", [str(part.articles), str(part.carried), _figure(part.exact), *f1], _few(part.carried))


def _behaviour(report: Report) -> Iterator[str]:
    if not report.behaviour:
        yield _absent(report, "behaviour")
        return
    yield "<p>Sentences put into stories; a case passes if the whole set of topics is right.</p>\n"
    rows = []
    for name, passed, cases in report.behaviour:
        style = f"--low: 0; --high: calc({passed} / {cases}); --value: calc({passed} / {cases})"
        bar = Cell(f'<span class="bar" style="{style}" aria-hidden="true"></span>') if cases else ""
        rows.append(row(name, [f"{passed} of {cases}", bar]))
    yield table("Cases passed", ["what is tried", "passed", "from none to all"], rows, "full")


# ------------------------------------------------------------------------------------------------- mistakes, terms, making


def _mistakes(report: Report) -> Iterator[str]:
    if not report.errors:
        yield "<p>None on this set.</p>\n"
        return
    suspects = [case for case in report.errors if case.suspect]
    yield (
        f"<p>{_counted(len(report.errors), 'answer')} differ from gold; all are in <code>errors.jsonl</code>, and the surest"
        " of each topic here, with the sentence that scored highest marked. Where the model is sure of the opposite, or two"
        f" readers disagreed, gold itself is to be doubted: {_counted(len(suspects), 'label')} of that sort.</p>\n"
    )
    for t in _frequent(report)[0]:
        own = [case for case in report.errors if case.topic == t.topic]
        shown = [case for kind in ("false alarm", "missed") for case in [c for c in own if c.kind == kind][:_CASES]]
        if shown:
            yield f"<h3>{text(report.topics[t.topic])}</h3>\n"
            yield from map(_case, shown)


def _case(case: ErrorCase) -> str:
    doubt = f' · <span class="doubt">label suspect: {text(case.suspect)}</span>' if case.suspect else ""
    before, after = _end(case.before, _NEIGHBOUR), _beginning(case.after, _NEIGHBOUR)
    marked = f" <mark>{text(_beginning(case.sentence, _LONGEST))}</mark> " if case.sentence else ""
    title = text(_beginning(case.title, _LONGEST)) or "(without a title)"
    return (
        f'<div class="case"><p><strong>{title}</strong></p>'
        f'<p class="small">{case.kind} at probability {case.probability:.2f} · {text(case.id)}{doubt}</p>'
        f"<blockquote>{text(before)}{marked}{text(after)}</blockquote></div>\n"
    )


def _beginning(words: str, most: int) -> str:
    return words if len(words) <= most else words[:most].rsplit(" ", 1)[0] + " …"


def _end(words: str, most: int) -> str:
    return words if len(words) <= most else "… " + words[-most:].split(" ", 1)[-1]


def _terms(report: Report) -> Iterator[str]:
    yield (
        "<p>What speaks most for each topic and, behind the dash, against it, the strongest first. In bold its own lists of"
        " names, which hit in the sentence or near it; then words, by how far they move the scores of all sentences.</p>\n"
    )
    shown = {t.topic for t in _frequent(report)[0]}
    yield '<div class="terms">\n'
    for terms in report.terms:
        if terms.topic in shown:
            names = [f"<strong>{text(_hint(term))}</strong>" for term, _ in terms.names]
            words = ", ".join([*names, *(text(term) for term, _ in terms.words)]) or "(none)"
            against = f" — <span>{', '.join(text(term) for term, _ in terms.against)}</span>" if terms.against else ""
            yield f"<div><h3>{text(report.topics[terms.topic])}</h3><p>{words}{against}</p></div>\n"
    yield "</div>\n"


def _hint(term: str) -> str:
    """Return a hint for people: the kinds of names that hit, and where."""
    place, _, names = term.lstrip("@").rpartition(":")
    where = {"title": " in the headline", "before": " a sentence before", "article": " anywhere"}.get(place, "")
    return " with ".join(name.partition("/")[2] for name in names.split("+")) + where


def _made(report: Report) -> Iterator[str]:
    for title, pairs in (("Recipe", report.recipe), ("Provenance", report.provenance)):
        items = "".join(f"<dt>{text(key.replace('_', ' '))}</dt><dd>{text(str(value))}</dd>" for key, value in pairs.items())
        yield f"<h3>{title}</h3>\n" + (f'<dl class="made">{items}</dl>\n' if items else '<p class="absent">Not known.</p>\n')
    yield (
        '<p class="small">Written by <code>classifier</code>; the same numbers are in <code>report.json</code>,'
        " <code>per_topic.csv</code> and <code>errors.jsonl</code>.</p>\n"
    )


# ------------------------------------------------------------------------------------------------------------ small words


def _frequent(report: Report) -> tuple[list[TopicFigures], list[TopicFigures]]:
    """Return the topics that are shown in full, in their own order, and the others by falling frequency."""
    ranked = sorted(report.systems[0][1].topics, key=lambda t: -t.positives)
    first = {t.topic for t in ranked[:_SHOWN]}
    return [t for t in report.systems[0][1].topics if t.topic in first], ranked[_SHOWN:]


def _few(positives: int) -> str:
    return "few" if positives < FEW else ""


def _few_note(topics: Sequence[TopicFigures]) -> Iterator[str]:
    if any(_few(t.positives) for t in topics):
        yield f'<p class="small">Grey: fewer than {FEW} articles carry the topic, and its figures say little.</p>\n'


def _absent(report: Report, key: str, lead: str = "Not shown. ") -> str:
    return f'<p class="absent">{text(lead + report.absent.get(key, _WHY_NOT.get(key, "")))}</p>\n'


def _figure(found: Figure) -> Cell:
    """Return a figure with its interval; without, where resampling changed nothing."""
    ends = f"<small>{found.low:.3f}–{found.high:.3f}</small>" if found.low < found.high else ""
    return Cell(f"{found.value:.3f}{ends}")


def _short(found: Figure) -> str:
    return f"{found.value:.3f}"


def _bar(found: Figure) -> Cell:
    return interval_bar(found.value, found.low, found.high)


def _signed(number: float) -> str:
    return f"{number:+.2f}".replace("-", "−")


def _ranked(t: TopicFigures) -> str:
    return "—" if t.average_precision is None else f"{t.average_precision:.3f}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
