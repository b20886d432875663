"""What reading costs, with the kernel and without: the tables of characters, texts, training articles, one long explanation.

    python -m tests.benchmarks.reading [DATA.jsonl] [--runs 5]

Of each the least processor time of some runs, in seconds: other work on the machine makes a run longer, never shorter. DATA
is labelled articles; the corpus is always read. `CLASSIFIER_KERNEL=python` is the plain column of training. The article that
is explained is articles of DATA joined to a million characters.
"""

import argparse
import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from classifier import Article, TopicModel, load
from classifier.characters import character_tables
from classifier.corpus import load_corpus
from classifier.labelled import example_of, topics_in
from classifier.labels import join, load_annotations, load_topics
from classifier.matrices import read_examples
from classifier.reading import PlainReader, Reader, reader
from classifier.records import Example
from classifier.sources import read_inputs
from classifier.topics import Topics
from classifier.training import ARTICLE_RECIPES, EVIDENCE_RECIPES, Recipe

ROOT = Path(__file__).resolve().parent.parent.parent
_LONG = 1_000_000  # characters
_VARIABLE = "CLASSIFIER_KERNEL"


def least(call: Callable[[], object], runs: int) -> float:
    """Return the least processor time of some calls in seconds."""
    times = []
    for _ in range(runs):
        begun = time.process_time()
        call()
        times.append(time.process_time() - begun)
    return min(times)


def both(call: Callable[[], object], runs: int) -> tuple[float, float]:
    """Return the times with the kernel and without."""
    fast = least(call, runs)
    before = os.environ.get(_VARIABLE)
    os.environ[_VARIABLE] = "python"
    try:
        return fast, least(call, runs)
    finally:
        del os.environ[_VARIABLE]
        if before is not None:
            os.environ[_VARIABLE] = before


def row(what: str, fast: float, plain: float) -> None:
    print(f"| {what} | {fast:.3f} | {plain:.3f} | {plain / fast:.1f} |", flush=True)


def _asked(ask: Callable[[Reader], object], made: Callable[[int], Reader]) -> object:
    return ask(made(2))


def texts(articles: Sequence[Article], runs: int) -> None:
    """Print what each question costs of one text that is all articles."""
    text = "\n\n".join(article.content for article in articles)
    whole = [[(0, len(text))]]
    questions: dict[str, Callable[[Reader], object]] = {
        "tokens": lambda one: one.tokens(text),
        "tokens with places": lambda one: one.token_spans(text),
        "sentences": lambda one: one.sentences(text),
        "runs of one and two, counted": lambda one: one.read(text, whole, True),
    }
    for name, ask in questions.items():
        fast, plain = (least(partial(_asked, ask, made), runs) for made in (reader, PlainReader))
        row(f"{name} of {len(text) / 1e6:.1f} million characters", fast, plain)


def training(name: str, examples: Sequence[Example], topics: Topics, recipes: Sequence[Recipe], runs: int) -> None:
    """Print what it costs to read examples by each recipe."""
    for recipe in recipes:
        features = recipe.features
        read = partial(read_examples, examples, topics, features, recipe.rarest, names=recipe.names)
        fast, plain = both(read, runs)
        row(f"training on {len(examples)} of {name}, passage {features.pooling}, runs to {features.longest}", fast, plain)


def explanation(articles: Sequence[Article], runs: int) -> None:
    """Print what it costs to explain every topic of one long article."""
    article = Article("\n\n".join(article.text for article in articles)[:_LONG], title=articles[0].title)
    fast = load()
    plain = TopicModel(fast.topics, fast.hints, fast.settings, fast.table, fast.rule, fast.norms, fast.card)
    times = [least(partial(model.explanations, article, model.topics.ids), runs) for model in (fast, plain)]
    row(f"explaining an article of {len(article.text):,} characters", times[0], times[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    if not isinstance(reader(), PlainReader):
        print(f"tables of characters: {least(character_tables.__wrapped__, options.runs):.3f} s, once a process\n")
    gold, topics = ROOT / "labels" / "gold.tsv", load_topics(ROOT / "labels" / "topics.toml")
    examples = join(load_corpus(ROOT / "corpus"), load_annotations(gold, topics), gold)
    articles = [example.article for example in examples]
    print("| processor seconds | kernel | plain Python | times |\n|---|--:|--:|--:|")
    texts(articles, options.runs)
    training("the corpus", examples, topics, EVIDENCE_RECIPES, options.runs)
    if options.data:
        given = [item for item in read_inputs([str(options.data)]) if isinstance(item, Article)]
        known = topics_in(given)
        rows = [example_of(article, known) for article in given]
        training(options.data.name, rows, known, ARTICLE_RECIPES[1:], options.runs)  # the first reads as the second
        explanation(given, options.runs)


if __name__ == "__main__":
    main()
