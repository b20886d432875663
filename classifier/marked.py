"""Articles with explained predictions come in, a self-contained HTML page goes out; files and models are unknown here.

The page needs no script and loads nothing. Weighty words carry their share beside them, so that nobody has to see colours
or hold a pointer over them; what tells for and against is also told apart by the line below the word.
"""

import html
import unicodedata
from collections.abc import Iterator, Mapping

from classifier.evidence import telling
from classifier.places import weighty_runs
from classifier.records import Article, ExplainedSentence, Explanation, Prediction
from classifier.wording import in_words, names_that_hit

__all__ = ["page_article", "page_foot", "page_head"]

_TERMS = 12  # terms in a table; the rest is summed up
_TABLES = 20  # sentences with a table of their terms: more than a reader opens, and few enough for a book
_PARTS = 5  # sentences marked where the whole article was scored

_JOINER = "&#8288;"  # keeps a share on the line of its word

_STYLE = """
:root { color-scheme: light dark; --ground: #fff; --ink: #1c1d20; --quiet: #5c6068; --line: #d9dbe0;
  --marked: #fff6d6; --for: #0a6640; --against: #9a1f6e; }
@media (prefers-color-scheme: dark) { :root { --ground: #16181c; --ink: #e6e7ea; --quiet: #a2a7b0; --line: #363a42;
  --marked: #3a3418; --for: #6fdca8; --against: #ff9bd6; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 46rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.6 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.15rem; margin: 0 0 1rem; color: var(--quiet); font-weight: 600; }
h2 { font-size: 1.5rem; line-height: 1.25; margin: 2.5rem 0 .25rem; }
h3 { font-size: 1.15rem; margin: 2rem 0 .25rem; padding-top: 1rem; border-top: 1px solid var(--line); }
p { margin: .25rem 0; } .quiet { color: var(--quiet); font-size: .9rem; }
.answers { list-style: none; padding: 0; margin: .75rem 0; display: flex; flex-wrap: wrap; gap: .4rem; }
.answers li { border: 1px solid var(--line); border-radius: 1rem; padding: .1rem .75rem; }
a { color: inherit; }
.text { white-space: pre-wrap; margin: 1rem 0; }
mark { background: var(--marked); color: inherit; padding: .1em 0; }
b { font-weight: 650; } b.for { color: var(--for); } b.against { color: var(--against); }
u { text-decoration: underline 2px; text-underline-offset: .2em; } .against u { text-decoration: underline 1px wavy; }
b small { font-weight: 400; font-size: .7em; margin-left: .2em; }
details { margin: .5rem 0; } summary { cursor: pointer; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem; font-size: .9rem; }
th, td { text-align: left; padding: .25rem .5rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top;
  font-weight: 400; }
td.share { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; width: 5rem; padding-right: 1rem; }
tfoot th, tfoot td { border-bottom: 0; font-weight: 600; }
"""


