"""`training` from articles whose gold names topics and no sentences: what is chosen, what teaches, what counts."""

import json
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from classifier.answered import gold_array
from classifier.errors import SourceError, TrainingError
from classifier.features import FeatureSettings
from classifier.labelled import example_of, gold_of, topics_in
from classifier.matrices import read_examples
from classifier.records import Annotation, Article, Example
from classifier.retrain import Options, retrain
from classifier.thresholds import micromacro_thresholds
from classifier.topics import Topic, Topics
from classifier.training import ARTICLE_RECIPES, Recipe, _folds, train

DRAW = random.Random(5)
FILLER = [
    a + b + c
    for a in ("bra", "mo", "ti", "se", "lu")
    for b in ("ve", "na", "ko", "ri")
    for c in ("st", "l", "n", "m", "rt", "d")
]
BOATS, STARS = Topic("boats", "Boats", ""), Topic("stars", "Stars", "")
TWO = Topics([BOATS, STARS])
WORDS = {"boats": ("ferry", "harbour", "sailor", "anchor"), "stars": ("comet", "telescope", "orbit", "planet")}


def sentence(rest: int, *words: str) -> str:
    found = [DRAW.choice(FILLER) for _ in range(rest)] + list(words)
    DRAW.shuffle(found)
    return " ".join(found).capitalize() + "."


def example(number: int, text: str, topics: Sequence[str], unknown: Sequence[str] = (), group: str = "") -> Example:
    annotation = Annotation(str(number), "", dict.fromkeys(topics, ()), frozenset(unknown))
    return Example(Article(text, id=str(number)), annotation, group)


def plain(number: int) -> Example:
    """Return an article of one sentence that carries boats, stars, both or none."""
    topics = [["boats"], ["stars"], [], ["boats", "stars"]][number % 4]
    return example(number, sentence(14, *(word for t in topics for word in DRAW.sample(WORDS[t], 2))), topics)


def needle(number: int) -> Example:
    """Return a long article that carries boats if two of its words meet in one sentence, and not if they stand apart."""
    carries = number % 2 == 0
    sentences = [sentence(8) for _ in range(10)]
    pair = ["ferry", "harbour"]
    if carries:
        sentences[DRAW.randrange(10)] = sentence(4, *pair)
    else:
        sentences[2], sentences[7] = sentence(12, "ferry"), sentence(12, "harbour")
    return example(number, " ".join(sentences), ["boats"] if carries else [])


PLAIN = [plain(number) for number in range(120)]
PLAIN_TRAINING = train(PLAIN, TWO, ARTICLE_RECIPES)


def test_articles_with_topics_alone_teach_a_model() -> None:
    model = PLAIN_TRAINING.model
    assert model.predict(Article(sentence(14, "ferry", "anchor"))).topics == ("boats",)
    assert model.predict(Article(sentence(14))).topics == ()


def test_the_recipe_is_the_one_that_ranks_held_out_articles_best() -> None:
    reached = dict(PLAIN_TRAINING.tried)
    assert set(reached) == set(ARTICLE_RECIPES)
    assert reached[PLAIN_TRAINING.recipe] == max(reached.values())
    assert PLAIN_TRAINING.model.settings == PLAIN_TRAINING.recipe.features


def test_where_single_sentences_carry_the_topic_sentences_are_scored_and_named() -> None:
    training = train([needle(number) for number in range(160)], Topics([BOATS]), ARTICLE_RECIPES)
    assert training.recipe.features.pooling == "sentence"
    text = f"{sentence(8)} {sentence(8)} The ferry left the harbour. {sentence(8)}"
    (evidence,) = training.model.predict(Article(text)).evidence
    assert evidence.sentence == "The ferry left the harbour."


