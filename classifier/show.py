"""Predictions and explanations come in, lines for a person's eyes go out; files, models and options are unknown here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from classifier.evidence import telling
from classifier.places import weighty_runs
from classifier.records import Article, ExplainedSentence, Explanation, Prediction, Share
from classifier.terminal import Style, columns, cut, wrap
from classifier.wording import in_words, names_that_hit

TYPE_CHECKING = False  # what `typing` says at run time; see `frozen`
if TYPE_CHECKING:
    from classifier.agreement import Agreement

__all__ = ["show_agreement", "show_explanation", "show_prediction"]

_TERMS = 8  # terms shown a sentence; the rest is summed up
_SENTENCES = 6  # sentences shown a topic, the weightiest ones
_PARTS = 3  # sentences shown where the whole article was scored
_ROOM = 30  # columns that a sentence needs to be of use behind its topic; in fewer it goes below
_FOR, _AGAINST = "1;32", "4;35"  # bold green, underlined magenta: told apart without seeing colours, too
_INDENT = " " * 9  # the width of a share


def show_prediction(article: Article, prediction: Prediction, names: Mapping[str, str], style: Style) -> str:
    """Return the answer on one article: its id and title, then a line a topic with the sentence that decided.

    `names` has the name of each topic for people. Where the prediction has explanations, they stand below their topics.
    """
    lines = [_heading(article, style)]
    sentences = {e.topic: e.sentence for e in prediction.evidence}
    explained = {explanation.topic: explanation for explanation in prediction.explanations}
    width = max(map(columns, names.values()))
    shown = [topic for topic in prediction.probabilities if topic in prediction.topics or topic in prediction.unsure]
    for topic in shown:
        answer = _answer(carried=topic in prediction.topics, unsure=topic in prediction.unsure)
        name = names[topic] + " " * (width - columns(names[topic]))
        head = f"  {answer:4s} {name} {prediction.probabilities[topic]:4.0%}"
        colour = "33" if topic in prediction.unsure else "32"
        if topic in explained:
            lines += [style.paint(head, colour), *_reasons(article, explained[topic], names, style), ""]
        else:
            lines += _with_sentence(head, colour, sentences.get(topic, ""), style)
    if not shown:
        closest = max(prediction.probabilities, key=lambda topic: prediction.probabilities[topic])
        found = f"none of the topics (closest: {names[closest]}, {prediction.probabilities[closest]:.0%})"
        lines += wrap(found, [], style, "  ", "    ")
    if explained:
        lines += _legend(style)
    if prediction.set_aside:
        aside = f"{prediction.set_aside} characters of page furniture set aside (--whole-text reads them too)"
        lines += wrap(aside, [], style, "  ", "    ")
    for warning in prediction.warnings:
        lines += [style.paint(line, "33") for line in wrap(f"warning: {warning}", [], style, "  ", "    ")]
    return "\n".join(lines) + "\n"


def show_explanation(article: Article, explanations: Sequence[Explanation], names: Mapping[str, str], style: Style) -> str:
    """Return why an article has its scores: a topic after the other, with sentences and the terms that made their scores."""
    lines = [_heading(article, style)]
    for explanation in explanations:
        answer = _answer(carried=explanation.carried, unsure=explanation.unsure)
        head = f"  {answer:4s} {names[explanation.topic]}"
        lines += [style.paint(head, "33" if explanation.unsure else "32" if explanation.carried else "1")]
        lines += [*_reasons(article, explanation, names, style), ""]
    return "\n".join([*lines, *_legend(style)]) + "\n"


def _heading(article: Article, style: Style) -> str:
    name = cut(article.id, style.width)
    title = cut(article.title, max(style.width - columns(name) - 2, 0)) if article.title.strip() else ""
    return style.paint(name, "1") + (f"  {title}" if len(title) > 1 else "")


def _answer(*, carried: bool, unsure: bool) -> str:
    return ("yes" if carried else "no") + ("?" if unsure else "")


def _with_sentence(head: str, colour: str, sentence: str, style: Style) -> list[str]:
    """Return the line of a topic with the sentence that decided, below it where there is little room behind."""
    room = style.width - columns(head) - 2
    if sentence and room >= _ROOM:
        return [style.paint(f"{head}  ", colour) + cut(sentence, room)]
    return [style.paint(head, colour), *([f"       {cut(sentence, style.width - 7)}"] if sentence else [])]


def _legend(style: Style) -> list[str]:
    """Return what the marks mean, for readers who see them for the first time."""
    if not style.colour:
        return wrap("[+word] speaks for the topic, [-word] against it", [], style, "  ", "  ")
    pro, con = "speaks for the topic", "speaks against it"
    marks = [(0, len(pro), _FOR), (len(pro) + 2, len(pro) + 2 + len(con), _AGAINST)]
    return wrap(f"{pro}, {con}", marks, style, "  ", "  ")


def _reasons(article: Article, explanation: Explanation, names: Mapping[str, str], style: Style) -> Iterator[str]:
    """Yield where a score comes from: how it compares, then the weightiest sentences in reading order with their terms."""
    compared = "at or above" if explanation.reached else "below"
    score = f"score {explanation.score:+.2f}, {compared} the threshold {explanation.threshold:+.2f}"
    starts = "the article" if any(s.parts for s in explanation.sentences) else "a sentence"
    nearest = (
        "; every article gets a topic, and this is the nearest" if explanation.carried and not explanation.reached else ""
    )
    yield from wrap(f"{score} ({starts} starts at {explanation.bias:+.2f}){nearest}", [], style, "       ", "       ")
    best = sorted(telling(explanation), key=lambda sentence: -sentence.score)[:_SENTENCES]
    for sentence in explanation.sentences:
        if sentence in best:
            yield ""
            yield from _sentence(article, sentence, style)
            yield from _terms(article, sentence.terms, names, style)
    if len(explanation.sentences) > len(best):
        more = f"and {len(explanation.sentences) - len(best)} more sentences at or above the threshold"
        yield from ("", *wrap(more, [], style, _INDENT, _INDENT))


def _sentence(article: Article, sentence: ExplainedSentence, style: Style) -> Iterator[str]:
    """Yield a sentence with its share and its weighty words marked; of a whole article the weightiest sentences."""
    runs = weighty_runs(sentence)
    parts = sentence.parts or ((sentence.start, sentence.end, sentence.share),)
    shown = sorted(parts, key=lambda part: -part[2])[:_PARTS]
    for start, end, share in parts:
        if (start, end, share) in shown:
            inside = [run for run in runs if start <= run[0] and run[1] <= end]
            yield from _marked(article.content, (start, end), inside, style, f"{share:+.2f}")
    if len(parts) > len(shown):
        others = sum(share for _, _, share in parts if share) - sum(share for _, _, share in shown)
        yield f"{others:+7.2f}  the other {len(parts) - len(shown)} sentences"


def _marked(
    content: str, span: tuple[int, int], runs: Sequence[tuple[int, int, float]], style: Style, share: str
) -> list[str]:
    """Return the lines of a sentence with its weighty words in colours, or in brackets where there are none."""
    start, end = span
    first = f"{share:>7s}  "
    if style.colour:
        marks = [(at - start, to - start, _FOR if weight > 0 else _AGAINST) for at, to, weight in runs]
        return wrap(content[start:end], marks, style, first, _INDENT)
    pieces, last = [], start
    for at, to, weight in runs:
        pieces += [content[last:at], "[+" if weight > 0 else "[-", content[at:to], "]"]
        last = to
    return wrap("".join([*pieces, content[last:end]]), [], style, first, _INDENT)


def _terms(article: Article, terms: Sequence[Share], names: Mapping[str, str], style: Style) -> Iterator[str]:
    """Yield a line a term: its share of the score, what it says, and for a hint the names that hit."""
    indent = _INDENT if style.width > 2 * _ROOM else "  "  # on a narrow terminal words are worth more than order
    for term in terms[:_TERMS]:
        hit = names_that_hit(article, term)
        words = in_words(term.term, names) + (f": {hit}" if hit else "")
        first = style.paint(f"{indent}{term.share:+.3f}", _FOR[-2:] if term.share > 0 else _AGAINST[-2:])
        yield from wrap(words, [], style, f"{first}  ", indent + " " * 8)
    rest = terms[_TERMS:]
    if rest:
        yield f"{indent}{sum(term.share for term in rest):+.3f}  the other {len(rest)} terms"


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
