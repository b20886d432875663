"""`show`, `terminal`, `page`, `overview`: lines fit, orders to the terminal do not get through, pages hold nothing foreign."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import Article, TopicModel
from classifier.contents import model_record, term_record
from classifier.marked import page_article, page_foot, page_head
from classifier.overview import show_model, show_term
from classifier.show import show_explanation, show_prediction
from classifier.terminal import Style, columns, cut, printable, wrap
from classifier.training import Training
from tests.test_model import PIECES, pooled

__all__ = ["pooled"]  # a fixture

SEA = Article("Bread is dear.\n\nThe ferry from Le Havre\tdocked late.", title="Three items", id="sea.txt")
NAMES = {"sea": "Seafaring", "sky": "Stars"}
PAINTED = re.compile("\x1b\\[[0-9;]+m")


@given(st.text() | st.lists(PIECES).map("".join), st.integers(1, 130))
def test_wrapped_lines_fit_and_keep_every_word(text: str, width: int) -> None:
    style = Style(colour=False, width=width)
    lines = wrap(text, [], style, "  ", "  ")
    assert all(columns(line) <= style.width for line in lines)
    assert all(character.isprintable() or not character.isascii() for line in lines for character in line)
    shown, given_ = ("".join("".join(part).split()) for part in (lines, [text]))
    assert len(shown) == len(given_)


def test_colour_lies_inside_the_sentence_and_only_where_it_is_wanted(training: Training) -> None:
    explanation = training.model.explain(SEA, "sea")
    coloured = show_explanation(SEA, [explanation], NAMES, Style(colour=True, width=80))
    plain = show_explanation(SEA, [explanation], NAMES, Style(colour=False, width=80))
    assert "\x1b[1;32mThe ferry" in coloured
    assert "\x1b" not in plain
    assert "[+The ferry" in plain
    assert "names a craft of Seafaring: ferry" in plain
    assert plain.count("\t") == 0


def test_the_terms_shown_and_the_rest_add_up_to_the_share_of_the_sentence(training: Training) -> None:
    plain = show_explanation(SEA, [training.model.explain(SEA, "sea")], NAMES, Style(colour=False, width=100))
    share = float(next(line for line in plain.splitlines() if "Havre" in line).split()[0])
    terms = [float(number) for number in re.findall(r"^ {9}([+-]\d\.\d{3}) ", plain, re.MULTILINE)]
    assert sum(terms) == pytest.approx(share, abs=0.01)  # numbers of two and three decimals


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_every_line_of_an_answer_fits(training: Training, width: int) -> None:
    article = replace(SEA, title="漢字" * 40, id="名前.txt")
    style = Style(colour=False, width=width)
    prediction = training.model.predict(article, explain=True)
    for shown in (prediction, replace(prediction, explanations=())):
        for line in show_prediction(article, shown, NAMES, style).splitlines():
            assert columns(line) <= style.width


def test_an_article_scored_whole_shows_its_weightiest_sentences(pooled: TopicModel) -> None:
    text = " ".join(["Prices for bread rose again."] * 30) + " The ferry from Le Havre docked late."
    shown = show_explanation(Article(text), [pooled.explain(Article(text), "sea")], NAMES, Style(colour=False, width=120))
    assert "docked" in shown
    assert "the other 28 sentences" in shown
    assert len(shown.splitlines()) < 25


def test_a_text_cannot_order_a_terminal_about() -> None:
    assert cut("a\x1b[31mb\x07\u202ec", 20) == "a�[31mb��c"
    assert cut("漢字漢字", 5) == "漢字…"
    assert printable("“a” – é…", "ascii") == '"a" - ?...'
    assert printable("“a”", "utf-8") == "“a”"


def test_nothing_to_show_is_said(training: Training) -> None:
    article = Article("…", id="x")
    shown = show_explanation(
        article, training.model.explanations(Article(""), ["sea"]), NAMES, Style(colour=False, width=80)
    )
    assert "no   Seafaring" in shown
    assert "below the threshold" in shown
    assert "none of the topics" in show_prediction(
        article, training.model.predict(article, explain=True), NAMES, Style(colour=False, width=80)
    )


# ----------------------------------------------------------------------------------------------------------------- page


class Reader(HTMLParser):
    """Reads a page back: its texts without the shares, its tags, whether they close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag == "div":
            self.texts.append("")
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "div" in self.open and "small" not in self.open:
            self.texts[-1] += data


