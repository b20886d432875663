"""`evidence`, `places` and `wording`: offsets lie in the user's own fields, shares add up, hints read as sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import Article, TopicModel
from classifier.evidence import evidence_records, telling
from classifier.places import in_fields, weighty_runs
from classifier.records import ExplainedSentence, Explanation, Share
from classifier.text import tokens
from classifier.training import Training
from classifier.wording import in_words, names_that_hit
from tests.test_model import PIECES, lies_on, pooled

__all__ = ["pooled"]  # a fixture

NAMES = {"syria": "Syria", "covid": "COVID-19"}


@given(title=st.text(max_size=8), text=st.text(max_size=20), data=st.data())
def test_a_place_of_the_content_is_the_same_characters_of_title_and_text(title: str, text: str, data: st.DataObject) -> None:
    article = Article(text, title=title)
    start = data.draw(st.integers(0, len(article.content)))
    end = data.draw(st.integers(start, len(article.content)))
    pieces = [getattr(article, field)[at:to] for field, at, to in in_fields(article, start, end)]
    assert all(pieces)
    # the blank line between title and text belongs to neither
    assert "".join(pieces).split() == article.content[start:end].split() or len(pieces) == 2
    assert len("".join(pieces)) >= end - start - 2


def assert_records(model: TopicModel, article: Article) -> None:
    for record in evidence_records(article, model.explanations(article, model.topics.ids)):
        assert getattr(article, record["field"])[record["start"] : record["end"]] == record["sentence"]
        added = record["bias"] + sum(term["share"] for term in record["terms"]) + record["rest"]
        assert added == pytest.approx(record["score"], abs=1e-6)
        for term in record["terms"]:
            words = [getattr(article, p["field"])[p["start"] : p["end"]] for p in term["places"]]
            if len({p["field"] for p in term["places"]}) == 1:  # a run across title and text is in two pieces
                assert all(lies_on(model, term["term"], word) for word in words)
            elif not term["term"].startswith("@"):
                assert all(set(tokens(word)) <= set(term["term"].split()) for word in words)


@given(title=st.lists(PIECES, max_size=5).map("".join), text=st.lists(PIECES, max_size=40).map("".join))
def test_records_point_into_the_fields_as_given(training: Training, pooled: TopicModel, title: str, text: str) -> None:
    for model in (training.model, pooled):
        assert_records(model, Article(text, title=title))


def test_a_record_has_the_best_sentence_and_its_weightiest_terms(training: Training) -> None:
    article = Article("Bread is dear. The fer\u00adry from Le\tHavre docked late.", title="Report")
    (record,) = evidence_records(article, [training.model.explain(article, "sea")])
    assert (record["field"], record["start"], record["end"]) == ("text", 15, 52)
    places = {term["term"]: term["places"] for term in record["terms"]}
    assert places["@sea/craft"] == [{"field": "text", "start": 19, "end": 25}]  # "fer-ry" with a soft hyphen
    assert places["from le"] == [{"field": "text", "start": 26, "end": 33}]
    assert [abs(t["share"]) for t in record["terms"]] == sorted((abs(t["share"]) for t in record["terms"]), reverse=True)


def test_sentences_that_only_their_neighbours_lift_are_not_shown() -> None:
    def sentence(score: float, own: float) -> ExplainedSentence:
        return ExplainedSentence("a", 0, 1, score, score + 1.0, own, ())

    # the best stays although nearly all of its share is lent; 0.3 of 1.4 is less than a quarter, 0.4 is not
    best, lifted, own = sentence(0.5, 0.1), sentence(0.4, 0.3), sentence(0.4, 0.4)
    explanation = Explanation("sea", 0.5, 0.0, True, True, False, -1.0, (lifted, best, own))
    assert telling(explanation) == [best, own]


def test_an_article_scored_whole_names_the_sentence_with_the_greatest_part(pooled: TopicModel) -> None:
    article = Article("Bread is dear. The ferry from Le Havre docked late. The choir sang.", title="Report")
    explanation = pooled.explain(article, "sea")
    (whole,) = explanation.sentences
    assert [article.content[start:end] for start, end, _ in whole.parts] == [
        "Report",
        "Bread is dear.",
        "The ferry from Le Havre docked late.",
        "The choir sang.",
    ]
    assert sum(part for _, _, part in whole.parts) == pytest.approx(whole.share, abs=1e-9)
    (record,) = evidence_records(article, [explanation])
    assert record["sentence"] == "The ferry from Le Havre docked late."


def test_a_terms_share_falls_in_equal_parts_to_its_places_and_their_words() -> None:
    # "b b" stands once and has 0.6: 0.3 a word; "b" stands twice and has 0.2: 0.1 a word; "c" has too little
    terms = (Share("b b", 0.6, ((2, 5),)), Share("b", 0.2, ((2, 3), (4, 5))), Share("c", 0.01, ((6, 7),)))
    sentence = ExplainedSentence("a b b c", 0, 7, 0.8, 0.8, 0.8, terms)
    ((start, end, weight),) = weighty_runs(sentence)
    assert (start, end) == (2, 5)
    assert weight == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("term", "words"),
    [
        ("jabal al", "jabal al"),
        ("@syria/places", "names a place of Syria"),
        ("@title:syria/country", "the headline names the country of Syria"),
        ("@before:covid/vaccines", "the sentence before names a vaccine of COVID-19"),
        ("@article:syria/talks", "the article names a word of the list “talks” of Syria"),
        ("@syria/people+syria/places", "names a person and a place of Syria"),
        ("@sport/places", "names a place of sport"),
    ],
)
def test_hints_are_worded_for_people(term: str, words: str) -> None:
    assert in_words(term, NAMES) == words


def test_the_names_that_hit_are_given_as_the_article_has_them() -> None:
    article = Article("Idlib, Homs, Hama and\nAl\nBab; Idlib", title="")
    spans = ((0, 5), (7, 11), (13, 17), (22, 28), (30, 35))
    assert names_that_hit(article, Share("@syria/places", 1.0, spans)) == "Idlib, Homs, Hama and 1 more"
    assert names_that_hit(article, Share("idlib", 1.0, ((0, 5),))) == ""
