"""Numbers come in, small figures go out: SVG text, drawn by matplotlib; topics and pages are unknown here.

A figure takes its colours from the page round it (`currentColor`, `--accent`, `--muted`, `--line`) and its letters too, so
it is at home on light and dark ground. The same numbers and package version give the same text.
"""

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from classifier.curves import TopicCurves
from classifier.evaluation import Figure

__all__ = ["learning", "precision_recall", "reliability", "scores", "thresholds"]

# Colours that nobody draws with stand for those of the page, which only the page knows.
_INK, _ACCENT, _MUTED, _LINE = "#010101", "#020202", "#030303", "#040404"
_OF_PAGE = {_INK: "currentColor", _ACCENT: "var(--accent)", _MUTED: "var(--muted)", _LINE: "var(--line)"}
_SMALL, _WIDE = (3.3, 2.45), (4.0, 2.6)  # inches of 72 units: a small figure is about as wide as a telephone
_PLAIN, _LEGEND = (0.14, 0.18, 0.85, 0.79), (0.14, 0.18, 0.85, 0.71)  # left, bottom, width, height of the axes, of 1
_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",  # letters stay letters: they can be read aloud, searched, and are the page's own
    "font.size": 8.5,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "axes.edgecolor": _LINE,
    "axes.labelsize": 8.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": _LINE,
    "grid.linewidth": 0.6,
    "xtick.color": _MUTED,
    "ytick.color": _MUTED,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "lines.linewidth": 1.6,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "legend.handlelength": 1.6,
    "legend.borderaxespad": 0.2,
}
_TICKS = (0.0, 0.25, 1 / 2, 0.75, 1.0)
_NAMES = ("0", "¼", "½", "¾", "1")
# What matplotlib writes and a page has no use for: names of groups, fonts, line ends, digits beyond a hundredth of a point.
_SHORTER = (
    (r'<g id="[^"]*"', "<g"),
    (r" font-family: [^;\"]*;", ""),
    (r"xlink:href", "href"),
    (r' transform="rotate\(-0 [^)]*\)"', ""),
    (r"(\.\d\d)\d+", r"\1"),
    (r"\s*\n\s*", " "),
    (r"<g/> ", ""),
)
_ASIDE = (0.985, 1.015)  # so that the intervals of two figures stand side by side
_OVER = 1.04  # the end of an axis from 0 to 1, so that a point on its edge is seen whole


def precision_recall(curves: TopicCurves, operating: tuple[float, float], label: str) -> str:
    """Return precision against recall, with a dot where the model works; `operating` is its recall and precision."""
    with _style(label):
        axes = _axes(_SMALL, _PLAIN)
        _unit(axes, "recall", "precision")
        axes.plot(curves.ranking.recall, curves.ranking.precision, color=_ACCENT)
        axes.plot(*operating, "o", color=_ACCENT, markersize=6, markeredgecolor=_INK, markeredgewidth=1, clip_on=False)
        return _svg(axes, label)


def thresholds(curves: TopicCurves, threshold: float, label: str) -> str:
    """Return precision, recall and F1 against the threshold, with a line at the model's."""
    ranking = curves.ranking
    with _style(label):
        axes = _axes(_SMALL, _LEGEND)
        axes.set(ylim=(0, _OVER), xlabel="threshold", yticks=_TICKS, yticklabels=_NAMES)
        axes.axvline(threshold, color=_MUTED, linewidth=1)
        axes.plot(ranking.thresholds, ranking.precision, color=_ACCENT, label="precision")
        axes.plot(ranking.thresholds, ranking.recall, color=_ACCENT, linestyle=(0, (4, 2)), label="recall")
        axes.plot(ranking.thresholds, ranking.f1, color=_INK, linestyle=(0, (1, 1.2)), label="F1")
        _legend(axes)
        return _svg(axes, label)


def reliability(curves: TopicCurves, label: str) -> str:
    """Return the share of gold against the probability, bin by bin with intervals; the diagonal is what was promised."""
    with _style(label):
        axes = _axes(_SMALL, _PLAIN)
        _unit(axes, "probability said", "share carried")
        axes.plot([0, 1], [0, 1], color=_MUTED, linewidth=1, linestyle=(0, (4, 2)))
        said = [one.said for one in curves.bins]
        axes.vlines(said, [one.low for one in curves.bins], [one.high for one in curves.bins], color=_ACCENT, linewidth=1.4)
        axes.plot(said, [one.true for one in curves.bins], "o", color=_ACCENT, markersize=4.5, clip_on=False)
        return _svg(axes, label)


