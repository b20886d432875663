"""The kernel says what plain Python says, to the last bit, on whatever text there is, and trusts no table."""

import random
import threading
from array import array
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.characters import character_tables
from classifier.features import FeatureSettings
from classifier.furniture import first_look
from classifier.model import TopicModel
from classifier.native import native
from classifier.records import Annotation, Article, Example
from classifier.saving import compiled
from classifier.storage import _KERNEL_ARRAYS
from classifier.tables import hash_table, key
from classifier.text import character_class, fold_character, sentence_spans, word_texts
from classifier.training import ARTICLE_RECIPES, EVIDENCE_RECIPES, Training, train
from tests.conftest import TOPICS
from tests.kernel import random_articles, random_text, twins

kernel = pytest.importorskip("classifier._kernel", reason="the kernel was not built here: no C compiler")

HOSTILE = [
    "",
    "\x00",
    "\ud800",
    "\udfff\ud800 ferry",
    "a" * 1_000_000,
    "\u0301" * 50_000 + "ferry",
    "ferry " * 20_000,
    ".\n" * 10_000,
    "ferry\u00ad boat" * 3000,
    "a.b.c.d. " * 5000,
    "İ. İstanbul i.İ. The",
    "ﷺ ferry ﬁre",
]


@pytest.fixture(scope="module", params=["sentence", "article"])
def pair(request: pytest.FixtureRequest, examples: list[Example], training: Training) -> tuple[TopicModel, TopicModel]:
    if request.param == "sentence":
        return twins(training.model)
    plain = [
        replace(e, annotation=Annotation(e.article.id, e.article.title, dict.fromkeys(e.annotation.evidence, ())))
        for e in examples
    ]
    recipe = replace(ARTICLE_RECIPES[0], features=FeatureSettings(pooling="article", longest=3))
    return twins(train(plain, TOPICS, [recipe]).model)


def agree(pair: tuple[TopicModel, TopicModel], article: Article) -> None:
    fast, plain = pair
    for whole_text in (False, True):
        assert fast.predict(article, whole_text=whole_text) == plain.predict(article, whole_text=whole_text)


@given(text=st.text(), title=st.text(max_size=20))
def test_kernel_and_python_agree_on_any_text(pair: tuple[TopicModel, TopicModel], text: str, title: str) -> None:
    agree(pair, Article(text, title=title))


def test_kernel_and_python_agree_on_texts_full_of_traps(pair: tuple[TopicModel, TopicModel]) -> None:
    for article in random_articles(seed=1, count=1500):
        agree(pair, article)


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_kernel_and_python_agree_on_hostile_texts(pair: tuple[TopicModel, TopicModel], number: int) -> None:
    agree(pair, Article(HOSTILE[number]))


def test_kernel_and_python_agree_on_a_long_article(pair: tuple[TopicModel, TopicModel]) -> None:
    """The kernel looks up about 16,000 tokens at one go; names and runs stand on either side of where it stops."""
    words, source = "The ferry from Le Havre docked in the harbour late Saturn comet . ring".split(), random.Random(4)
    agree(pair, Article(" ".join(source.choice(words) for _ in range(60_000)), title="Le Havre"))
    agree(pair, Article("Le Havre. " * 20_000))


def test_shipped_model_agrees_on_the_corpus(shipped: TopicModel, corpus_examples: list[Example]) -> None:
    pair = twins(shipped)
    for example in corpus_examples[::20]:
        agree(pair, example.article)
    for article in random_articles(seed=2, count=300):
        agree(pair, article)


def test_sentences_are_those_of_python(pair: tuple[TopicModel, TopicModel]) -> None:
    source, made = random.Random(3), pair[0]._kernel
    for _ in range(1500):
        text = random_text(source, 60)
        assert made.sentences(text) == sentence_spans(text)  # type: ignore[union-attr]


def test_a_long_article_leaves_nothing_for_the_next(pair: tuple[TopicModel, TopicModel]) -> None:
    short = Article("The ferry from Le Havre docked late. A comet passed.")
    before = pair[0].predict(short)
    pair[0].predict(Article("A comet in the harbour. " * 200_000))
    assert pair[0].predict(short) == before == pair[1].predict(short)


def test_threads_may_share_a_kernel(pair: tuple[TopicModel, TopicModel]) -> None:
    articles = list(random_articles(seed=4, count=100, longest=400))
    expected = [pair[0].predict(article) for article in articles]
    found: dict[int, list[object]] = {}

    def work(number: int) -> None:
        found[number] = [pair[0].predict(article) for article in articles]

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(found[number] == expected for number in range(4))


class Liar(str):
    """A text that says of itself what is not so."""

    __slots__ = ()

    def isascii(self) -> bool:
        return True