def page_head() -> str:
    """Return the beginning of a page; any number of `page_article` and then `page_foot` follow."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>Topics and what speaks for them</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        "<h1>Topics and what speaks for them</h1>\n"
        '<p class="quiet">Marked sentences speak for a topic. In them <b class="for"><u>words for it</u></b> and'
        ' <b class="against"><u>words against it</u></b> have their share of the sentence’s score beside them.</p>\n'
    )


def page_foot() -> str:
    """Return the end of a page."""
    return "</main>\n</body>\n</html>\n"


def page_article(number: int, article: Article, prediction: Prediction, names: Mapping[str, str]) -> str:
    """Return the part of a page on one article, the number of which makes its anchors: the answers, then why.

    `names` has the name of each topic for people. There is a section for each explanation of the prediction.
    """
    return "\n".join(_article(number, article, prediction, names)) + "\n"


def _article(number: int, article: Article, prediction: Prediction, names: Mapping[str, str]) -> Iterator[str]:
    explained = {explanation.topic: explanation for explanation in prediction.explanations}
    yield f'<article aria-labelledby="a{number}">'
    yield f'<h2 id="a{number}" dir="auto">{_escape(article.title.strip() or article.id)}</h2>'
    if article.title.strip():
        yield f'<p class="quiet">{_escape(article.id)}</p>'
    if explained:
        yield '<ul class="answers">'
        for place, topic in enumerate(explained):
            answer = _answer(explained[topic])
            name = _escape(names[topic])
            yield f'<li><a href="#a{number}t{place}">{answer}: {name}, {prediction.probabilities[topic]:.0%}</a></li>'
        yield "</ul>"
    else:
        yield "<p>None of the topics.</p>"
        yield f'<div class="text" dir="auto">{_escape(article.text)}</div>'
    for warning in prediction.warnings:
        yield f"<p>Warning: {_escape(warning)}</p>"
    if prediction.set_aside:
        yield f'<p class="quiet">{prediction.set_aside} characters of page furniture were not read.</p>'
    for place, (topic, explanation) in enumerate(explained.items()):
        yield f'<section aria-labelledby="a{number}t{place}">'
        yield f'<h3 id="a{number}t{place}">{_escape(names[topic])}</h3>'
        yield from _section(article, explanation, names)
        yield "</section>"
    yield "</article>"


def _answer(explanation: Explanation) -> str:
    answer = "Yes" if explanation.carried else "No"
    return f"{answer}, to be checked" if explanation.unsure else answer


def _section(article: Article, explanation: Explanation, names: Mapping[str, str]) -> Iterator[str]:
    """Yield the section of a topic: how the score compares, the text with its evidence, the terms of each sentence."""
    compared = "at or above" if explanation.reached else "below"
    yield (
        f'<p class="quiet">{_answer(explanation)}: score {explanation.score:+.2f}, {compared} the threshold'
        f" {explanation.threshold:+.2f}. Without any term the score is {explanation.bias:+.2f}.</p>"
    )
    yield f'<div class="text" dir="auto">{_text(article.content, explanation)}</div>'
    best = sorted(telling(explanation), key=lambda sentence: -sentence.score)
    for sentence in best[:_TABLES]:
        yield from _table(article, explanation, sentence, names)
    if len(best) > _TABLES:
        yield f'<p class="quiet">{len(best) - _TABLES} more sentences are marked in the text.</p>'


def _text(content: str, explanation: Explanation) -> str:
    """Return the whole text with sentences marked and, in them, the weighty words."""
    pieces, last = [], 0
    for sentence in telling(explanation):
        runs = weighty_runs(sentence)
        parts = sentence.parts or ((sentence.start, sentence.end, sentence.share),)
        weightiest = sorted(parts, key=lambda part: -part[2])[:_PARTS]
        for start, end, _ in (part for part in parts if part in weightiest):
            pieces += [_escape(content[last:start]), "<mark>"]
            last = start
            for at, to, weight in (run for run in runs if start <= run[0] and run[1] <= end):
                side = "for" if weight > 0 else "against"
                word = f'<b class="{side}"><u>{_escape(content[at:to])}</u>{_JOINER}<small>{weight:+.2f}</small></b>'
                pieces += [_escape(content[last:at]), word]
                last = to
            pieces += [_escape(content[last:end]), "</mark>"]
            last = end
    return "".join([*pieces, _escape(content[last:])])


def _table(
    article: Article, explanation: Explanation, sentence: ExplainedSentence, names: Mapping[str, str]
) -> Iterator[str]:
    """Yield the terms of a sentence with their shares; open for the sentence that decided."""
    what = "The whole article" if sentence.parts else " ".join(sentence.text.split())
    yield f"<details{' open' if sentence.score == explanation.score else ''}>"
    yield f'<summary dir="auto">{_escape(what)}</summary>'
    yield '<table>\n<thead><tr><th scope="col">Share</th><th scope="col">Term</th></tr></thead>\n<tbody>'
    for term in sentence.terms[:_TERMS]:
        hit = names_that_hit(article, term)
        words = in_words(term.term, names) + (f": {hit}" if hit else "")
        yield _row(term.share, words)
    rest = sentence.terms[_TERMS:]
    if rest:
        yield _row(sum(term.share for term in rest), f"the other {len(rest)} terms")
    yield _row(explanation.bias, "where every score starts")
    yield f'</tbody>\n<tfoot><tr><td class="share">{sentence.score:+.3f}</td><th scope="row">score</th></tr></tfoot>'
    yield "</table>\n</details>"


def _row(share: float, words: str) -> str:
    return f'<tr><td class="share">{share:+.3f}</td><th scope="row" dir="auto">{_escape(words)}</th></tr>'


def _escape(text: str) -> str:
    """Return the text as HTML; what HTML cannot hold (control characters, lone surrogates) is a replacement character."""
    escaped = html.escape(text)
    if escaped.isprintable():
        return escaped
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if c not in "\n\t\r" and unicodedata.category(c) in {"Cc", "Cs"} else c for c in escaped
    )