def scores(curves: TopicCurves, threshold: float, label: str) -> str:
    """Return how the scores of articles that carry a topic, and of the others, are spread; a line is at the threshold."""
    spread = curves.histogram
    with _style(label):
        axes = _axes(_SMALL, _LEGEND)
        axes.set(xlabel="score", yticks=[])
        axes.grid(visible=False)
        axes.stairs(spread.others, spread.edges, fill=True, color=_LINE, label="do not carry it")
        axes.stairs(spread.others, spread.edges, color=_MUTED, linewidth=1)
        axes.stairs(spread.carried, spread.edges, color=_ACCENT, linewidth=1.6, label="carry it")
        axes.axvline(threshold, color=_INK, linewidth=1, linestyle=(0, (1, 1.2)))
        _legend(axes)
        return _svg(axes, label)


def learning(points: Sequence[tuple[int, Figure, Figure]], names: tuple[str, str], label: str) -> str:
    """Return two figures with their intervals against the number of articles that taught."""
    articles = [number for number, _, _ in points]
    lines = (([p[1] for p in points], _ASIDE[0], "-", _ACCENT), ([p[2] for p in points], _ASIDE[1], (0, (4, 2)), _INK))
    with _style(label):
        axes = _axes(_WIDE, _PLAIN)
        axes.set(xscale="log", xlabel="articles to learn from")
        axes.set_xticks(articles, [str(number) for number in articles])
        axes.minorticks_off()
        for name, (found, aside, line, colour) in zip(names, lines, strict=True):
            places = [number * aside for number in articles]
            axes.vlines(places, [f.low for f in found], [f.high for f in found], color=colour, linewidth=1)
            axes.plot(places, [f.value for f in found], "o", linestyle=line, color=colour, markersize=4.5, label=name)
        axes.legend(loc="lower right")
        return _svg(axes, label)


def _unit(axes: Axes, across: str, up: str) -> None:
    """Give both axes the range from 0 to 1."""
    axes.set(xlim=(0, _OVER), ylim=(0, _OVER), xlabel=across, ylabel=up)
    axes.set(xticks=_TICKS, xticklabels=_NAMES, yticks=_TICKS, yticklabels=_NAMES)


def _legend(axes: Axes) -> None:
    """Put the names of the lines above the axes, where they hide nothing."""
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, columnspacing=1.2)


@contextmanager
def _style(label: str) -> Iterator[None]:
    """Draw by the settings of this room, whatever the user's own are.

    Identifiers within a figure follow from its label, which must therefore be another for each figure of a page.
    """
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update({**_SETTINGS, "svg.hashsalt": label})
        yield


def _axes(size: tuple[float, float], place: tuple[float, float, float, float]) -> Axes:
    """Return axes at a place of a canvas of their own, without ground."""
    canvas = Canvas(figsize=size)
    canvas.patch.set_visible(False)
    axes = canvas.add_axes(place)
    axes.patch.set_visible(False)
    axes.set_axisbelow(True)
    return axes


def _svg(axes: Axes, label: str) -> str:
    """Return what was drawn, as an element of a page."""
    written = io.StringIO()
    axes.figure.canvas.print_figure(written, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    return _inline(written.getvalue(), label)


def _inline(text: str, label: str) -> str:
    """Return what matplotlib wrote as an element of a page: without its own head, style, fonts, names and size."""
    body = text[text.index("<svg") :].strip()
    _, _, width, height = re.search(r'viewBox="([^"]*)"', body)[1].split()  # type: ignore[index]
    body = body.split(">", 1)[1]
    body = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>\s*|<!--.*?-->\s*", "", body, flags=re.DOTALL)
    for pattern, instead in _SHORTER:
        body = re.sub(pattern, instead, body)
    for colour, name in _OF_PAGE.items():
        body = body.replace(colour, name)
    head = f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{escape(label)}">'
    return head + body