@pytest.mark.parametrize("text", ["Le Havre: die Fähre \u2026 ferry", "\ud800 ferry", "ferry"])
def test_a_text_that_lies_about_itself_leads_nobody_astray(pair: tuple[TopicModel, TopicModel], text: str) -> None:
    pair[0]._kernel.scores([(Liar(text), 0, None)])  # type: ignore[union-attr]
    assert pair[0].predict(Article(text)) == pair[1].predict(Article(text))


def test_topics_of_many_texts_are_those_of_each(pair: tuple[TopicModel, TopicModel]) -> None:
    texts = [article.text for article in random_articles(seed=5, count=600)]
    fast, plain = pair
    expected = [plain.predict(Article(text)).topics for text in texts]
    assert fast.topics_of(texts) == plain.topics_of(texts) == expected


# --------------------------------------------------------------------------------------------------------------- tables


def test_every_character_is_found_in_the_tables_as_python_sees_it() -> None:
    tables = character_tables()
    for code in range(0x110000):
        place = tables["pages"][code >> 8] * 256 + (code & 255)
        fold = tables["folds"][place]
        folded = " " if fold == 0 else "" if fold == 1 else fold.to_bytes(4, "little").rstrip(b"\0").decode()
        assert folded == (fold_character(chr(code)).encode("utf-8", "replace").decode()), hex(code)
        assert tables["classes"][place] == character_class(chr(code)), hex(code)


def test_every_term_is_found_under_its_own_number(pair: tuple[TopicModel, TopicModel]) -> None:
    fast = pair[0]
    for term, row in fast.table.rows.items():
        assert fast._kernel.row(key(term)) == row  # type: ignore[union-attr]
    assert fast._kernel.row(key("no such term")) == -1  # type: ignore[union-attr]


def test_a_table_is_never_more_than_half_full() -> None:
    for count in (0, 1, 2, 3, 100):
        slots = hash_table([key(f"term{n}") for n in range(count)])
        assert sum(1 for number in slots[1::2] if number) == count
        assert len(slots) // 2 >= 2 * count


def tables_of(model: TopicModel) -> dict[str, bytes]:
    from classifier.saving import _bytes_of

    return _bytes_of(model)


def build(tables: dict[str, bytes], model: TopicModel, numbers: Sequence[int] = ()) -> object:
    width, lists, longest, names = numbers or (2, 3, model.settings.longest, model.hints.longest)
    words = (b"\nmr\n", b"\nfeb\n", b"\nthe\n")
    arrays = tuple(tables[n] for n in _KERNEL_ARRAYS)
    return kernel.Kernel(arrays, width, lists, longest, names, True, 0.0, words, first_look())


def ints(code: str, *numbers: int) -> bytes:
    return array(code, numbers).tobytes()


