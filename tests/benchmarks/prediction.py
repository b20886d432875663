"""Measure prediction beside its rivals, CPU time of one thread, every system in a process of its own, runs interleaved.

    python -m tests.benchmarks.prediction TEXTS.jsonl --rivals-python RIVALS/bin/python [--news NEWS.jsonl]

TEXTS are labelled articles (`text`, `topics` or `labels`); they are joined to texts of about 300 words, and models of 50,000
terms, runs of one and two words, are made from them: for 5 topics and for all. NEWS are articles for the shipped model. RIVALS
is an environment with `pip install fasttext-wheel scikit-learn`. Every system gets the texts in memory and names their topics.
"""

import argparse
import os
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.training import ONE_THREAD, ROOT, read

WORDS, TERMS = 300, 50_000
FEW = 5
PASSES = 5  # over the texts in one run: enough that what another system left in the caches counts little


def joined(file: Path, most: int) -> tuple[list[str], list[list[str]], list[str]]:
    """Return texts of about 300 words with the topics of what they are made of, and the topics that count."""
    texts, labels = read(file)
    whole, topics, text, found = [], [], [], set[str]()
    for one, named in zip(texts, labels, strict=True):
        text.append(one)
        found |= set(named)
        if sum(part.count(" ") + part.count("\n") for part in text) >= WORDS:
            whole.append("\n\n".join(text))
            topics.append(sorted(found))
            text, found = [], set()
    counted = [topic for topic, _ in sorted(Counter(t for row in topics for t in row).items(), key=lambda p: (-p[1], p[0]))]
    chosen = counted[:most]
    return whole, [[t for t in row if t in chosen] for row in topics], chosen


def indicator(labels: Sequence[Sequence[str]], topics: Sequence[str]) -> Any:
    import numpy as np

    return np.array([[int(topic in row) for topic in topics] for row in labels])


# ------------------------------------------------------------------------------------------------------------- systems
# Each is made from the texts and returns what is timed: a call that names the topics of all texts.


def ours_from(texts: list[str], gold: Any, topics: Sequence[str]) -> tuple[Any, Any]:
    """Return our model of this size and the scikit-learn pipeline, on our own terms, whose numbers it has."""
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    from classifier.decision import Decision, Rule, Sigmoid
    from classifier.features import FeatureSettings, HintLists
    from classifier.model import Norms, Table, TopicModel
    from classifier.saving import compiled
    from classifier.text import ngrams, tokens
    from classifier.topics import Topic, Topics

    vectorizer = TfidfVectorizer(analyzer=lambda t: ngrams(tokens(t), 2), sublinear_tf=True, max_features=TERMS)
    machine = OneVsRestClassifier(LinearSVC())
    pipeline = make_pipeline(vectorizer, machine).fit(texts, gold)
    columns = sorted(vectorizer.vocabulary_.values(), key=lambda column: vectorizer.idf_[column])  # as training does it
    term_of = {int(column): term for term, column in vectorizer.vocabulary_.items()}
    rows = {term_of[int(column)]: row for row, column in enumerate(columns)}
    coefficients = np.stack([e.coef_[0] for e in machine.estimators_], axis=1)[columns]
    biases = [float(e.intercept_[0]) for e in machine.estimators_]
    table = Table(rows, vectorizer.idf_[columns].tolist(), coefficients.ravel().tolist(), biases)
    named = Topics(Topic(topic, topic, "") for topic in topics)
    rule = Rule(tuple(Decision(0.0, None, None, Sigmoid(1.0, 1.0, 0.0)) for _ in topics))
    settings = FeatureSettings(pooling="article", longest=2)
    return compiled(TopicModel(named, HintLists({}), settings, table, rule, Norms(), {})), pipeline


def classifier(texts: list[str], labels: list[list[str]], topics: list[str]) -> Callable[[], Any]:
    model, _ = ours_from(texts, indicator(labels, topics), topics)
    return lambda: model.topics_of(texts, whole_text=True)


def classifier_predictions(texts: list[str], labels: list[list[str]], topics: list[str]) -> Callable[[], Any]:
    from classifier import Article

    model, _ = ours_from(texts, indicator(labels, topics), topics)
    articles = [Article(text) for text in texts]
    return lambda: list(model.predict_many(articles))


