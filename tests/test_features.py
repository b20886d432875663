"""`features`: the weights are TF-IDF's, the hints say what their lists say."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from classifier.features import Bag, FeatureSettings, HintLists, article_bags, weigh
from classifier.text import ngrams, tokens
from tests.conftest import TOPICS


def test_word_weights_agree_with_scikit_learn_to_1e_9() -> None:
    sentences = [
        "The convoy crossed the border at dawn.",
        "Border guards saw the convoy, and the convoy saw them.",
        "Bread, bread, bread and nothing else!",
        "",
        "Unrelated.",
    ]
    vectorizer = TfidfVectorizer(analyzer=lambda text: ngrams(tokens(text), 2), sublinear_tf=True)
    expected = vectorizer.fit(sentences).transform(sentences).toarray()
    columns = vectorizer.vocabulary_
    idf = {term: float(vectorizer.idf_[column]) for term, column in columns.items()}
    for row, bag in zip(
        expected, article_bags([tokens(s) for s in sentences], HintLists({}), FeatureSettings()), strict=True
    ):
        weights = weigh(bag, idf)
        for term, column in columns.items():
            assert weights.get(term, 0.0) == pytest.approx(row[column], abs=1e-9)


@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(1, 9)))
def test_the_words_of_a_sentence_have_length_one(counts: dict[str, int]) -> None:
    weights = weigh(Bag(counts, frozenset()), dict.fromkeys(counts, 2.0))
    length = math.sqrt(sum(w * w for w in weights.values()))
    assert length == pytest.approx(1.0 if counts else 0.0)


def test_a_term_outside_the_vocabulary_weighs_nothing() -> None:
    assert weigh(Bag({"known": 1, "new": 5}, frozenset({"@new"})), {"known": 3.0}) == {"known": 1.0}


def test_a_hint_holds_in_its_sentence_its_neighbours_and_its_article() -> None:
    bags = article_bags(
        [tokens(s) for s in ("A comet", "A TUG-BOAT in Le  Havre", "Rain")], HintLists.of_topics(TOPICS), FeatureSettings()
    )
    everywhere = {"@article:sea/craft", "@article:sea/places", "@article:sky/bodies", "@title:sky/bodies"}
    assert bags[0].hints == everywhere | {"@sky/bodies"}
    assert bags[1].hints == everywhere | {"@sea/craft", "@sea/places", "@sea/craft+sea/places", "@before:sky/bodies"}
    assert bags[2].hints == everywhere | {"@before:sea/craft", "@before:sea/places"}


def test_a_hint_is_matched_as_whole_words_only() -> None:
    (bag,) = article_bags([tokens("Ferryman, tugboat, havre")], HintLists.of_topics(TOPICS), FeatureSettings())
    assert not bag.hints


def test_no_word_of_a_text_can_look_like_a_hint() -> None:
    (bag,) = article_bags([tokens("@sea/craft")], HintLists.of_topics(TOPICS), FeatureSettings())
    assert set(bag.words) == {"sea", "craft", "sea craft"}
    assert not bag.hints