def test_of_an_article_without_named_sentences_the_most_telling_one_is_evidence() -> None:
    """Of the sentences of an article that carries a topic, all but one teach nothing in the last fit."""
    long = [needle(number) for number in range(60)]
    recipe = Recipe(FeatureSettings(longest=1), C=1.0)
    data = read_examples(long, Topics([BOATS]), recipe.features, 2, names=False)
    undecided = data.undecided()
    assert undecided is not None
    carried = data.gold[data.article, 0] == 1
    assert (undecided[:, 0] == carried).all()
    scores = np.where(undecided, np.arange(len(carried))[:, None], -np.inf)
    chosen = data.highest(scores) & undecided
    assert np.bincount(data.article, chosen[:, 0]).tolist() == data.gold[:, 0].tolist()
    # a word of half of a story's sentences is no sign: the model must have left them out
    model = train(long, Topics([BOATS]), [recipe]).model
    assert model.predict(Article(sentence(4, "ferry", "harbour"))).topics == ("boats",)
    assert model.predict(Article(sentence(6))).topics == ()


def test_named_sentences_leave_nothing_undecided() -> None:
    named = Example(Article("The ferry docked. It rained."), Annotation("", "", {"boats": (0,)}), "g")
    assert read_examples([named], TWO, FeatureSettings(), 1, names=True).undecided() is None


def test_names_of_topics_teach() -> None:
    quiet = [example(n, sentence(14, "ferry") if n % 2 else sentence(14), ["boats"] if n % 2 else []) for n in range(60)]
    named = [
        example(100 + n, sentence(14, "boats"), []) for n in range(2)
    ]  # the word is known but was never taught as a sign
    scores = [
        train(quiet + named, Topics([BOATS]), [Recipe(FeatureSettings("article", 1), C=1.0, names=names)])
        .model.predict(Article("Boats"))
        .scores["boats"]
        for names in (True, False)
    ]
    assert scores[0] > scores[1]


def test_what_was_not_judged_neither_teaches_nor_counts() -> None:
    # "harbour" stands in every second article; where it stands, boats were not judged
    rows = []
    for number in range(80):
        words = (["ferry"] if number % 4 == 0 else []) + (["harbour"] if number % 2 else [])
        rows.append(
            example(number, sentence(14, *words), ["boats"] if number % 4 == 0 else [], ["boats"] if number % 2 else [])
        )
    training = train(rows, Topics([BOATS]), [Recipe(FeatureSettings("article", 1), C=1.0)])
    assert (training.gold[:, 0] == -1).sum() == 40
    table = training.model.table
    denied = [example(int(e.article.id), e.article.text, e.annotation.topics) for e in rows]
    against = train(denied, Topics([BOATS]), [Recipe(FeatureSettings("article", 1), C=1.0)]).model.table
    assert against.weights[against.rows["harbour"]] < -0.05
    assert "harbour" not in table.rows or abs(table.weights[table.rows["harbour"]]) < 1e-9


def test_every_article_is_given_a_topic_only_if_every_training_article_has_one() -> None:
    always = [e for e in PLAIN if e.annotation.topics]
    one = Recipe(FeatureSettings("article", 1), C=1.0)
    detected = train(always, TWO, [one])
    assert detected.model.rule.at_least_one
    assert any("every article will be given one" in remark for remark in detected.remarks)
    assert len(detected.model.predict(Article(sentence(20))).topics) == 1
    refused = train(always, TWO, [Recipe(FeatureSettings("article", 1), C=1.0, at_least_one=False)])
    assert not refused.model.rule.at_least_one
    assert not refused.remarks
    assert not PLAIN_TRAINING.model.rule.at_least_one


def test_thresholds_are_means_over_rounds_that_deal_articles_anew() -> None:
    one, two = (train(PLAIN, TWO, [Recipe(FeatureSettings("article", 1), C=1.0, rounds=n)]) for n in (1, 2))
    expected = micromacro_thresholds(one.gold, one.scores, Recipe().shrinkage)
    assert [d.threshold for d in one.model.rule.decisions] == pytest.approx(expected)
    assert [d.threshold for d in two.model.rule.decisions] != pytest.approx(expected)
    first, second = _folds([str(n) for n in range(120)], one.gold, Recipe(rounds=2))
    assert (first != second).any()


