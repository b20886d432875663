"""The data folders come in, findings and the agreement of readers go out: corpus and labels in one walk; no models here."""

from pathlib import Path

from classifier.agreement import Agreement, agreement
from classifier.corpus import check_corpus, load_corpus, load_demands
from classifier.coverage import count_coverage, coverage_findings
from classifier.errors import CorpusError
from classifier.labels import check_labels, join, load_annotations, load_topics
from classifier.reading import sentences_of
from classifier.records import Finding

__all__ = ["check", "compare_readings", "coverage"]


def check(corpus: Path, labels: Path) -> tuple[list[Finding], str]:
    """Return every breach of the rules of the data folders, and what was looked at in words.

    Labels are joined with the corpus only when the corpus itself is in order; coverage is counted only when both are.
    Raises `CorpusError` or `LabelsError` if a folder is missing.
    """
    topics = load_topics(labels / "topics.toml")
    findings = check_corpus(corpus)
    try:
        articles = load_corpus(corpus)
    except CorpusError:
        return findings, f"{corpus} looked at; {labels} waits until the corpus is in order"
    gold = labels / "gold.tsv"
    findings += check_labels(gold, topics, articles)
    if not findings:
        demands = load_demands(corpus / "coverage.toml")
        findings += coverage_findings(coverage(corpus, labels), demands.least, "coverage.toml")
    return findings, f"{len(articles)} articles and their labels looked at"


def compare_readings(corpus: Path, labels: Path) -> Agreement:
    """Return how far the two readings under `labels/readings` agree. Raises `CorpusError` or `LabelsError`."""
    topics = load_topics(labels / "topics.toml")
    sentences = {article.id: 1 + len(sentences_of(article.text)) for article in load_corpus(corpus)}
    first, second = (load_annotations(labels / "readings" / f"{name}.tsv", topics) for name in ("first", "second"))
    return agreement(first, second, topics, sentences)


def coverage(corpus: Path, labels: Path) -> dict[str, int]:
    """Return how many articles the corpus has of each sort. Raises `CorpusError` or `LabelsError`."""
    gold = labels / "gold.tsv"
    annotations = load_annotations(gold, load_topics(labels / "topics.toml"))
    return count_coverage(join(load_corpus(corpus), annotations, gold), load_demands(corpus / "coverage.toml").long)
