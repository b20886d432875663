"""The retraining script: labelled articles come in, a model folder with its report goes out. The whole story on one page."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from classifier.assess import Unseen, assess_training, compare_unseen, unseen_answers
from classifier.behaviour import behave
from classifier.corpus import load_corpus
from classifier.errors import ModelError, TrainingError
from classifier.labels import join, load_annotations, load_behaviour, load_topics
from classifier.model import TopicModel
from classifier.records import Example
from classifier.report import Report, csv_per_topic, differences, errors_jsonl, json_report, model_card
from classifier.storage import mend, save
from classifier.topics import Topics
from classifier.training import (
    ARTICLE_RECIPES,
    EVIDENCE_RECIPES,
    Recipe,
    Training,
    has_evidence,
    package_versions,
    settings,
    train,
    with_card,
)
from classifier.version import __version__

__all__ = ["Options", "digest", "read_corpus", "retrain"]

_UNSEEN = "unseen.jsonl"


@dataclass(frozen=True, slots=True)
class Options:
    """What a user may settle about training; None leaves the recipe as it is.

    `precision` and `recall` are what answers outside the unsure band promise, `at_least_one` whether every article carries a
    topic, `accept_worse` whether a model may replace one that is better, `jobs` the number of processes.
    """

    precision: float | None = None
    recall: float | None = None
    at_least_one: bool | None = None
    accept_worse: bool = False
    jobs: int = 1


def read_corpus(corpus: Path, labels: Path) -> tuple[list[Example], Topics, dict[str, str]]:
    """Return the examples and topics of a corpus folder and a labels folder, and the digests that say which they were.

    Raises `CorpusError` or `LabelsError`.
    """
    topics = load_topics(labels / "topics.toml")
    articles = load_corpus(corpus)
    gold = labels / "gold.tsv"
    digests = {"corpus": digest(corpus.glob("*.jsonl")), "labels": digest([labels / "topics.toml", gold])}
    return join(articles, load_annotations(gold, topics), gold), topics, digests


def retrain(  # noqa: PLR0913 — what, where to, and what to say of it
    examples: Sequence[Example],
    topics: Topics,
    folder: Path,
    *,
    provenance: dict[str, str],
    behaviour: Path | None = None,
    options: Options,
) -> tuple[Report, tuple[str, ...]]:
    """Teach a model, write it with its report, and return the report and remarks on the articles.

    `provenance` says what the examples are, `behaviour` where the sentences of made-up cases stand, if there are any. The
    same examples, topics, options and package versions give the same bytes, whatever the number of jobs. The folder is
    touched only when everything is done. Raises `TrainingError` if the articles cannot teach a model, or if the folder has a
    model that is better beyond chance on the articles that taught both, each answered unseen.
    """
    training = train(examples, topics, _recipes(examples, options), jobs=options.jobs)
    report = replace(assess_training(examples, training), behaviour=_behaviour(training.model, behaviour))
    unseen = unseen_answers(examples, training)
    mend(folder)
    if not options.accept_worse:
        _demand_no_worse(folder, topics, unseen)
    provenance = {**provenance, "classifier": __version__, **package_versions()}
    model = with_card(training.model, provenance=provenance)
    card = model_card(report, name=folder.name, recipe=settings(training.recipe), provenance=provenance)
    beside = {
        "report.json": json_report(report),
        "per_topic.csv": csv_per_topic(report),
        "errors.jsonl": errors_jsonl(report),
        _UNSEEN: "".join(json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in unseen),
        "README.md": card,
    }
    save(model, folder, beside)
    return report, (*_tried(training), *training.remarks)


def _recipes(examples: Sequence[Example], options: Options) -> list[Recipe]:
    """Return the recipes to choose from: those for the kind of gold there is, with the user's settings."""
    settled = {
        name: value for name in ("precision", "recall", "at_least_one") if (value := getattr(options, name)) is not None
    }
    return [replace(recipe, **settled) for recipe in (EVIDENCE_RECIPES if has_evidence(examples) else ARTICLE_RECIPES)]


def _tried(training: Training) -> list[str]:
    """Say which recipes were compared, if any."""
    return [
        f"{'*' if recipe == training.recipe else ' '} pooling {recipe.features.pooling}, runs of up to"
        f" {recipe.features.longest} words, C {recipe.C:g}: average precision {reached:.3f}"
        for recipe, reached in training.tried
    ]


def _demand_no_worse(folder: Path, topics: Topics, unseen: Sequence[Unseen]) -> None:
    """Raise `TrainingError` if the model in the folder is better beyond chance on articles that taught both."""
    file = folder / _UNSEEN
    try:
        records = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        old = [Unseen(r["id"], r["group"], tuple(r["gold"]), tuple(r["unknown"]), tuple(r["topics"])) for r in records]
    except FileNotFoundError:
        return
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{file} is damaged ({type(error).__name__}: {error}), so the new model cannot be compared with the one that is"
            " there. Take the folder away, or give --accept-worse."
        ) from None
    found = compare_unseen(topics.ids, old, unseen)
    worse = [row for row in found if row.worse]
    if worse:
        names = ", ".join(f"{row.name} {row.old:.3f} → {row.new:.3f}" for row in worse)
        raise TrainingError(
            f"The new model is worse than the one in {folder}, beyond the play of chance, on articles that taught both and"
            f" that each answered unseen: {names}. Nothing was written.\n{differences(found)}"
            "Look at what changed in the labels; to replace it all the same, give --accept-worse."
        )


def _behaviour(model: TopicModel, file: Path | None) -> tuple[tuple[str, int, int], ...]:
    """Return how the model behaves on made-up cases; nothing if there are no sentences for them."""
    if file is None or not file.is_file():
        return ()
    return tuple((c.name, c.passed, c.cases) for c in behave(model, *load_behaviour(file, model.topics)))


def digest(files: Iterable[Path]) -> str:
    """Return one SHA-256 over the names and bytes of files; what is no file (standard input) is left out."""
    found = hashlib.sha256()
    for file in sorted(file for file in files if file.is_file()):
        data = file.read_bytes()
        found.update(f"{file.name} {len(data)}\n".encode())
        found.update(data)
    return found.hexdigest()
