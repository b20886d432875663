"""Measure training against its rivals: any two files of labelled articles, every system in a process of its own.

    python -m tests.benchmarks.training TRAIN.jsonl TEST.jsonl --rivals-python RIVALS/bin/python

RIVALS is an environment with `pip install libmultilabel==0.10.0 omikuji fasttext-wheel "scipy<1.14"`; a system that cannot be
run there is named with the reason. All read the same text: title, blank line, text. Nothing is chosen on the test file. F1 is 0
where a topic is neither gold nor said; the macro mean is over all topics of the training file.
"""

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Texts = list[str]
Labels = list[list[str]]
Answers = list[list[str]]
Timed = Callable[[Callable[[], Any]], Any]

ROOT = Path(__file__).resolve().parent.parent.parent
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"), "1")
LENGTH, SLICE, INVENTED = 300, 50, 0.03  # words of an article made for `scale`, of its slices; share of words nobody knows
PART = 5  # one fifth of training is kept back where a rival needs a threshold


def read(file: Path) -> tuple[Texts, Labels]:
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    texts = [f"{row['title']}\n\n{row['text']}" if row.get("title") else row["text"] for row in rows]
    return texts, [row["topics"] if "topics" in row else row["labels"] for row in rows]


# ------------------------------------------------------------------------------------------------------------ systems
# Each takes training texts and labels, test texts, and a function that runs and times what counts as training.


def ours(train: Path, test: Path, timed: Timed) -> Answers:
    from classifier import load
    from classifier.labelled import example_of, topics_in
    from classifier.records import Article
    from classifier.saving import save
    from classifier.sources import read_inputs
    from classifier.training import ARTICLE_RECIPES
    from classifier.training import train as teach

    articles = [item for item in read_inputs([str(train)]) if isinstance(item, Article)]

    def learn() -> Any:
        topics = topics_in(articles)
        return teach([example_of(article, topics) for article in articles], topics, ARTICLE_RECIPES)

    training = timed(learn)
    with tempfile.TemporaryDirectory() as folder:
        save(training.model, Path(folder))
        model = load(folder)
        unseen = (item for item in read_inputs([str(test)]) if isinstance(item, Article))
        return [list(prediction.topics) for prediction in model.predict_many(unseen)]


def _indicator(labels: Labels) -> tuple[Any, list[str]]:
    from sklearn.preprocessing import MultiLabelBinarizer

    binarizer = MultiLabelBinarizer()
    return binarizer.fit_transform(labels), list(binarizer.classes_)


def _named(said: Any, names: Sequence[str]) -> Answers:
    return [[names[k] for k in row.nonzero()[0]] for row in said]


def _scikit_learn(machine: Any, train: Path, test: Path, timed: Timed) -> Answers:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline

    texts, labels = read(train)
    gold, names = _indicator(labels)
    pipeline = timed(lambda: make_pipeline(TfidfVectorizer(), OneVsRestClassifier(machine)).fit(texts, gold))
    return _named(pipeline.predict(read(test)[0]), names)


def scikit_learn_logistic(train: Path, test: Path, timed: Timed) -> Answers:
    from sklearn.linear_model import LogisticRegression

    return _scikit_learn(LogisticRegression(), train, test, timed)


def scikit_learn_svc(train: Path, test: Path, timed: Timed) -> Answers:
    from sklearn.svm import LinearSVC

    return _scikit_learn(LinearSVC(), train, test, timed)


def _libmultilabel(mode: str, train: Path, test: Path, timed: Timed) -> Answers:
    from libmultilabel import linear

    (texts, labels), (test_texts, test_labels) = read(train), read(test)
    data = {"data_format": "txt", "train": {"x": texts, "y": labels}, "test": {"x": test_texts, "y": test_labels}}

    def learn() -> Any:
        preprocessor = linear.Preprocessor()
        preprocessor.fit(data)
        found = preprocessor.transform(data)
        teach = getattr(linear, f"train_{mode}")
        return preprocessor, found, teach(found["train"]["y"], found["train"]["x"], options="", verbose=False)

    preprocessor, found, model = timed(learn)
    return _named(linear.predict_values(model, found["test"]["x"]) > 0, list(preprocessor.label_mapping))


def libmultilabel_1vsrest(train: Path, test: Path, timed: Timed) -> Answers:
    return _libmultilabel("1vsrest", train, test, timed)


def libmultilabel_thresholding(train: Path, test: Path, timed: Timed) -> Answers:
    return _libmultilabel("thresholding", train, test, timed)


def libmultilabel_cost_sensitive(train: Path, test: Path, timed: Timed) -> Answers:
    return _libmultilabel("cost_sensitive", train, test, timed)