@given(
    title=st.lists(PIECES, max_size=5).map("".join),
    text=st.lists(PIECES | st.sampled_from(["<script>", "&amp;", '"', "</mark>", "\x00", "\x1b", "\ud800"])).map("".join),
)
def test_a_page_shows_the_text_as_it_is_and_nothing_in_it_is_code(
    training: Training, pooled: TopicModel, title: str, text: str
) -> None:
    article = Article(text, title=title, id="<b>")
    for model in (training.model, pooled):
        prediction = model.predict(article, explain=True)
        page = (
            page_head()
            + page_article(1, article, prediction, NAMES)
            + page_article(2, article, prediction, NAMES)
            + page_foot()
        )
        page.encode()
        reader = Reader()
        reader.feed(page)
        assert not reader.open
        assert len(reader.ids) == len(set(reader.ids))
        assert not reader.tags & {"script", "img", "link", "iframe"}
        expected = article.content if prediction.explanations else article.text
        safe = re.sub("[\x00\x1b\ud800]", "�", expected)
        assert all(shown.replace("\u2060", "") == safe for shown in reader.texts)


def test_a_page_loads_nothing_and_serves_dark_and_narrow_screens() -> None:
    head = page_head()
    assert "http" not in head.replace("http-equiv", "")
    assert "url(" not in head
    for demand in ("default-src 'none'", "prefers-color-scheme: dark", "width=device-width", 'lang="en"'):
        assert demand in head


# ------------------------------------------------------------------------------------------------------------- contents


def test_a_model_is_shown_with_its_topics_terms_lists_and_origin(training: Training) -> None:
    record = model_record(training.model, top=3)
    sea, _ = record["topics"]
    # weights fall in order, and the strongest word of the sea is a sea word
    assert list(sea["for"].values()) == sorted(sea["for"].values(), reverse=True)
    assert all(weight < 0 for weight in sea["against"].values())
    assert len(sea["for"]) == len(sea["against"]) == 3
    assert record["lists"] == {"sea/craft": 2, "sea/places": 1, "sky/bodies": 2}
    assert model_record(training.model, topic="sky", top=3)["lists"] == {"sky/bodies": 2}
    assert sum(record["terms"].values()) == len(training.model.table.rows)
    shown = show_model(record, NAMES, Style(colour=False, width=80))
    assert "names a craft of Seafaring" in shown
    assert record["kernel"] in shown


@pytest.mark.parametrize("typed", ["ferry", "FERRY", "férry", " Ferry! "])
def test_a_term_is_found_as_anybody_types_it(training: Training, typed: str) -> None:
    record = term_record(training.model, typed)
    model = training.model
    row = model.table.rows["ferry"]
    assert record["known"]
    assert record["idf"] == pytest.approx(model.table.idf[row], abs=1e-6)
    assert record["weights"]["sea"] == pytest.approx(model.table.weights[row * 2], abs=1e-6)
    hint = model.table.weights[model.table.rows["@sea/craft"] * 2] * model.settings.hint_weight
    assert record["lists"]["sea/craft"] == pytest.approx(hint, abs=1e-6)


def test_runs_hints_and_unknown_terms_are_told_apart(training: Training) -> None:
    model = training.model
    assert term_record(model, "Le Havre")["term"] == "le havre"
    assert term_record(model, "@sea/craft")["value"] == model.settings.hint_weight
    unknown = term_record(model, "ferrry")
    assert not unknown["known"]
    assert unknown["nearest"][0] == "ferry"
    assert "spelt like it: ferry" in show_term(unknown, NAMES, Style(colour=False, width=80))
    assert "no term of this model" in show_term(term_record(model, "?!"), NAMES, Style(colour=False, width=80))
