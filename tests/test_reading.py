"""The kernel's reader says what `text` says, on whatever text there is, and never takes two terms for one."""

import random
import threading
from array import array
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.characters import character_tables
from classifier.features import FeatureSettings, HintLists, article_hints
from classifier.matrices import read_examples
from classifier.model import TopicModel
from classifier.reading import PlainReader, Reader, reader, sentences_of, tokens_of
from classifier.records import Example
from classifier.saving import compiled
from classifier.tables import key
from classifier.text import ngrams, sentence_spans, token_spans, tokens, word_texts
from classifier.topics import Topics
from classifier.training import Training
from tests.conftest import TOPICS
from tests.kernel import TELLING, random_text
from tests.test_kernel import HOSTILE

kernel = pytest.importorskip("classifier._kernel", reason="the kernel was not built here: no C compiler")

MORE_HOSTILE = [
    "ferry\u0301\u0301 boat\u00ad, \u0301comet\u0301\u0301",  # dropped marks at the ends of words, and before one
    "\u0301\u0301 \u00ad",  # and alone
    "漢" * 300_000,  # a word of 900 KB
    "É" * 1_000_000,
    "a\x00b\x00\x00c",
    "\U0001d400\U0001f600\U00010400 \U0010ffff\ue000",  # beyond 16 bits: a letter, a face, a cased letter, nothing
    "ferry\ud83d\ude00boat\udfff",
    "ferry—boat…ferry",  # separators that are not ASCII, between letters
    "—" * 1000,
    "x" * 7 + "é" + "x" * 7 + " " + "x" * 8 + "\u0301" + "y" * 63 + "é",  # where blocks of 8 and 64 end
]
TEXTS = st.text() | st.text(st.sampled_from(TELLING) | st.integers(0, 0x10FFFF).map(chr))
# Two words of 16 letters that have one key: of the first eight letters' keys the second eight make up the difference.
TWINS = ("xtokvidtaaaabtrd", "kxdfjxnqd5jtx98z")


def made(longest: int = 2) -> Reader:
    found: Reader = reader(longest)
    assert type(found) is kernel.Reader
    return found


def rows(one: Reader, content: str, passages: list[list[tuple[int, int]]], *, learn: bool) -> list[list[tuple[str, int]]]:
    """Return the runs of each passage with their counts, in the order in which they came."""
    numbers, counts, sizes, _ = one.read(content, passages, learn)
    pairs = iter(zip(map(one.term, array("i", numbers)), array("I", counts), strict=True))
    return [[next(pairs) for _ in range(size)] for size in array("q", sizes)]


# ------------------------------------------------------------------------------------------------------------ one text


def agree(one: Reader, text: str) -> None:
    assert one.tokens(text) == tokens(text)
    assert one.token_spans(text) == token_spans(text)
    assert one.sentences(text) == sentence_spans(text)


@given(text=TEXTS)
def test_reader_and_text_agree_on_any_text(text: str) -> None:
    agree(made(), text)


@pytest.mark.parametrize("number", range(len(HOSTILE + MORE_HOSTILE)))
def test_reader_and_text_agree_on_hostile_texts(number: int) -> None:
    agree(made(), [*HOSTILE, *MORE_HOSTILE][number])


@given(text=TEXTS)
def test_a_model_reads_as_a_reader_does(training: Training, text: str) -> None:
    model = compiled(training.model)._kernel
    assert isinstance(model, kernel.Kernel)
    agree(model, text)


@given(text=st.text(st.sampled_from("ab\u0301\u00ad é.ß-")))
def test_every_place_has_its_token(text: str) -> None:
    for word, start, end in made().token_spans(text):
        assert tokens(text[start:end]) == [word]


# ---------------------------------------------------------------------------------------------------------------- runs


@st.composite
def readings(draw: st.DrawFn) -> tuple[str, list[list[tuple[int, int]]]]:
    """Draw a text and passages of it, each of some spans in order."""
    content = draw(TEXTS)
    places = st.lists(st.integers(0, len(content)), max_size=6).map(sorted)
    return content, [list(zip(edges[::2], edges[1::2], strict=False)) for edges in draw(st.lists(places, max_size=4))]


@given(first=readings(), second=readings(), longest=st.integers(1, 5))
def test_runs_are_numbered_and_counted_as_plain_python_does(
    first: tuple[str, list[list[tuple[int, int]]]], second: tuple[str, list[list[tuple[int, int]]]], longest: int
) -> None:
    fast, plain = made(longest), PlainReader(longest)
    for (content, passages), learn in ((first, True), (second, False), (second, True), (first, False)):
        assert fast.read(content, passages, learn) == plain.read(content, passages, learn)
    assert rows(fast, *first, learn=False) == rows(plain, *first, learn=False)


