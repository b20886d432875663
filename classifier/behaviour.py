"""A model and a list of sentences come in, pass rates go out: what must not change an answer, and what must; no gold here.

After Ribeiro et al., Beyond accuracy: behavioral testing of NLP models with CheckList (ACL 2020): invariance cases change
what does not matter and expect the same topics, direction cases add one sentence and expect one topic more, or none.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from classifier.model import TopicModel
from classifier.records import Article, BehaviourTexts

__all__ = ["Capability", "Case", "behave", "cases"]

_HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2015"
_HEAD = "Home\nWorld\nSport\nShare this article\n\n"
_FOOT = "\n\nMost read\n\nFive things to do with left-over rice before it ...\n\nSubscribe to our newsletter\nCopyright"


@dataclass(frozen=True, slots=True)
class Case:
    """One case: the model must answer `after` with the topics `expected`; `before` is what it was made from."""

    capability: str
    before: str
    after: str
    expected: frozenset[str]


@dataclass(frozen=True, slots=True)
class Capability:
    """How many cases of one kind passed, and the texts of those that did not."""

    name: str
    passed: int
    cases: int
    failures: tuple[str, ...]


def behave(model: TopicModel, texts: Sequence[BehaviourTexts], neutral: Sequence[str]) -> tuple[Capability, ...]:
    """Return the pass rate of every capability, in the order of their first case."""
    found: dict[str, list[tuple[bool, str]]] = {}
    for case in cases(texts, neutral):
        passed = frozenset(model.predict(Article(case.after)).topics) == case.expected
        found.setdefault(case.capability, []).append((passed, case.after))
    return tuple(
        Capability(name, sum(ok for ok, _ in rows), len(rows), tuple(text for ok, text in rows if not ok))
        for name, rows in found.items()
    )


def cases(texts: Sequence[BehaviourTexts], neutral: Sequence[str]) -> Iterator[Case]:
    """Yield every case that the sentences make."""
    for own in texts:
        for number, sentence in enumerate(own.carry):
            before = _story(neutral, number, sentence)
            yield from _same(own.topic, before, _unimportant_changes(before, neutral, number))
        for capability, template, pairs in (
            ("spelling", own.spelling_sentence, own.spellings),
            ("another name", own.swap_sentence, own.swaps),
        ):
            for number, pair in enumerate(pairs):
                for name in pair:
                    story = _story(neutral, number, template.format(name))
                    yield Case(capability, story, story, frozenset({own.topic}))
        for number, sentence in enumerate(own.passing):
            story = _story(neutral, number, sentence)
            yield Case("a mention in passing adds nothing", story, story, frozenset())
    for first, second in itertools.permutations(texts, 2):
        for number, sentence in enumerate(first.carry[:3]):
            before = _story(neutral, number, sentence)
            added = f"{before}\n\n{second.carry[-1 - number]}"
            yield Case("a sentence on a second topic adds it", before, added, frozenset({first.topic, second.topic}))
            added = f"{before}\n\n{second.passing[number % len(second.passing)]}"
            yield Case("a second topic in passing adds nothing", before, added, frozenset({first.topic}))


def _story(neutral: Sequence[str], number: int, sentence: str) -> str:
    """Return an article of five paragraphs with the sentence in the middle."""
    rest = [neutral[(number + step) % len(neutral)] for step in range(4)]
    return "\n\n".join([*rest[:2], sentence, *rest[2:]])


def _unimportant_changes(story: str, neutral: Sequence[str], number: int) -> Iterator[tuple[str, str]]:
    """Yield the story changed in ways that must not matter, each with the name of the capability."""
    yield "hyphens", story.replace("-", _HYPHENS[number % len(_HYPHENS)])
    yield "capitals", story.upper()
    yield "order of paragraphs", "\n\n".join(reversed(story.split("\n\n")))
    yield "furniture round it", f"{_HEAD}{story}{_FOOT}"
    yield "matter about nothing", "\n\n".join([story, *neutral])
    yield "one paragraph", " ".join(story.split("\n\n"))
    yield "format characters", story.replace("a", "a\u00ad")


def _same(topic: str, before: str, changed: Iterator[tuple[str, str]]) -> Iterator[Case]:
    for capability, after in changed:
        yield Case(capability, before, after, frozenset({topic}))
