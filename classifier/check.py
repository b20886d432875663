"""The data folders come in, findings go out: the rules of corpus and labels in one walk; models are unknown here."""

from pathlib import Path

from classifier.corpus import check_corpus, load_corpus
from classifier.errors import CorpusError
from classifier.labels import check_labels, load_topics
from classifier.records import Finding

__all__ = ["check"]


def check(corpus: Path, labels: Path) -> tuple[list[Finding], str]:
    """Return every breach of the rules of the data folders, and what was looked at in words.

    Labels are joined with the corpus only when the corpus itself is in order. Raises `CorpusError` or `LabelsError` if a
    folder is missing.
    """
    topics = load_topics(labels / "topics.toml")
    findings = check_corpus(corpus)
    try:
        articles = load_corpus(corpus)
    except CorpusError:
        return findings, f"{corpus} looked at; {labels} waits until the corpus is in order"
    findings += check_labels(labels / "gold.tsv", topics, articles)
    return findings, f"{len(articles)} articles and their labels looked at"
