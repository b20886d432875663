"""`model`: the best sentence decides, shares add up, offsets lie on their words, spelling does not matter."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import Article, TopicModel, UsageError
from classifier.decision import Rule
from classifier.features import FeatureSettings, hint_parts
from classifier.records import Annotation, Example
from classifier.saving import compiled
from classifier.text import tokens
from classifier.training import ARTICLE_RECIPES, Training, train
from tests.conftest import ROOT, TOPICS

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


def test_an_explanation_reads_words_as_the_answer_does(training: Training, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel has its characters from the model, and plain Python has those of its own Unicode version."""
    fast = compiled(training.model)
    assert fast.kernel == "C", "the kernel was not built: pip install . builds it where there is a C compiler"
    expected = fast.explain(Article(SEA), "sea")
    monkeypatch.setattr("classifier.model.tokens", lambda _: ["other", "words"])
    assert fast.explain(Article(SEA), "sea") == expected


REAL = ROOT.parent / "shared" / "realnews" / "dev.jsonl"


@pytest.fixture(scope="session")
def pooled(examples: list[Example]) -> TopicModel:
    """A model that scores whole articles, learnt from the articles' topics alone."""
    plain = [
        replace(e, annotation=Annotation(e.article.id, e.article.title, dict.fromkeys(e.annotation.evidence, ())))
        for e in examples
    ]
    recipe = replace(ARTICLE_RECIPES[0], features=FeatureSettings(pooling="article"), names=True)
    return train(plain, TOPICS, [recipe]).model


def lies_on(model: TopicModel, term: str, words: str) -> bool:
    """Tell whether words of an article are the term, or for a hint a name of the lists that hit."""
    name = " ".join(tokens(words))
    if not term.startswith("@"):
        return name == term
    return not set(model.hints.lists_of_name[name]).isdisjoint(hint_parts(term)[1])


def assert_exact(model: TopicModel, article: Article) -> None:
    """Hold that explanations have the scores of the prediction to the last bit, add up, and lie on their words."""
    prediction = model.predict(article)
    content = article.content
    for explanation in model.explanations(article, model.topics.ids):
        assert explanation.score == prediction.scores[explanation.topic]
        assert explanation.carried == (explanation.topic in prediction.topics)
        assert explanation.unsure == (explanation.topic in prediction.unsure)
        best = max((s.score for s in explanation.sentences), default=explanation.bias)
        assert best == explanation.score
        for sentence in explanation.sentences:
            assert content[sentence.start : sentence.end] == sentence.text
            assert explanation.bias + sum(t.share for t in sentence.terms) == pytest.approx(sentence.score, abs=1e-6)
            assert explanation.bias + sentence.share == pytest.approx(sentence.score, abs=1e-6)
            context = sum(t.share for t in sentence.terms if ":" in t.term)
            assert sentence.own + context == pytest.approx(sentence.share, abs=1e-6)
            for term in sentence.terms:
                for start, end in term.spans:
                    assert lies_on(model, term.term, content[start:end])


def test_explanations_are_exact_on_the_corpus(shipped: TopicModel, corpus_examples: list[Example]) -> None:
    for example in corpus_examples[::25]:
        assert_exact(shipped, example.article)
        for explanation in shipped.explanations(example.article, shipped.topics.ids):
            assert all(term.spans for sentence in explanation.sentences for term in sentence.terms)


@pytest.mark.skipif(not REAL.is_file(), reason="the real articles are not beside this checkout")
def test_explanations_are_exact_on_real_articles(shipped: TopicModel) -> None:
    for line in REAL.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        assert_exact(shipped, Article(record["text"], title=record.get("title") or ""))


def test_words_parted_by_what_was_set_aside_stand_nowhere_as_a_run(pooled: TopicModel) -> None:
    prose = "was what the mayor had praised and the choir that sang for all who had come to the hall in the evening"
    article = Article(f"The choir {prose} of the\nRelated: Bread is dear\nferry {prose}.")
    assert pooled.predict(article).set_aside > 20
    assert_exact(pooled, article)
    (whole,) = pooled.explain(article, "sea").sentences
    spans = {term.term: term.spans for term in whole.terms}
    assert len(spans["ferry"]) == 1
    assert spans["the ferry"] == ()


def test_where_every_article_has_a_topic_the_explanation_says_so(training: Training) -> None:
    model = training.model
    rule = Rule(model.rule.decisions, at_least_one=True)
    always = TopicModel(model.topics, model.hints, model.settings, model.table, rule, model.norms, model.card)
    article = Article("A dog won.")
    assert_exact(always, article)
    (given_,) = [e for e in always.explanations(article, always.topics.ids) if e.carried]
    assert not given_.reached


PIECES = st.sampled_from(
    [
        *("ferry", "Le", "Havre", "tug\u00adboat", "TUG", "boat", "Sa\u0301turn", "com\u200det", "cometé", "Saturn,"),
        *(
            "The",
            "docked",
            ".",
            ". ",
            "! ",
            "\n",
            "\n\n",
            " - ",
            "-",
            "\u2011",
            " ",
            "\t",
            "ß",
            "ﬁ",
            "İ",
            "漢",
            "\U0001f600",
        ),
        *(
            "\nMost read\n",
            "\nRelated: ferry\n",
            "and it was for the crew that they had come to the hall on that day with all. ",
        ),
    ]
)


@given(title=st.lists(PIECES, max_size=5).map("".join), text=st.lists(PIECES, max_size=60).map("".join))
def test_explanations_are_exact_whatever_the_text(training: Training, pooled: TopicModel, title: str, text: str) -> None:
    for model in (training.model, pooled):
        assert_exact(model, Article(text, title=title))


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