DAMAGES: dict[str, Callable[[dict[str, bytes]], dict[str, bytes]]] = {
    "a page that is not there": lambda _: {"pages": ints("H", *[60000] * 4352)},
    "pages cut short": lambda t: {"pages": t["pages"][:-2]},
    "folds cut short": lambda t: {"folds": t["folds"][:-4]},
    "folds with a page missing": lambda t: {"folds": t["folds"][:-1024], "classes": t["classes"][:-512]},
    "classes cut short": lambda t: {"classes": t["classes"][:-2]},
    "no slots": lambda _: {"slots": b""},
    "slots that are no power of two": lambda t: {"slots": t["slots"] + t["slots"][:8]},
    "half a slot": lambda t: {"slots": t["slots"][:-4]},
    "a full table": lambda t: {"slots": ints("I", *([7, 1] * (len(t["slots"]) // 8)))},
    "a number beyond the last term": lambda t: {"slots": ints("I", *([7, 0, 7, 2**32 - 1] * (len(t["slots"]) // 16)))},
    "a full table of names": lambda t: {"names": ints("I", *([7, 1] * (len(t["names"]) // 8)))},
    "a name beyond the last": lambda t: {"names": ints("I", *([7, 0, 7, 99] * (len(t["names"]) // 16)))},
    "masks cut short": lambda t: {"masks": t["masks"][:-8]},
    "a row that is not there": lambda t: {"hint_rows": ints("i", *[10**6] * (len(t["hint_rows"]) // 4))},
    "a row below none": lambda t: {"hint_rows": ints("i", *[-2] * (len(t["hint_rows"]) // 4))},
    "rows cut short": lambda t: {"hint_rows": t["hint_rows"][:-4]},
    "terms cut short": lambda t: {"terms": t["terms"][: t["terms"].rindex(b"\n")]},
    "no sieve": lambda _: {"sieve": b""},
    "no sieve of names": lambda _: {"name_sieve": b""},
    "a sieve that is no power of two": lambda t: {"sieve": t["sieve"] * 3},
    "a sieve cut short": lambda t: {"sieve": t["sieve"][:-1]},
    "weights cut short": lambda t: {"weights": t["weights"][:-4]},
    "an idf of nothing": lambda t: {"idf": bytes(len(t["idf"]))},
    "an idf that is no number": lambda t: {"idf": b"\xff" * len(t["idf"])},
    "weights that are no numbers": lambda t: {"weights": b"\xff" * len(t["weights"])},
    "a bias without end": lambda _: {"bias": array("d", [float("inf")] * 2).tobytes()},
    "bias cut short": lambda t: {"bias": t["bias"][:-8]},
}


@pytest.mark.parametrize("damage", sorted(DAMAGES))
def test_a_table_that_would_lead_astray_is_refused(training: Training, damage: str) -> None:
    tables = tables_of(training.model)
    build(tables, training.model)
    with pytest.raises(ValueError, match=r"\w"):
        build(tables | DAMAGES[damage](tables), training.model)


@pytest.mark.parametrize(
    "numbers",
    [(0, 3, 2, 2), (-1, 3, 2, 2), (2, -1, 2, 2), (2, 4, 2, 2), (2, 3, 0, 2), (2, 3, 6, 2), (2, 3, 2, 999), (2**62, 3, 2, 2)],
)
def test_settings_that_fit_no_table_are_refused(training: Training, numbers: tuple[int, ...]) -> None:
    with pytest.raises((ValueError, OverflowError)):
        build(tables_of(training.model), training.model, numbers)


def test_a_body_without_a_sign_of_furniture_is_answered_at_once(pair: tuple[TopicModel, TopicModel]) -> None:
    kernel = pair[0]._kernel
    assert kernel is not None
    clean, page = "Most read\n\nThe ferry docked late.", "The ferry docked late.\nMost read\nFares rose."
    body = len("Most read\n\n")  # what begins like a sign is the title
    assert kernel.answer_clean(clean, body) == kernel.answer(clean, body, None)
    assert kernel.answer_clean(clean, 0) is None
    assert kernel.answer_clean(page, 0) is None


@pytest.mark.parametrize(
    "call",
    [
        ("text", -1, None),
        ("text", 5, None),
        ("text", 0, [(0, 5)]),
        ("text", 0, [(2, 1)]),
        ("text", 0, [(2, 3), (0, 1)]),
        ("text", 0, [(-3, 1)]),
        ("text", 0, [(1,)]),
        ("text", 0, ((0, 1),)),
        (b"text", 0, None),
        (None, 0, None),
        ("text",),
        "text",
    ],
)
def test_a_wrong_call_is_an_error(pair: tuple[TopicModel, TopicModel], call: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        pair[0]._kernel.scores([call])  # type: ignore[union-attr, list-item]
    with pytest.raises((TypeError, ValueError)):
        pair[0]._kernel.answer(*call)  # type: ignore[union-attr, misc]


class Forgetful(list[bytes]):
    """A sequence that makes its items anew, so that nobody holds them."""

    def __getitem__(self, place: object) -> bytes:  # type: ignore[override]
        """Return the item as a new object."""
        return b"" + bytes(bytearray(super().__getitem__(place)))  # type: ignore[call-overload]


@pytest.mark.parametrize("kind", [list, Forgetful, type("Others", (tuple,), {})])
def test_tables_and_words_come_in_tuples(training: Training, kind: Callable[[object], object]) -> None:
    tables = tables_of(training.model)
    sound = tuple(tables[name] for name in _KERNEL_ARRAYS)
    numbers = (2, 3, training.model.settings.longest, training.model.hints.longest, True, 0.0)
    assert kernel.Kernel(sound, *numbers, word_texts(), first_look()).tokens("a b") == ["a", "b"]
    calls: list[tuple[type, tuple[object, ...]]] = [
        (kernel.Kernel, (kind(sound), *numbers, word_texts(), first_look())),
        (kernel.Kernel, (sound, *numbers, kind(word_texts()), first_look())),
        (kernel.Kernel, (sound, *numbers, word_texts(), kind(first_look()))),
        (kernel.Reader, (kind(sound[:3]), word_texts(), 1)),
        (kernel.Reader, (sound[:3], kind(word_texts()), 1)),
    ]
    for made, wrong in calls:
        with pytest.raises(TypeError):
            made(*wrong)


def test_a_kernel_of_another_checkout_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert native("Kernel") is kernel.Kernel
    monkeypatch.delattr(kernel, "EDITION")
    assert native("Kernel") is None


def test_compiled_models_round_weights_as_files_do(training: Training) -> None:
    assert list(compiled(training.model).table.weights) == list(array("f", training.model.table.weights))
    assert EVIDENCE_RECIPES[0].features.pooling == "sentence"
