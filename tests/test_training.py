"""`training`: no event on both sides, thresholds from unseen scores, the same bytes whatever the number of cores."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from sklearn.svm import LinearSVC

from classifier.errors import TrainingError
from classifier.features import FeatureSettings, HintLists, article_bags, weigh
from classifier.matrices import read_examples
from classifier.model import read_sentences
from classifier.records import Annotation, Article, Example
from classifier.saving import save
from classifier.text import tokens
from classifier.training import EVIDENCE_RECIPES, Recipe, Training, demand_room, train
from tests.conftest import ROOT, TOPICS


def test_no_event_lies_in_two_folds_and_topics_are_spread_evenly(training: Training, examples: list[Example]) -> None:
    groups = np.array([example.group for example in examples])
    for group in set(groups):
        assert len(set(training.fold[groups == group])) == 1
    for column in range(len(TOPICS)):
        per_fold = np.bincount(training.fold, training.gold[:, column], 5)
        # events carry up to two positives, so folds can differ by that much
        assert per_fold.max() - per_fold.min() <= 2


def test_the_table_says_what_scikit_learn_would_say(training: Training, examples: list[Example]) -> None:
    """The same sentences, weighed by the plain reference and fitted by scikit-learn alone, give the same scores."""
    settings, lists = FeatureSettings(), HintLists.of_topics(TOPICS)
    bags, labels = [], []
    for example in examples:
        spans, own = read_sentences(example.article)
        content = example.article.content
        new = article_bags([tokens(content[a:b]) for a, b in spans], lists, settings)
        gold = [number in example.annotation.evidence.get("sea", ()) for number in own]
        named = [any(hint in bag.hints for hint in ("@sea/craft", "@sea/places")) for bag in new]
        silent = any(g and n for g, n in zip(gold, named, strict=True))  # then sentences without a name teach nothing
        labels += [-1 if silent and not n else int(g) for g, n in zip(gold, named, strict=True)]
        bags += new
    df = Counter(term for bag in bags for term in bag.words)
    words = sorted(term for term, count in df.items() if count >= Recipe().rarest)
    hints = sorted({hint for bag in bags for hint in bag.hints if "sea/" in hint})
    idf = {term: float(np.log((1 + len(bags)) / (1 + df[term]))) + 1 for term in words}
    idf |= {hint: settings.context_weight if ":" in hint else settings.hint_weight for hint in hints}
    dense = np.array(
        [[weights.get(term, 0.0) for term in (*words, *hints)] for weights in (weigh(bag, idf) for bag in bags)]
    )
    taught = np.array(labels) >= 0
    machine = LinearSVC(C=Recipe().C, random_state=0).fit(dense[taught], np.array(labels)[taught])
    expected = machine.decision_function(dense)
    found = [training.model.score_bag(bag)[0] for bag in bags]
    # liblinear shuffles by column order and stops at a tolerance, so the two fits agree to about 1e-3
    assert np.abs(np.array(found) - expected).max() < 5e-3


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_same_corpus_gives_the_same_bytes_whatever_the_number_of_jobs(
    training: Training, examples: list[Example], tmp_path: Path, jobs: int
) -> None:
    save(training.model, tmp_path / "one")
    save(train(examples, TOPICS, EVIDENCE_RECIPES, jobs=jobs).model, tmp_path / "other")
    for name in ("model.safetensors", "model.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


def test_articles_are_scored_by_models_that_have_not_seen_them(training: Training, examples: list[Example]) -> None:
    fitted = np.array([list(training.model.predict(e.article).scores.values()) for e in examples])
    gold = training.gold == 1
    assert training.scores[gold].mean() < fitted[gold].mean()


def test_doubtful_sentences_teach_nothing(examples: list[Example]) -> None:
    doubted = [
        Example(e.article, Annotation(e.annotation.id, e.annotation.title, {}, doubtful=e.annotation.evidence), e.group)
        if number % 2
        else e
        for number, e in enumerate(examples)
    ]
    denied = [
        Example(e.article, Annotation(e.annotation.id, e.annotation.title, {}), e.group) if n % 2 else e
        for n, e in enumerate(examples)
    ]
    article = examples[0].article
    sure, unsure = (train(rows, TOPICS, EVIDENCE_RECIPES).model.predict(article).scores["sea"] for rows in (denied, doubted))
    assert unsure > sure


def weights_of(rows: list[Example]) -> np.ndarray:
    data = read_examples(rows, TOPICS, FeatureSettings(), 2, names=False)
    return data.weights(0, data.labels)


def test_evidence_counts_less_where_an_article_has_much_of_it() -> None:
    texts = {"x": "The ferry docked. A tug boat left. It rained.", "y": "The ferry docked. It rained."}
    evidence = {"x": (1, 2), "y": (1,)}
    rows = [Example(Article(t, title="T", id=i), Annotation(i, "T", {"sea": evidence[i]}), i) for i, t in texts.items()]
    weights = weights_of(rows)
    # 1/√2, 1/√2 and 1, scaled by 3 / (√2 + 1) so that they sum to 3; every other sentence counts 1
    scale = 3 / (2**0.5 + 1)
    assert weights.tolist() == pytest.approx([1, scale / 2**0.5, scale / 2**0.5, 1, 1, scale, 1])


def test_too_little_to_learn_from_is_an_error_that_names_the_topic(examples: list[Example]) -> None:
    without = [Example(e.article, Annotation(e.annotation.id, e.annotation.title, {"sky": (1,)}), e.group) for e in examples]
    with pytest.raises(TrainingError, match="sea has 0 articles that carry it"):
        train(without, TOPICS, EVIDENCE_RECIPES)
    with pytest.raises(TrainingError, match="There are 9 labelled articles"):
        train(examples[:9], TOPICS, EVIDENCE_RECIPES)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="this system does not tell how much memory a process has")
def test_where_memory_is_limited_training_says_so_before_the_linear_algebra_asks_for_it() -> None:
    # The shared objects are loaded first, then memory is limited to what the process has and 40 MB more.
    script = (
        "import os, resource\n"
        "from classifier.training import demand_room\n"
        "pages = int(open('/proc/self/statm').read().split()[0])\n"
        "most = pages * os.sysconf('SC_PAGE_SIZE') + 40_000_000\n"
        "resource.setrlimit(resource.RLIMIT_AS, (most, most))\n"
        "try:\n    demand_room()\nexcept MemoryError:\n    print('refused')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "refused\n"


def test_where_there_is_memory_nothing_is_refused() -> None:
    demand_room()
