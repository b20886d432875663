"""`furniture`: side columns do not vote, and a clean article is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.furniture import article_spans

ARTICLE = """Harbour strike enters its second week

Dockers in the northern port stayed away from work for the ninth day on Tuesday, and the owners said that they would not raise their offer.

Talks are due to go on at the end of the week, according to the union, which has asked the ministry to send somebody who can decide.

What the owners say

The firm that runs the quays has lost two of its customers to the port across the bay, and it is not known whether they will be back."""

PAGE = f"""Home
World
Sport
Share this article

{ARTICLE}

Most read

Comet seen over the bay as crowds gather on the pier to look at it through ...

Ten new cases of the fever were found in the old town on Monday and the schools in it ...

Related: Fever closes the schools
Subscribe to our newsletter
Copyright 2021"""


def kept(text: str) -> str:
    return "\n".join(text[start:end] for start, end in article_spans(text))


def test_a_clean_article_passes_unchanged() -> None:
    assert article_spans(ARTICLE) == [(0, len(ARTICLE))]


def test_teasers_boxes_and_footers_go() -> None:
    text = kept(PAGE)
    for gone in ("Comet", "fever", "Fever", "Subscribe", "Copyright", "Most read"):
        assert gone not in text


def test_headline_subheads_and_late_paragraphs_stay() -> None:
    text = kept(PAGE)
    for paragraph in ARTICLE.split("\n\n"):
        assert paragraph in text


def test_a_pointer_in_the_middle_goes_and_what_follows_it_stays() -> None:
    first, second = ARTICLE.split("\n\n")[1:3]
    assert kept(f"{first}\n\nRead also: Comet seen over the bay\n\n{second}") == f"{first}\n{second}"


@pytest.mark.parametrize(
    "sentence",
    [
        "Related talks in Geneva ended without a result.",
        "Watchdogs reported chlorine in the air.",
        "Comments by the minister drew anger.",
        "Watch how the harbour fills, said the pilot.",
    ],
)
def test_a_sentence_that_begins_like_a_pointer_stays(sentence: str) -> None:
    first, second = ARTICLE.split("\n\n")[1:3]
    assert sentence in kept(f"{first}\n\n{sentence}\n\nRead also: Comet over the bay.\n\n{second}")
    assert "Comet" not in kept(f"{first}\n\n{sentence}\n\nRead also: Comet over the bay.\n\n{second}")


@given(st.text(alphabet=st.sampled_from("ab .\nMost read…")))
def test_spans_are_in_order_and_inside_the_text(text: str) -> None:
    position = 0
    for start, end in article_spans(text):
        assert position <= start < end <= len(text)
        position = end


@given(st.text())
def test_a_text_with_words_never_loses_all_of_them(text: str) -> None:
    assert bool(article_spans(text)) == bool(text)