def scikit_learn(texts: list[str], labels: list[list[str]], topics: list[str]) -> Callable[[], Any]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    vectorizer = TfidfVectorizer(ngram_range=(1, 2), max_features=TERMS)
    pipeline = make_pipeline(vectorizer, OneVsRestClassifier(LinearSVC())).fit(texts, indicator(labels, topics))
    return lambda: pipeline.predict(texts)


def fasttext(texts: list[str], labels: list[list[str]], topics: list[str]) -> Callable[[], Any]:
    import tempfile

    import fasttext as library

    flat = [" ".join(text.lower().split()) for text in texts]
    place = {topic: number for number, topic in enumerate(topics)}
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as handle:
        for row, text in zip(labels, flat, strict=True):
            handle.write(" ".join(f"__label__{place[topic]}" for topic in row) + f" {text}\n")
        handle.flush()
        settings = {"loss": "ova", "dim": 10, "wordNgrams": 2, "bucket": 200_000, "epoch": 5, "thread": 1, "verbose": 0}
        model = library.train_supervised(handle.name, **settings)
    lines = [f"{text}\n" for text in flat]
    return lambda: model.f.multilinePredict(lines, -1, 0.5, "strict")


def news_classifier(texts: list[str], labels: list[list[str]], topics: list[str]) -> Callable[[], Any]:  # noqa: ARG001
    """Answer as the rivals do, which know nothing of furniture."""
    from classifier import Article, load

    model, articles = load(), [Article(text) for text in texts]
    return lambda: list(model.predict_many(articles, whole_text=True))


def news_with_furniture(texts: list[str], labels: list[list[str]], topics: list[str]) -> Callable[[], Any]:  # noqa: ARG001
    from classifier import Article, load

    model, articles = load(), [Article(text) for text in texts]
    return lambda: list(model.predict_many(articles))


def news_scikit_learn(texts: list[str], labels: list[list[str]], topics: list[str]) -> Callable[[], Any]:  # noqa: ARG001
    """Answer as the shipped model does, evidence included, the way one would write it with scikit-learn and `re`.

    Sentences are cut by a regular expression, terms are those of TfidfVectorizer, hints are names looked up run by run in a
    dictionary, and an article's score is its best sentence's.
    """
    import re

    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer

    from classifier import load

    model = load()
    words = {term: row for term, row in model.table.rows.items() if not term.startswith("@")}
    pattern = r"(?u)\b\w+\b"
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, vocabulary=list(words), token_pattern=pattern)
    vectorizer.idf_ = np.array([model.table.idf[row] for row in words.values()])
    width = len(model.topics)
    table = np.array(model.table.weights).reshape(-1, width)
    word_table, bias, idf = table[list(words.values())], np.array(model.table.bias), np.array(model.table.idf)
    names, longest = model.hints.lists_of_name, model.hints.longest
    ends, word = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"“])|\n\s*\n"), re.compile(r"\w+")

    def rows_of(found: Sequence[str], prefix: str) -> list[int]:
        return [row for one in found if (row := model.table.rows.get(f"{prefix}{one}")) is not None]

    def lists_in(sentence: str) -> list[str]:
        found = word.findall(sentence.lower())
        runs = (" ".join(found[i : i + n]) for n in range(1, longest + 1) for i in range(len(found) - n + 1))
        return sorted({one for run in runs for one in names.get(run, ())})

    def answer() -> list[Any]:
        found = []
        for text in texts:
            sentences = [sentence for sentence in ends.split(text) if sentence and sentence.strip()]
            scores = vectorizer.transform(sentences) @ word_table + bias
            hits = [lists_in(sentence) for sentence in sentences]
            whole = rows_of(sorted({one for held in hits for one in held}), "@article:")
            for number, held in enumerate(hits):
                rows = [*rows_of(held, "@"), *whole]
                scores[number] += idf[rows] @ table[rows]
            best = scores.argmax(axis=0)
            found.append([(scores[best[q], q], sentences[best[q]]) for q in range(width)])
        return found

    return answer


SYSTEMS = {
    "classifier": classifier,
    "classifier, whole predictions": classifier_predictions,
    "scikit-learn": scikit_learn,
    "fastText": fasttext,
    "shipped model": news_classifier,
    "shipped model, furniture set aside": news_with_furniture,
    "the same with scikit-learn and re": news_scikit_learn,
}


# ----------------------------------------------------------------------------------------------------------- measuring


