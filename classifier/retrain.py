"""The retraining script: corpus and labels come in, a model folder with its report goes out. The whole story on one page."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from classifier.assess import assess_training
from classifier.behaviour import behave
from classifier.corpus import load_corpus
from classifier.labels import join, load_annotations, load_behaviour, load_topics
from classifier.model import TopicModel
from classifier.report import Report, csv_per_topic, errors_jsonl, json_report, model_card
from classifier.storage import save
from classifier.training import DEFAULT_RECIPE, Recipe, package_versions, settings, train, with_card
from classifier.version import __version__

__all__ = ["retrain"]


def retrain(corpus: Path, labels: Path, folder: Path, *, jobs: int = 1, recipe: Recipe = DEFAULT_RECIPE) -> Report:
    """Teach a model from a corpus folder and a labels folder, write it with its report, and return the report.

    The same corpus, labels, recipe and package versions give the same bytes, whatever the number of `jobs` (processes).
    Raises `CorpusError`, `LabelsError` or `TrainingError`; the folder is touched only when everything is done.
    """
    topics = load_topics(labels / "topics.toml")
    articles = load_corpus(corpus)
    gold = labels / "gold.tsv"
    examples = join(articles, load_annotations(gold, topics), gold)
    training = train(examples, topics, recipe, jobs=jobs)
    report = replace(assess_training(examples, training), behaviour=_behaviour(training.model, labels))
    provenance = {
        "corpus": _digest(corpus.glob("*.jsonl")),
        "labels": _digest([labels / "topics.toml", gold]),
        "classifier": __version__,
        **package_versions(),
    }
    model = with_card(training.model, provenance=provenance)
    card = model_card(report, name=folder.name, recipe=settings(recipe), provenance=provenance)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (
        ("report.json", json_report(report)),
        ("per_topic.csv", csv_per_topic(report)),
        ("errors.jsonl", errors_jsonl(report)),
        ("README.md", card),
    ):
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    save(model, folder)
    return report


def _behaviour(model: TopicModel, labels: Path) -> tuple[tuple[str, int, int], ...]:
    """Return how the model behaves on made-up cases; nothing if the labels folder has no sentences for them."""
    file = labels / "behaviour.toml"
    if not file.is_file():
        return ()
    return tuple((c.name, c.passed, c.cases) for c in behave(model, *load_behaviour(file, model.topics)))


def _digest(files: Iterable[Path]) -> str:
    """Return one SHA-256 over the names and bytes of files."""
    digest = hashlib.sha256()
    for file in sorted(files):
        data = file.read_bytes()
        digest.update(f"{file.name} {len(data)}\n".encode())
        digest.update(data)
    return digest.hexdigest()
