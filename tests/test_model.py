"""`model`: the best sentence decides, shares add up, offsets lie on their words, spelling does not matter."""

from collections.abc import Iterator

import pytest

from classifier import Article, TopicModel, UsageError
from classifier.records import Example
from classifier.text import tokens
from classifier.training import Training

SEA = "Prices for bread rose again.\n\nThe ferry from Le Havre docked an hour late.\n\nThe mayor praised the choir."


def test_the_best_sentence_decides_and_is_named(training: Training) -> None:
    prediction = training.model.predict(Article(SEA, title="Three items"))
    assert prediction.topics == ("sea",)
    (evidence,) = [e for e in prediction.evidence if e.topic == "sea"]
    assert evidence.sentence == "The ferry from Le Havre docked an hour late."
    assert f"Three items\n\n{SEA}"[evidence.start : evidence.end] == evidence.sentence
    assert evidence.score == prediction.scores["sea"]


def test_the_article_score_is_the_highest_sentence_score(training: Training, examples: list[Example]) -> None:
    for example in examples:
        prediction = training.model.predict(example.article)
        for topic in training.model.topics.ids:
            explanation = training.model.explain(example.article, topic)
            assert explanation.score == max(s.score for s in explanation.sentences) == prediction.scores[topic]


def test_shares_and_bias_add_up_to_the_score_and_spans_lie_on_their_terms(
    shipped: TopicModel, corpus_examples: list[Example]
) -> None:
    for example in corpus_examples[::25]:
        for topic in shipped.topics.ids:
            explanation = shipped.explain(example.article, topic)
            for sentence in explanation.sentences:
                assert explanation.bias + sum(t.share for t in sentence.terms) == pytest.approx(sentence.score, abs=1e-9)
                assert explanation.bias + sentence.share == pytest.approx(sentence.score, abs=1e-9)
                for term in sentence.terms:
                    assert bool(term.spans) == (not term.term.startswith("@"))
                    for start, end in term.spans:
                        assert " ".join(tokens(example.article.content[start:end])) == term.term


@pytest.mark.parametrize("hyphen", "\u2010\u2011\u2012\u2013\u2014\u2015 ")
def test_hyphens_case_and_accents_change_no_score(shipped: TopicModel, hyphen: str) -> None:
    plain = shipped.predict(Article("Peacekeepers left Nagorno-Karabakh, President Erdogan said."))
    other = shipped.predict(Article(f"PEACEKEEPERS left Nagorno{hyphen}Karabakh, President Erdoğan said."))
    assert other.scores == pytest.approx(plain.scores)


def test_furniture_does_not_vote_unless_asked_to(training: Training) -> None:
    story = "The mayor praised the choir, and the choir sang for the mayor and all who had come to the hall that evening."
    page = f"{story}\n\n{story}\n\nMost read\nThe ferry from Le Havre docked an hour late ..."
    article = Article(page)
    assert training.model.predict(article).topics == ()
    assert training.model.predict(article).set_aside > 40
    assert training.model.predict(article, whole_text=True).topics == ("sea",)


def test_an_unknown_topic_is_an_error_that_names_the_known_ones(training: Training) -> None:
    with pytest.raises(UsageError, match=r"'wind'.*sea, sky"):
        training.model.explain(Article("x"), "wind")


def test_a_text_without_words_carries_nothing_and_says_why(training: Training) -> None:
    for text in ("", "…", "12", "\n\n"):
        prediction = training.model.predict(Article(text))
        assert prediction.topics == ()
        assert any("too short" in warning for warning in prediction.warnings)


@pytest.mark.parametrize(
    "text",
    [
        "Der Bürgermeister lobte am Montag den Chor, während die Preise für Brot wieder stiegen und niemand wusste, warum.",
        "Le maire a félicité la chorale lundi, tandis que le prix du pain augmentait et que personne ne savait pourquoi.",
        "De burgemeester prees maandag het koor, terwijl de prijzen van brood weer stegen en niemand wist waarom.",
        "Belediye başkanı pazartesi günü koroyu övdü, ekmek fiyatları yine yükselirken kimse nedenini bilmiyordu.",
    ],
)
def test_another_language_is_warned_of(shipped: TopicModel, text: str) -> None:
    warnings = shipped.predict(Article(text)).warnings
    assert any("not the language of training" in warning for warning in warnings)
    assert any("mostly unknown words" in warning for warning in warnings)


def test_an_article_outside_the_lengths_of_training_is_warned_of(shipped: TopicModel) -> None:
    sentence = (
        "The mayor praised the choir on Monday, while prices for bread went up again and nobody could say why this was so. "
    )
    (warning,) = shipped.predict(Article(sentence)).warnings  # 22 words: shorter than any article of the corpus
    assert warning == "22 words; the articles that taught the model had 44 to 1012"
    assert shipped.predict(Article(sentence * 2)).warnings == ()
    (warning,) = shipped.predict(Article(sentence * 50)).warnings
    assert warning.startswith("1100 words")


def test_many_articles_are_answered_lazily_and_in_order(training: Training) -> None:
    read = []

    def articles() -> Iterator[Article]:
        for number in range(3):
            read.append(number)
            yield Article(SEA, id=str(number))

    answers = training.model.predict_many(articles())
    assert not read
    assert next(answers).id == "0"
    assert read == [0]
    assert [answer.id for answer in answers] == ["1", "2"]
