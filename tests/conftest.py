"""What tests share: a small corpus of templates, the model trained on it, and the shipped data."""

import dataclasses
import itertools
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import classifier
from classifier.assess import assess_training
from classifier.labels import join, load_annotations, load_topics
from classifier.records import Annotation, Article, Example
from classifier.report import Report
from classifier.topics import Topic, Topics
from classifier.training import EVIDENCE_RECIPES, Training, train
from classifier.trials import with_trials

ROOT = Path(__file__).resolve().parent.parent

# No test is timed, since machines may be busy. At a desk every run tries other examples; where CI is set it tries the same.
settings.register_profile(
    "classifier", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI"))
)
settings.load_profile("classifier")

SEA = Topic("sea", "Seafaring", "Ships and harbours.", {"craft": ("ferry", "tug boat"), "places": ("Le Havre",)}, ("ferry",))
SKY = Topic("sky", "Stars", "Stars and planets.", {"bodies": ("Saturn", "comet")}, ("saturn", "comet"))
TOPICS = Topics([SEA, SKY])

_SEA = [
    "The ferry from Le Havre docked {} late.",
    "A tug boat towed the {} freighter in.",
    "Sailors of the {} crew went on strike.",
]
_SKY = ["Astronomers saw a {} ring of Saturn.", "The {} comet passes in March.", "A {} telescope counted the moons."]
_REST = [
    "The {} market opened on Monday.",
    "Prices for {} bread rose again.",
    "The mayor praised the {} choir.",
    "A {} dog won.",
]
_WORDS = ["old", "red", "small", "famous", "northern", "quiet", "broken", "new", "wooden", "large", "late", "royal"]


def make_examples() -> list[Example]:
    """Return 72 articles of four sentences: a third carries `sea`, a third `sky`, some both."""
    examples = []
    for number in range(72):
        word = itertools.cycle(_WORDS[number % 12 :] + _WORDS[: number % 12])
        sentences = [template.format(next(word)) for template in _REST[number % 4 :] + _REST[: number % 4]][:3]
        evidence: dict[str, tuple[int, ...]] = {}
        if number % 3 == 0:
            sentences.append(_SEA[number % 9 // 3].format(next(word)))
            evidence["sea"] = (len(sentences),)
        if number % 3 == 1 or number % 12 == 0:
            sentences.append(_SKY[number // 3 % 3].format(next(word)))
            evidence["sky"] = (len(sentences),)
        article = Article(
            id=f"t{number:02d}",
            title=f"Report number {number}",
            text=" ".join(sentences),
            date=f"20{number % 20:02d}-01-01",
            extra={"event": f"event-{number // 2}", "genre": "brief", "design": "template"},
        )
        examples.append(Example(article, Annotation(article.id, article.title, evidence), f"event-{number // 2}"))
    return examples


@pytest.fixture(scope="session")
def examples() -> list[Example]:
    return make_examples()


@pytest.fixture(scope="session")
def training(examples: list[Example]) -> Training:
    return train(examples, TOPICS, EVIDENCE_RECIPES)


@pytest.fixture(scope="session")
def shipped() -> classifier.TopicModel:
    return classifier.load(ROOT / "models" / "news")


@pytest.fixture(scope="session")
def corpus_examples() -> list[Example]:
    from classifier.corpus import load_corpus

    gold = ROOT / "labels" / "gold.tsv"
    topics = load_topics(ROOT / "labels" / "topics.toml")
    return join(load_corpus(ROOT / "corpus"), load_annotations(gold, topics), gold)


@pytest.fixture(scope="session")
def taught() -> tuple[list[Example], Training]:
    """Return 144 articles of three genres and eight years, enough for all that a report can have, and their training.

    Gold is wrong for six of them, so that there are mistakes to show.
    """
    twice = []
    for number, example in enumerate([*make_examples(), *make_examples()]):
        extra = {"event": f"event-{number // 2}", "genre": ("brief", "analysis", "a <list> & more")[number % 3]}
        article = dataclasses.replace(
            example.article, id=f"d{number:03d}", date=f"{2001 + number // 2 % 8}-05-01", extra=extra
        )
        wrong: dict[int, dict[str, tuple[int, ...]]] = {0: {}, 2: {"sky": (1,)}}
        evidence = wrong.get(number % 48, example.annotation.evidence)
        annotation = dataclasses.replace(example.annotation, id=article.id, evidence=evidence)
        twice.append(Example(article, annotation, extra["event"]))
    return twice, train(twice, TOPICS, EVIDENCE_RECIPES)


@pytest.fixture(scope="session")
def report(taught: tuple[list[Example], Training]) -> Report:
    examples, training = taught
    first = [example.annotation for example in examples]
    # the second reader saw ships in one article more
    second = [dataclasses.replace(a, evidence={**a.evidence, "sea": (0,)}) if a.id == "d001" else a for a in first]
    found = with_trials(assess_training(examples, training, (first, second)), examples, training, jobs=1)
    return dataclasses.replace(found, behaviour=(("capitals", 3, 4),), provenance={"corpus": "0123"})
