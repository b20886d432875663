"""Predictions and explanations come in, lines for a person's eyes go out; files, models and options are unknown here."""

import shutil
import textwrap
from collections.abc import Mapping

from classifier.agreement import Agreement
from classifier.records import Article, Explanation, Prediction

__all__ = ["Style", "show_agreement", "show_explanation", "show_prediction"]

_NARROWEST, _WIDEST = 60, 120  # columns: narrower wraps every sentence to rags, wider is hard to read
_TERMS = 8  # terms shown a sentence; the rest is summed up
_SENTENCES = 12  # sentences shown a topic


class Style:
    """Colour on a terminal, nothing elsewhere."""

    __slots__ = ("colour", "width")

    def __init__(self, *, colour: bool) -> None:
        self.colour = colour
        self.width = min(max(shutil.get_terminal_size().columns, _NARROWEST), _WIDEST)

    def paint(self, text: str, code: str) -> str:
        """Return the text in a colour (an ANSI code such as `1` for bold or `32` for green) where colours are shown."""
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text


def show_prediction(
    article: Article, prediction: Prediction, names: Mapping[str, str], style: Style, *, explain: bool
) -> str:
    """Return the answer on one article: its id and title, then a line a topic with the sentence that decided.

    `names` has the name of each topic for people. With `explain` the deciding sentence is shown whole.
    """
    title = " ".join(article.title.split())
    lines = [style.paint(article.id, "1") + (f"  {_cut(title, style.width - len(article.id) - 2)}" if title else "")]
    sentences = {e.topic: " ".join(e.sentence.split()) for e in prediction.evidence}
    width = max(len(name) for name in names.values())
    shown = [topic for topic in prediction.probabilities if topic in prediction.topics or topic in prediction.unsure]
    for topic in shown:
        sure = topic not in prediction.unsure
        answer = ("yes" if sure else "yes?") if topic in prediction.topics else "no?"
        colour = "32" if sure else "33"
        head = f"  {answer:4s} {names[topic]:{width}s} {prediction.probabilities[topic]:4.0%}  "
        sentence = sentences.get(topic, "")
        if explain:
            lines.append(style.paint(head.rstrip(), colour))
            lines += textwrap.wrap(sentence, style.width, initial_indent="       ", subsequent_indent="       ")
        else:
            lines.append(style.paint(head, colour) + _cut(sentence, style.width - len(head)))
    if not shown:
        closest = max(prediction.probabilities, key=lambda topic: prediction.probabilities[topic])
        lines.append(f"  none of the topics (closest: {names[closest]}, {prediction.probabilities[closest]:.0%})")
    if prediction.set_aside:
        lines.append(f"  {prediction.set_aside} characters of page furniture set aside (--whole-text reads them too)")
    lines += [style.paint(f"  warning: {warning}", "33") for warning in prediction.warnings]
    return "\n".join(lines) + "\n"


def show_explanation(article: Article, explanation: Explanation, name: str, style: Style) -> str:
    """Return why an article has its score for a topic: sentences in reading order, with the terms that made their scores."""
    verdict = "at or above" if explanation.carried else "below"
    lines = [
        style.paint(article.id, "1"),
        f"  {name}: score {explanation.score:+.2f}, {verdict} the threshold {explanation.threshold:+.2f};"
        f" every sentence starts from {explanation.bias:+.2f}",
    ]
    for sentence in explanation.sentences[:_SENTENCES]:
        lines.append("")
        text = " ".join(sentence.text.split())
        lines += textwrap.wrap(text, style.width, initial_indent=f"  {sentence.share:+.2f}  ", subsequent_indent="         ")
        for term in sentence.terms[:_TERMS]:
            lines.append(style.paint(f"         {term.share:+.3f}  {term.term}", "32" if term.share > 0 else "31"))
        rest = sentence.terms[_TERMS:]
        if rest:
            lines.append(f"         {sum(term.share for term in rest):+.3f}  the other {len(rest)} terms")
    if len(explanation.sentences) > _SENTENCES:
        lines.append(f"\n  and {len(explanation.sentences) - _SENTENCES} more sentences")
    return "\n".join(lines) + "\n"


def show_agreement(found: Agreement) -> str:
    """Return the agreement of two readings as a table."""
    lines = [f"{'topic':20s} {'both':>5s} {'one':>5s} {'kappa':>7s} {'positive':>9s} {'sentences':>10s}"]
    lines += [
        f"{t.topic:20s} {t.both:5d} {t.one:5d} {t.kappa:7.3f} {t.positive:9.3f} {t.sentence_kappa:10.3f}"
        for t in found.topics
    ]
    lines.append(f"{found.articles} articles; same set of topics in {found.exact:.1%}")
    lines.append(f"Krippendorff's alpha with MASI distance {found.alpha:.3f}")
    return "\n".join(lines) + "\n"


def _cut(text: str, width: int) -> str:
    """Shorten a text to a width."""
    return text if len(text) <= width else text[: max(width - 1, 0)].rstrip() + "…"