def serve(name: str, file: Path, most: int) -> None:
    """Make a system, then time a call for each line on standard input and print the CPU seconds."""
    if most:
        texts, labels, topics = joined(file, most)
    else:
        (texts, labels), topics = read(file), ["0"]
        labels = [["0"] for _ in labels]
    call = SYSTEMS[name](texts, labels, topics)
    call()
    print(len(texts), flush=True)
    for _ in sys.stdin:
        start = time.process_time()
        for _ in range(PASSES):
            call()
        print((time.process_time() - start) / PASSES, flush=True)


def interleaved(systems: dict[str, str], file: Path, most: int, runs: int) -> tuple[int, dict[str, float]]:
    """Return the number of texts and the median seconds of each system, asked in turn."""
    environment = {**os.environ, **ONE_THREAD}
    asked = {}
    for name, python in systems.items():
        command = [python, "-m", "tests.benchmarks.prediction", str(file), "--serve", name, "--most", str(most)]
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, env=environment)
        count = process.stdout.readline()  # type: ignore[union-attr]
        if count:
            asked[name] = process
        else:
            print(f"{name} could not be run with {python}", file=sys.stderr)
    times: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(runs):
        for name, process in asked.items():
            print(file=process.stdin, flush=True)
            times[name].append(float(process.stdout.readline()))  # type: ignore[union-attr]
    for process in asked.values():
        process.communicate()
    return int(count), {name: statistics.median(found) for name, found in times.items()}


def show(title: str, count: int, times: dict[str, float], first: str) -> None:
    print(f"\n| {title} | µs a text | texts a second | {first} is faster by |\n|---|--:|--:|--:|")
    for name, seconds in times.items():
        print(
            f"| {name} | {1e6 * seconds / count:.1f} | {count / seconds:,.0f} | {seconds / times[first]:.1f} |", flush=True
        )


def threads(file: Path, runs: int) -> None:
    """Compare one thread with two, wall-clock time, each given half of the texts."""
    texts, labels, topics = joined(file, FEW)
    model, _ = ours_from(texts, indicator(labels, topics), topics)
    halves = [part * PASSES * 10 for part in (texts[::2], texts[1::2])]  # a thread's start is to count little

    def answer(half: list[str]) -> None:
        model.topics_of(half, whole_text=True)

    def both() -> None:
        started = [threading.Thread(target=answer, args=(half,)) for half in halves]
        for thread in started:
            thread.start()
        for thread in started:
            thread.join()

    found: dict[str, list[float]] = {"one": [], "two": []}
    for _ in range(runs):
        for name, work in (("one", lambda: list(map(answer, halves))), ("two", both)):
            start = time.perf_counter()
            work()
            found[name].append(time.perf_counter() - start)
    ratio = statistics.median(a / b for a, b in zip(found["one"], found["two"], strict=True))
    print(f"\ntwo threads are {ratio:.2f} times as fast as one (wall clock, median of {runs} pairs)")


def parity(file: Path) -> None:
    """Compare scores with scikit-learn's decision function on the same terms."""
    import numpy as np

    from classifier import Article

    for most in (FEW, 10**6):
        texts, labels, topics = joined(file, most)
        model, pipeline = ours_from(texts, indicator(labels, topics), topics)
        ours = np.array([list(model.predict(Article(text), whole_text=True).scores.values()) for text in texts])
        gap = np.abs(ours - pipeline.decision_function(texts).reshape(ours.shape)).max()
        print(f"{len(texts)} texts, {len(topics)} topics: greatest difference to scikit-learn's decision function {gap:.1e}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--news", type=Path)
    parser.add_argument("--rivals-python", default=sys.executable)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--most", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    file = options.texts.resolve()
    if options.serve:
        serve(options.serve, file, options.most)
        return
    parity(file)
    rival = options.rivals_python
    names = ("classifier", "classifier, whole predictions", "scikit-learn")
    for most in (FEW, 10**6):
        systems = {**dict.fromkeys(names, sys.executable), "fastText": rival}
        count, times = interleaved(systems, file, most, options.runs)
        show(f"{count} texts of about {WORDS} words, {most if most == FEW else 'all'} topics", count, times, "classifier")
    threads(file, options.runs)
    if options.news:
        names = ("shipped model", "shipped model, furniture set aside", "the same with scikit-learn and re")
        systems = {**dict.fromkeys(names, sys.executable), "fastText": rival}
        count, times = interleaved(systems, options.news.resolve(), 0, options.runs)
        show(f"{count} news articles, evidence included", count, times, "shipped model")


if __name__ == "__main__":
    main()