def test_near_duplicates_share_a_fold_unless_events_are_given() -> None:
    twice = [example(n, PLAIN[n // 2].article.text, PLAIN[n // 2].annotation.topics) for n in range(120)]
    fold = train(twice, TWO, ARTICLE_RECIPES[:1]).fold
    assert (fold[::2] == fold[1::2]).all()
    apart = [Example(e.article, e.annotation, str(number)) for number, e in enumerate(twice)]
    fold = train(apart, TWO, ARTICLE_RECIPES[:1]).fold
    assert (fold[::2] != fold[1::2]).any()


def test_topics_with_next_to_no_articles_are_remarked_on() -> None:
    rows = [*PLAIN, *(example(900 + n, sentence(14, "quill"), ["ink"]) for n in range(2))]
    training = train(rows, Topics([*TWO, Topic("ink", "Ink", "")]), ARTICLE_RECIPES[:1])
    assert any("ink (2)" in remark for remark in training.remarks)
    decision = training.model.rule.decisions[2]
    assert (decision.lower, decision.upper) == (None, None)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (PLAIN[:9], "There are 9 labelled articles"),
        ([example(n, sentence(14), ["boats", "stars"]) for n in range(20)], "boats has 20 articles that carry it and 0"),
        ([example(n, sentence(14), []) for n in range(20)], "boats has 0 articles that carry it and 20"),
        ([example(n, "Always the same words here.", ["boats", "stars"] if n % 2 else []) for n in range(20)], "1 groups"),
        (
            [example(n, "!!! ???", ["boats", "stars"] if n % 2 else []) for n in range(20)],
            "No word stands in 2 passages of the 20",
        ),
    ],
)
def test_what_cannot_teach_is_a_clear_error(rows: list[Example], message: str) -> None:
    with pytest.raises(TrainingError, match=message):
        train(rows, TWO, ARTICLE_RECIPES)


# ------------------------------------------------------------------------------------------------------- labelled records


def record(**extra: object) -> Article:
    return Article("It rains. It pours. It ends.", id="a", extra=extra)


def test_gold_is_read_from_topics_or_labels_as_a_list_or_as_csv_has_it() -> None:
    for extra in ({"topics": ["stars", "boats"]}, {"labels": ["stars", "boats"]}, {"topics": " stars ; boats;"}):
        assert gold_of(record(**extra), TWO) == (("boats", "stars"), frozenset())
    assert gold_of(record(topics=[], unknown=["stars"]), TWO) == ((), frozenset({"stars"}))
    assert gold_of(record(topics="sun, moon;"), Topics([Topic("sun, moon", "", "")]))[0] == ("sun, moon",)


def test_evidence_and_event_come_along() -> None:
    found = example_of(record(topics=["boats"], evidence={"boats": [2, 0]}, event="flood"), TWO)
    assert (found.annotation.evidence, found.group) == ({"boats": (0, 2)}, "flood")


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ({}, "has no gold topics"),
        ({"topics": 3}, "is no list of topics"),
        ({"topics": ["boats\nstars"]}, "is no list of topics"),
        ({"topics": "boats, stars"}, "is one string, 'boats, stars'. Put semicolons"),
        ({"topics": '["boats"]'}, "is one string"),
        ({"topics": ["wind"]}, "Unknown topic 'wind'"),
        ({"topics": ["boats"], "unknown": ["boats"]}, "both carries boats and leaves it unknown"),
        ({"topics": ["boats"], "evidence": {"stars": [1]}}, "names topics that"),
        ({"topics": ["boats"], "evidence": {"boats": ["x"]}}, "holds no sentence numbers"),
        ({"topics": ["boats"], "evidence": {"boats": [True]}}, "holds no sentence numbers"),
        ({"topics": ["boats"], "evidence": {"boats": [3]}}, "names sentence 3, and the last one is 2"),
    ],
)
def test_gold_that_is_none_is_an_error_that_names_the_article(extra: dict[str, object], message: str) -> None:
    with pytest.raises(SourceError, match=rf"Article a.*{message}"):
        example_of(record(**extra), TWO)