@pytest.mark.parametrize("number", range(len(HOSTILE + MORE_HOSTILE)))
def test_runs_of_hostile_texts_are_those_of_plain_python(number: int) -> None:
    text = [*HOSTILE, *MORE_HOSTILE][number]
    passages = [[(0, len(text))], [], [(0, len(text) // 2), (len(text) // 2, len(text))]]
    assert made(3).read(text, passages, True) == PlainReader(3).read(text, passages, True)


def test_a_run_goes_on_from_span_to_span_of_a_passage_and_ends_with_it() -> None:
    content = "one two. three"
    assert rows(made(2), content, [[(0, 3), (9, 14)], [(4, 7)]], learn=True) == [
        [("one", 1), ("three", 1), ("one three", 1)],
        [("two", 1)],
    ]


def test_what_is_not_to_be_learnt_is_left_out() -> None:
    one = made(2)
    rows(one, "comet ferry", [[(0, 11)]], learn=True)
    assert rows(one, "ferry comet ferry boat", [[(0, 22)]], learn=False) == [
        [("ferry", 2), ("comet", 1), ("comet ferry", 1)]
    ]
    with pytest.raises(IndexError):
        one.term(3)  # comet, ferry, comet ferry: no more were learnt


def test_words_that_have_one_key_stay_two_terms() -> None:
    one, other = TWINS
    assert key(one) == key(other)
    content = f"{one} {other} {one}"
    assert rows(made(2), content, [[(0, len(content))]], learn=True) == [
        [(one, 2), (other, 1), (f"{one} {other}", 1), (f"{other} {one}", 1)]
    ]


def test_a_large_vocabulary_keeps_its_numbers_while_it_grows() -> None:
    one, words = made(2), [f"w{n * 7919 % 20_011}" for n in range(20_000)]
    content = " ".join(words)
    expected = Counter(ngrams(words, 2))
    assert dict(rows(one, content, [[(0, len(content))]], learn=True)[0]) == expected
    assert [one.term(n) for n in range(3)] == words[:3]


def test_threads_may_not_read_with_one_reader_at_once_but_lose_nothing_when_they_try() -> None:
    one, content = made(3), "the ferry from le havre docked late " * 20_000
    whole = [[(0, len(content))]]
    said: list[object] = []

    def work() -> None:
        for _ in range(5):
            try:
                said.append(one.read(content, whole, True))
            except RuntimeError as error:
                said.append(str(error))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers = {answer for answer in said if not isinstance(answer, str)}
    assert answers == {PlainReader(3).read(content, whole, True)}
    assert {answer for answer in said if isinstance(answer, str)} <= {"a reader reads one article at a time"}


# ------------------------------------------------------------------------------------------------------------ training


@pytest.mark.parametrize(
    "features",
    [FeatureSettings(), FeatureSettings(longest=1), FeatureSettings(pooling="article", longest=3)],
    ids=["sentences", "words", "articles"],
)
def test_training_sees_the_same_numbers_without_the_kernel(
    examples: list[Example], features: FeatureSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    fast = read_examples(examples, TOPICS, features, 2, names=True)
    monkeypatch.setenv("CLASSIFIER_KERNEL", "python")
    assert isinstance(reader(), PlainReader)
    plain = read_examples(examples, TOPICS, features, 2, names=True)
    assert (fast.words, fast.hint_terms) == (plain.words, plain.hint_terms)
    for one, other in ((fast.counts, plain.counts), (fast.hints, plain.hints)):
        for part in ("data", "indices", "indptr"):
            assert getattr(one, part).dtype == getattr(other, part).dtype
            assert np.array_equal(getattr(one, part), getattr(other, part))
    for part in ("labels", "article", "number", "gold", "lengths"):
        assert np.array_equal(getattr(fast, part), getattr(plain, part))


@given(text=st.text(alphabet=st.one_of(st.characters(), st.sampled_from(TELLING))))
def test_who_reads_many_texts_reads_what_everybody_reads(text: str) -> None:
    assert sentences_of(text) == sentence_spans(text)
    assert tokens_of(text) == tokens(text)


@pytest.mark.parametrize("number", [-1, 2])
def test_only_runs_that_were_met_have_numbers(number: int) -> None:
    for one in (reader(), PlainReader(1)):
        one.read("a b", [[(0, 3)]], True)
        assert [one.term(0), one.term(1)] == ["a", "b"]
        with pytest.raises(IndexError):
            one.term(number)


def test_the_matrix_counts_the_terms_of_each_passage(examples: list[Example]) -> None:
    data = read_examples(examples, TOPICS, FeatureSettings(pooling="article"), 2, names=False)
    bags = [Counter(ngrams(tokens(example.article.content), 2)) for example in examples]
    passages_with = Counter(term for bag in bags for term in bag)
    assert data.words == sorted(term for term, count in passages_with.items() if count >= 2)
    assert data.counts.toarray().tolist() == [[bag[term] for term in data.words] for bag in bags]
    assert data.lengths.tolist() == [len(tokens(example.article.content)) for example in examples]


def test_hints_are_those_of_the_lists(corpus_examples: list[Example], shipped: TopicModel) -> None:
    lists, part = HintLists.of_topics(shipped.topics), corpus_examples[::50]
    data = read_examples(part, shipped.topics, FeatureSettings(pooling="article"), 2, names=False)
    expected = [article_hints([lists.found(tokens(example.article.content))])[0] for example in part]
    found = [frozenset(data.hint_terms[column] for column in row.nonzero()[0]) for row in data.hints.toarray()]
    assert found == expected


def test_topics_without_lists_have_no_hints(examples: list[Example]) -> None:
    bare = Topics([topic.changed(hints={}) for topic in TOPICS])
    assert read_examples(examples, bare, FeatureSettings(), 2, names=True).hint_terms == []


# --------------------------------------------------------------------------------------------------------------- trust


@pytest.mark.parametrize(
    "damage",
    [
        {"pages": array("H", [60000] * 4352)},
        {"pages": array("H", [0] * 4351)},
        {"folds": array("I", [0] * 255)},
        {"folds": b"\0" * 1023},
        {"classes": array("H", [0] * 256)},
        {"folds": b"", "classes": b""},
    ],
)
def test_tables_that_would_lead_astray_are_refused(damage: dict[str, Any]) -> None:
    tables = {**character_tables(), **damage}
    with pytest.raises(ValueError, match=r"\w"):
        kernel.Reader((tables["pages"], tables["folds"], tables["classes"]), word_texts(), 2)


@pytest.mark.parametrize("longest", [0, -1, 2**63])
def test_runs_of_no_length_are_refused(longest: int) -> None:
    with pytest.raises((ValueError, OverflowError)):
        made(longest)


class Crossing:
    """A 0 that calls something while a reader takes its arguments."""

    def __init__(self, call: Callable[[], object]) -> None:
        self._call = call

    def __index__(self) -> int:
        self._call()
        return 0


@pytest.mark.parametrize(
    "call",
    [
        (b"text", [], True),
        ("text", None, True),
        ("text", [None], True),
        ("text", [[(0, 5)]], True),
        ("text", [[(2, 1)]], True),
        ("text", [[(2, 3), (0, 1)]], True),
        ("text", [[(-1, 1)]], True),
        ("text", [[(0, 4)], [(0,)]], True),
        ("text",),
    ],
)
def test_a_wrong_call_is_an_error_and_leaves_nothing_behind(call: tuple[object, ...]) -> None:
    one = made()
    with pytest.raises((TypeError, ValueError)):
        one.read(*call)  # type: ignore[arg-type]
    assert rows(one, "ferry", [[(0, 5)]], learn=True) == [[("ferry", 1)]]


def test_a_reader_that_is_called_while_it_takes_its_arguments_answers_both() -> None:
    one = made()
    number: Any = Crossing(lambda: one.read("comet", [[(0, 5)]], True))
    one.read("ferry", [[(number, 5)]], True)
    assert [one.term(0), one.term(1)] == ["comet", "ferry"]


def test_spans_that_are_taken_away_meanwhile_are_an_error() -> None:
    one, passages = made(), [[(0, 1)]]
    number: Any = Crossing(passages[0].clear)
    passages[0][:] = [(number, 1), (1, 2)]
    with pytest.raises((IndexError, TypeError)):
        one.read("ferry", passages, True)
    number = Crossing(passages.clear)
    passages[:] = [[(number, 1)], [(1, 2)]]
    with pytest.raises((IndexError, TypeError)):
        one.read("ferry", passages, True)


class Liar(str):
    """A text that says it is ASCII."""

    __slots__ = ()

    def isascii(self) -> bool:
        return True


def test_a_text_that_says_it_is_ascii_is_not_believed() -> None:
    text = "été ferry \ud800 漢"
    agree(made(), Liar(text))
    assert made().read(Liar(text), [[(0, len(text))]], True) == PlainReader(2).read(text, [[(0, len(text))]], True)


@pytest.mark.parametrize("number", [-1, 0, 2**31, 2**70])
def test_a_number_that_no_run_has_is_an_error(number: int) -> None:
    with pytest.raises((IndexError, OverflowError)):
        made().term(number)


def test_random_texts_full_of_traps_are_read_alike() -> None:
    source, one, plain = random.Random(6), made(3), PlainReader(3)
    for _ in range(1000):
        text = random_text(source, 60)
        agree(one, text)
        passages = [[span] for span in sentence_spans(text)]
        assert one.read(text, passages, True) == plain.read(text, passages, True)
