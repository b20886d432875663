"""The error tree: whatever goes wrong for a reason the user can mend is one of these; nothing else is known here.

ClassifierError
├── UsageError        the call itself is wrong: an unknown topic, options that exclude each other
├── SourceError       a file or record of the user's cannot be read as an article
├── CorpusError       corpus/ breaks a rule of its format
├── LabelsError       labels/ breaks a rule of its format, or does not fit the corpus
├── ModelError        a model folder is missing, damaged or of another format
└── TrainingError     the labelled articles cannot teach a model
"""

__all__ = [
    "ClassifierError",
    "CorpusError",
    "LabelsError",
    "ModelError",
    "SourceError",
    "TrainingError",
    "UsageError",
]


class ClassifierError(Exception):
    """Base of all errors of this package.

    A message says where, what was found, the rule, and what to do next, in that order.
    """


class UsageError(ClassifierError):
    """The call itself is wrong: an unknown topic, options that exclude each other."""


class SourceError(ClassifierError):
    """A file or record of the user's cannot be read as an article."""


class CorpusError(ClassifierError):
    """`corpus/` breaks a rule of its format."""


class LabelsError(ClassifierError):
    """`labels/` breaks a rule of its format, or does not fit the corpus."""


class ModelError(ClassifierError):
    """A model folder is missing, damaged or of another format."""


class TrainingError(ClassifierError):
    """The labelled articles cannot teach a model."""