def libmultilabel_cost_sensitive_micro(train: Path, test: Path, timed: Timed) -> Answers:
    return _libmultilabel("cost_sensitive_micro", train, test, timed)


def _best_threshold(scores: Any, gold: Any) -> float:
    """Return the one threshold with the best micro-F1 on the part kept back."""
    import numpy as np

    order = np.argsort(-scores.ravel())
    hits = np.cumsum(gold.ravel()[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + gold.sum())
    return float(scores.ravel()[order[int(np.argmax(f1))]])


def fasttext(train: Path, test: Path, timed: Timed) -> Answers:
    import fasttext as library
    import numpy as np

    texts, labels = read(train)
    gold, names = _indicator(labels)
    place = {f"__label__{k}": k for k in range(len(names))}
    flat = [" ".join(text.lower().split()) for text in texts]

    def learn(rows: Sequence[int]) -> Any:
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as handle:
            for row in rows:
                handle.write(" ".join(f"__label__{k}" for k in gold[row].nonzero()[0]) + f" {flat[row]}\n")
            handle.flush()
            return library.train_supervised(handle.name, loss="ova", epoch=50, thread=1, verbose=0)

    def scores(model: Any, rows: Sequence[str]) -> Any:
        found = np.zeros((len(rows), len(names)))
        for number, text in enumerate(rows):
            for probability, label in model.f.predict(text + "\n", -1, 0.0, "strict"):
                found[number, place[label]] = probability
        return found

    def both() -> tuple[Any, float]:
        kept = range(0, len(texts), PART)
        first = learn([row for row in range(len(texts)) if row % PART])
        threshold = _best_threshold(scores(first, [flat[row] for row in kept]), gold[list(kept)])
        return learn(range(len(texts))), threshold

    model, threshold = timed(both)
    return _named(scores(model, [" ".join(text.lower().split()) for text in read(test)[0]]) >= threshold, names)


def _omikuji(settings: dict[str, Any], train: Path, test: Path, timed: Timed) -> Answers:
    import numpy as np
    from omikuji import Model
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts, labels = read(train)
    gold, names = _indicator(labels)

    def learn(matrix: Any, rows: Any) -> Any:
        setting = Model.default_hyper_param()
        for name, value in settings.items():
            setattr(setting, name, value)
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as handle:
            handle.write(f"{len(rows)} {matrix.shape[1]} {len(names)}\n")
            for row in rows:
                line = matrix[[row]]
                pairs = " ".join(f"{i}:{v:.6f}" for i, v in zip(line.indices, line.data, strict=True))
                handle.write(",".join(map(str, gold[row].nonzero()[0])) + f" {pairs}\n")
            handle.flush()
            return Model.train_on_data(handle.name, setting, n_threads=1)

    def scores(model: Any, matrix: Any) -> Any:
        found = np.zeros((matrix.shape[0], len(names)))
        for number in range(matrix.shape[0]):
            line = matrix[[number]]
            pairs = [(int(i), float(v)) for i, v in zip(line.indices, line.data, strict=True)]
            for k, score in model.predict(pairs, top_k=len(names)):
                found[number, k] = score
        return found

    def both() -> tuple[Any, Any, float]:
        vectorizer = TfidfVectorizer()
        matrix = vectorizer.fit_transform(texts).tocsr()
        matrix.sort_indices()
        kept = np.arange(0, len(texts), PART)
        first = learn(matrix, np.setdiff1d(np.arange(len(texts)), kept))
        threshold = _best_threshold(scores(first, matrix[kept]), gold[kept])
        return vectorizer, learn(matrix, np.arange(len(texts))), threshold

    vectorizer, model, threshold = timed(both)
    matrix = vectorizer.transform(read(test)[0]).tocsr()
    matrix.sort_indices()
    return _named(scores(model, matrix) >= threshold, names)


def omikuji_parabel(train: Path, test: Path, timed: Timed) -> Answers:
    return _omikuji({}, train, test, timed)


def omikuji_bonsai(train: Path, test: Path, timed: Timed) -> Answers:
    return _omikuji({"cluster_balanced": False, "cluster_k": 16, "max_depth": 3}, train, test, timed)


OURS = {"classifier": ours}
RIVALS = {
    "scikit-learn, TF-IDF + logistic regression": scikit_learn_logistic,
    "scikit-learn, TF-IDF + LinearSVC": scikit_learn_svc,
    "LibMultiLabel 1vsrest": libmultilabel_1vsrest,
    "LibMultiLabel thresholding": libmultilabel_thresholding,
    "LibMultiLabel cost_sensitive": libmultilabel_cost_sensitive,
    "LibMultiLabel cost_sensitive_micro": libmultilabel_cost_sensitive_micro,
    "fastText ova, 50 epochs, tuned threshold": fasttext,
    "omikuji Parabel, tuned threshold": omikuji_parabel,
    "omikuji Bonsai, tuned threshold": omikuji_bonsai,
}


# ---------------------------------------------------------------------------------------------------------- measuring


def run_one(name: str, train: Path, test: Path, out: Path) -> None:
    """Run a system in this process; write its answers, the CPU seconds of training and the peak memory so far in MiB."""
    used: dict[str, float] = {}

    def timed(work: Callable[[], Any]) -> Any:
        start = time.process_time()
        found = work()
        used["cpu"] = time.process_time() - start
        used["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return found

    answers = {**OURS, **RIVALS}[name](train, test, timed)
    out.write_text(json.dumps({**used, "answers": answers}))


def run(name: str, python: str, train: Path, test: Path) -> dict[str, Any]:
    """Run a system in a process of its own and return what it wrote, or why it could not be run."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.json"
        command = [python, "-m", "tests.benchmarks.training", str(train), str(test), "--run", name, "--out", str(out)]
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=ROOT, env={**os.environ, **ONE_THREAD}, check=False
        )
        if not out.exists():
            return {"error": (done.stderr.strip().splitlines() or ["no message"])[-1]}
        found: dict[str, Any] = json.loads(out.read_text())
        return found


def f1(gold: Labels, said: Answers, topics: Sequence[str]) -> tuple[float, float]:
    """Return micro- and macro-F1 in percent."""
    hits, all_gold, all_said = (dict.fromkeys(topics, 0) for _ in range(3))
    for truth, answer in zip(gold, said, strict=True):
        for topic in truth:
            all_gold[topic] = all_gold.get(topic, 0) + 1
        for topic in answer:
            all_said[topic] += 1
            hits[topic] += topic in truth
    each = [2 * hits[t] / (all_gold[t] + all_said[t]) if all_gold[t] + all_said[t] else 0.0 for t in topics]
    return 200 * sum(hits.values()) / (sum(all_gold.values()) + sum(all_said.values())), 100 * sum(each) / len(each)


def quality(train: Path, test: Path, rivals_python: str) -> None:
    gold, topics = read(test)[1], sorted({t for row in read(train)[1] for t in row})
    print("| system | micro-F1 | macro-F1 | training, CPU s | peak MiB |\n|---|--:|--:|--:|--:|")
    for name, python in [*((n, sys.executable) for n in OURS), *((n, rivals_python) for n in RIVALS)]:
        found = run(name, python, train, test)
        if "error" in found:
            print(f"| {name} | could not be run: {found['error'][:80]} | | | |", flush=True)
            continue
        micro, macro = f1(gold, found["answers"], topics)
        print(f"| {name} | {micro:.1f} | {macro:.1f} | {found['cpu']:.1f} | {found['peak']:.0f} |", flush=True)


def cost(train: Path, test: Path, runs: int) -> None:
    """Compare our training with one plain fit, interleaved, both in this environment, imports outside the clock."""
    names = ("classifier", "scikit-learn, TF-IDF + LinearSVC")
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for _ in range(runs):
        for name in names:
            found[name].append(run(name, sys.executable, train, test))
    print(f"\n| medians of {runs} interleaved runs | CPU s | peak MiB |\n|---|--:|--:|")
    cpu, peak = ({n: statistics.median(r[key] for r in found[n]) for n in names} for key in ("cpu", "peak"))
    for name in names:
        print(f"| {name} | {cpu[name]:.2f} | {peak[name]:.0f} |")
    print(f"| ratio | {cpu[names[0]] / cpu[names[1]]:.1f} | {peak[names[0]] / peak[names[1]]:.2f} |", flush=True)


def scale(train: Path, count: int) -> None:
    """Train on many articles of 300 words, in a process of its own: slices of given articles with one set of topics."""
    with tempfile.TemporaryDirectory() as folder:
        many = Path(folder) / "many.jsonl"
        source = random.Random(0)  # so that runs can be compared
        texts, labels = read(train)
        alike: dict[str, list[list[str]]] = {}
        for text, topics in zip(texts, labels, strict=True):
            alike.setdefault(" ".join(sorted(topics)), []).append(text.split())
        with many.open("w", encoding="utf-8") as handle:
            for number in range(count):
                made, topics = list[str](), source.choice(labels)
                while len(made) < LENGTH:
                    words = source.choice(alike[" ".join(sorted(topics))])
                    first = source.randrange(max(len(words) - SLICE, 1))
                    made += words[first : first + SLICE]
                for _ in range(round(LENGTH * INVENTED)):
                    made[source.randrange(len(made))] = f"w{source.randrange(10**9):x}"
                handle.write(json.dumps({"id": str(number), "text": " ".join(made), "topics": topics}) + "\n")
        start = time.perf_counter()
        found = run("classifier", sys.executable, many, train)
    if "error" in found:
        print(f"\n{count} articles could not be trained on: {found['error']}")
    else:
        spent = time.perf_counter() - start
        print(
            f"\n{count} articles of {LENGTH} words: {found['cpu']:.0f} CPU s, {spent:.0f} s, peak {found['peak']:,.0f} MiB"
        )


def doubt(train: Path, test: Path) -> None:
    """Measure probabilities and the unsure band on the test file."""
    import numpy as np
    from scipy.stats import binom

    from classifier.calibration import fit_platt
    from classifier.evaluation import reliability, review
    from classifier.labelled import example_of, topics_in
    from classifier.records import Article
    from classifier.sources import read_inputs
    from classifier.training import ARTICLE_RECIPES
    from classifier.training import train as teach

    articles, others = ([a for a in read_inputs([str(f)]) if isinstance(a, Article)] for f in (train, test))
    topics = topics_in(articles)
    training = teach([example_of(article, topics) for article in articles], topics, ARTICLE_RECIPES)
    own, unseen = [list(training.model.predict_many(part)) for part in (articles, others)]
    gold = np.array([[int(t in row) for t in topics.ids] for row in read(test)[1]])
    ours = np.array([list(p.probabilities.values()) for p in unseen])
    in_sample = np.array([list(p.scores.values()) for p in own])
    scores = np.array([list(p.scores.values()) for p in unseen])
    platt = np.empty_like(ours)
    for k in range(len(topics)):
        curve = fit_platt(training.gold[:, k], in_sample[:, k])
        platt[:, k] = [curve.probability(score) for score in scores[:, k].tolist()]
    print("\n| probabilities on test | expected calibration error | Brier score |\n|---|--:|--:|")
    for name, p in (("classifier", ours), ("Platt on scores of its own training articles", platt)):
        r = reliability(gold, p)
        print(f"| {name} | {r.calibration_error:.5f} | {r.brier:.5f} |")
    print("\n| topic | gold | unsure | sure yes | precision promised | reached | recall promised | reached |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    made = kept = broken = 0
    for k, (topic, decision) in enumerate(zip(topics.ids, training.model.rule.decisions, strict=True)):
        carried = int(gold[:, k].sum())
        if carried < 30:
            continue
        said, unsure = (np.array([topic in getattr(p, name) for p in unseen]) for name in ("topics", "unsure"))
        promised = (None if decision.upper is None else 0.95, None if decision.lower is None else 0.95)
        row = review(topic, gold[:, k], said.astype(int), unsure, promised)
        for promise, reached, cases in (
            (row.promised_precision, row.precision, row.sure_yes),
            (row.promised_recall, row.recall, carried),
        ):
            if promise is not None and reached is not None:
                made += 1
                kept += reached >= promise
                broken += bool(binom.cdf(round(reached * cases), cases, promise) < 0.05)
        cells = ["—" if x is None else f"{x:.3f}" for x in (*promised, row.precision, row.recall)]
        print(
            f"| {topic} | {carried} | {row.unsure:.1%} | {row.sure_yes} | {cells[0]} | {cells[2]} | {cells[1]} | {cells[3]} |"
        )
    print(f"\n{made} promises for topics of 30 or more, {kept} kept on test, {broken} broken beyond chance (binomial, 5 %).")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("--rivals-python", default=sys.executable)
    parser.add_argument("--runs", type=int, default=5, help="interleaved runs for cost (default: 5)")
    parser.add_argument("--parts", nargs="+", default=["quality", "cost", "doubt"], help="also: scale")
    parser.add_argument("--articles", type=int, default=100_000, help="articles for scale (default: 100,000)")
    parser.add_argument("--run", help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    train, test = options.train.resolve(), options.test.resolve()
    if options.run:
        run_one(options.run, train, test, options.out)
        return
    if "quality" in options.parts:
        quality(train, test, options.rivals_python)
    if "cost" in options.parts:
        cost(train, test, options.runs)
    if "scale" in options.parts:
        scale(train, options.articles)
    if "doubt" in options.parts:
        doubt(train, test)


if __name__ == "__main__":
    main()