def test_the_topics_of_a_file_are_those_it_names_unless_two_differ_in_case_only() -> None:
    found = topics_in([record(topics=["b-c", "a"]), record(topics=[], unknown=["d"]), record(topics=7)])
    assert [(topic.id, topic.name) for topic in found] == [("a", "a"), ("b-c", "b c"), ("d", "d")]
    with pytest.raises(TrainingError, match="'Syria' and 'syria' differ in case"):
        topics_in([record(topics=["Syria"]), record(topics=["syria"])])
    with pytest.raises(TrainingError, match="No article names a topic"):
        topics_in([record(topics=[])])
    with pytest.raises(TrainingError, match=r'No article names a topic\. Article a: "topics" is no list'):
        topics_in([record(topics=[3])])


def test_where_nothing_was_judged_nothing_is_measured() -> None:
    with pytest.raises(SourceError, match="nothing to measure by"):
        gold_array([record(topics=[], unknown=["boats", "stars"])], TWO)
    assert gold_array([record(topics=["boats"], unknown=["stars"])], TWO).tolist() == [[1, -1]]


# ------------------------------------------------------------------------------------------------------------- replacing


def test_a_worse_model_does_not_replace_a_better_one_unless_told_to(tmp_path: Path) -> None:
    retrain(PLAIN, TWO, tmp_path / "m", provenance={}, options=Options(trials=False))
    before = {file.name: file.read_bytes() for file in (tmp_path / "m").iterdir()}
    blurred = [Example(Article(sentence(14), id=e.article.id), e.annotation, "") for e in PLAIN]
    with pytest.raises(TrainingError, match=r"worse than the one in .*macro-F1 .* → .*Nothing was written"):
        retrain(blurred, TWO, tmp_path / "m", provenance={}, options=Options())
    assert {file.name: file.read_bytes() for file in (tmp_path / "m").iterdir()} == before
    retrain(blurred, TWO, tmp_path / "m", provenance={}, options=Options(accept_worse=True, trials=False))
    assert (tmp_path / "m" / "model.safetensors").read_bytes() != before["model.safetensors"]


def test_the_same_or_other_articles_replace_a_model_without_a_question(tmp_path: Path) -> None:
    retrain(PLAIN, TWO, tmp_path / "m", provenance={}, options=Options())
    before = {file.name: file.read_bytes() for file in (tmp_path / "m").iterdir()}
    assert {"report.html", "report.json", "README.md", "model.json"} < set(before)
    retrain(PLAIN, TWO, tmp_path / "m", provenance={}, options=Options(jobs=2))
    assert {file.name: file.read_bytes() for file in (tmp_path / "m").iterdir()} == before
    others = [Example(Article(sentence(14), id=f"other {e.article.id}"), e.annotation, "") for e in PLAIN]
    retrain(others, TWO, tmp_path / "m", provenance={}, options=Options(trials=False))


def test_promises_are_settled_by_the_user(tmp_path: Path) -> None:
    report, _ = retrain(PLAIN, TWO, tmp_path / "m", provenance={}, options=Options(precision=0.6, recall=0.7, trials=False))
    assert not report.learning
    assert [(row.promised_precision, row.promised_recall) for row in report.review] == [(0.6, 0.7)] * 2
    recipe = json.loads((tmp_path / "m" / "model.json").read_text())["recipe"]
    assert (recipe["precision"], recipe["recall"]) == (0.6, 0.7)
