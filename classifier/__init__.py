"""Which of a desk's topics does an article carry, and why? `load()` a model, `predict` an Article."""

from __future__ import annotations

from classifier.errors import (
    ClassifierError,
    CorpusError,
    LabelsError,
    ModelError,
    SourceError,
    TrainingError,
    UsageError,
)
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


TYPE_CHECKING = False  # what `typing` says at run time; see `frozen`
if TYPE_CHECKING:
    from os import PathLike

    from classifier.model import TopicModel


def load(folder: str | PathLike[str] | None = None) -> TopicModel:
    """Return the model of a folder; without one, the shipped model. Raises `ModelError` if it is missing or damaged."""
    from classifier import storage  # `import classifier` alone, as for --help, reads no models

    return storage.load(storage.default_folder() if folder is None else folder)


def __getattr__(name: str) -> object:
    """Import `TopicModel` when it is first asked for."""
    if name == "TopicModel":
        from classifier import model

        return model.TopicModel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
