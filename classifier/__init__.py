"""Which of a desk's topics does an article carry, and why? `load()` a model, `predict` an Article."""

from pathlib import Path

from classifier import storage
from classifier.errors import (
    ClassifierError,
    CorpusError,
    LabelsError,
    ModelError,
    SourceError,
    TrainingError,
    UsageError,
)
from classifier.model import TopicModel
from classifier.records import Article, Evidence, Explanation, Prediction
from classifier.version import __version__

__all__ = [
    "Article",
    "ClassifierError",
    "CorpusError",
    "Evidence",
    "Explanation",
    "LabelsError",
    "ModelError",
    "Prediction",
    "SourceError",
    "TopicModel",
    "TrainingError",
    "UsageError",
    "__version__",
    "load",
]


def load(folder: str | Path | None = None) -> TopicModel:
    """Return the model of a folder; without one, the shipped model. Raises `ModelError` if it is missing or damaged."""
    return storage.load(storage.default_folder() if folder is None else Path(folder))
