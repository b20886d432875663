"""The retraining script: labelled articles come in, a model folder with its report goes out. The whole story on one page."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from classifier.assess import Unseen, assess_training, compare_unseen, unseen_answers
from classifier.behaviour import behave
from classifier.card import model_card
from classifier.corpus import load_corpus
from classifier.drafts import demand_room, replace_together
from classifier.errors import ModelError, TrainingError
from classifier.labels import join, load_annotations, load_behaviour, load_topics
from classifier.model import TopicModel
from classifier.page import html_report
from classifier.records import Annotation, Example
from classifier.report import Report, csv_per_topic, differences, errors_jsonl, json_report
from classifier.saving import mend, save
from classifier.topics import Topics
from classifier.training import (
    ARTICLE_RECIPES,
    EVIDENCE_RECIPES,
    Recipe,
    Training,
    has_evidence,
    package_versions,
    train,
    with_card,
)
from classifier.trials import with_trials
from classifier.version import __version__

__all__ = ["Options", "digest", "read_corpus", "retrain", "write_report"]

_UNSEEN = "unseen.jsonl"


@dataclass(frozen=True, slots=True)
class Options:
    """What a user may settle about training; None leaves the recipe as it is.

    `precision` and `recall` are what answers outside the unsure band promise, `at_least_one` whether every article carries a
    topic, `accept_worse` whether a model may replace one that is better, `trials` whether the report has what takes further
    fits, `jobs` the number of processes.
    """

    precision: float | None = None
    recall: float | None = None
    at_least_one: bool | None = None
    accept_worse: bool = False
    trials: bool = True
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
    labels: Path | None = None,
    options: Options,
) -> tuple[Report, tuple[str, ...]]:
    """Teach a model, write it with its report, and return the report and remarks on the articles.

    `provenance` says what the examples are, `labels` is the folder where two readings and the sentences of made-up cases
    stand, if there are any. The same examples, topics, options and package versions give the same bytes, whatever the number
    of jobs. The folder is touched only when everything is done. Raises `TrainingError` if the articles cannot teach a model,
    or if the folder has a model that is better beyond chance on the articles that taught both, each answered unseen.
    """
    demand_room(folder)  # better said now than after an hour
    training = train(examples, topics, _recipes(examples, options), jobs=options.jobs)
    unseen = unseen_answers(examples, training)
    mend(folder)
    if not options.accept_worse:
        _demand_no_worse(folder, topics, unseen)
    report = assess_training(examples, training, _readings(labels, topics))
    if options.trials:
        report = with_trials(report, examples, training, jobs=options.jobs)
    provenance = {**provenance, "classifier": __version__, **package_versions()}
    model = with_card(training.model, provenance=provenance)
    report = replace(report, behaviour=_behaviour(training.model, labels), provenance=provenance)
    lines = [json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in unseen]
    more = {_UNSEEN: "".join(lines), "README.md": model_card(report, name=folder.name)}
    save(model, folder, {**_pages(report, folder.name), **more})
    return report, (*_tried(training), *training.remarks)


def write_report(report: Report, folder: Path, *, name: str) -> None:
    """Write a report into a folder as HTML, JSON and CSV, with the wrong answers; `name` is the model's."""
    folder.mkdir(parents=True, exist_ok=True)
    replace_together(folder, {file: text.encode() for file, text in _pages(report, name).items()})


def _pages(report: Report, name: str) -> dict[str, str]:
    """Return the files of a report by their names."""
    return {
        "report.json": json_report(report),
        "report.html": html_report(report, name=name),
        "per_topic.csv": csv_per_topic(report),
        "errors.jsonl": errors_jsonl(report),
    }


def _recipes(examples: Sequence[Example], options: Options) -> list[Recipe]:
    """Return the recipes to choose from: those for the kind of gold there is, with the user's settings."""
    settled = {
        name: value for name in ("precision", "recall", "at_least_one") if (value := getattr(options, name)) is not None
    }
    return [replace(recipe, **settled) for recipe in (EVIDENCE_RECIPES if has_evidence(examples) else ARTICLE_RECIPES)]


def _tried(training: Training) -> list[str]:
    """Say which recipes were compared, if any."""
    lines = [
        f"{'*' if recipe == training.recipe else ' '} by {recipe.features.pooling}, words in runs of at most"
        f" {recipe.features.longest}, C {recipe.C:g}: average precision {reached:.3f}"
        for recipe, reached in training.tried
    ]
    return ["Recipes compared on articles held out, * the one taken:", *lines] if lines else []


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


def _behaviour(model: TopicModel, labels: Path | None) -> tuple[tuple[str, int, int], ...]:
    """Return how the model behaves on made-up cases; nothing if there are no sentences for them."""
    file = labels / "behaviour.toml" if labels else None
    if file is None or not file.is_file():
        return ()
    return tuple((c.name, c.passed, c.cases) for c in behave(model, *load_behaviour(file, model.topics)))


def _readings(labels: Path | None, topics: Topics) -> tuple[list[Annotation], list[Annotation]] | None:
    """Return the two readings behind the gold; None if they are not kept."""
    files = [labels / "readings" / f"{name}.tsv" for name in ("first", "second")] if labels else []
    if not files or not all(file.is_file() for file in files):
        return None
    one, other = (load_annotations(file, topics) for file in files)
    return one, other


def digest(files: Iterable[Path]) -> str:
    """Return one SHA-256 over the names and bytes of files; what is no file (standard input) is left out."""
    found = hashlib.sha256()
    for file in sorted(file for file in files if file.is_file()):
        data = file.read_bytes()
        found.update(f"{file.name} {len(data)}\n".encode())
        found.update(data)
    return found.hexdigest()
