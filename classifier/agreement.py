"""Two readings of the same articles come in, how far they agree goes out; corpus, models and gold are unknown here.

Cohen's kappa (Cohen, A coefficient of agreement for nominal scales, 1960) and positive agreement for each topic, over
articles and over sentences; Krippendorff's alpha for whole topic sets with the MASI distance (Passonneau, Measuring
agreement on set-valued items, LREC 2006, section 4), which we define as 0 between two empty sets and 1 between an empty
set and a full one.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from classifier.errors import LabelsError
from classifier.records import Annotation
from classifier.topics import Topics

__all__ = ["Agreement", "TopicAgreement", "agreement", "cohen_kappa", "krippendorff_alpha", "masi_distance"]


@dataclass(frozen=True, slots=True)
class TopicAgreement:
    """How far two readings agree on one topic.

    `both`, `one` are numbers of articles that both or only one of the readings gave the topic; `sentence_kappa` is over the
    sentences of the articles to which both gave it.
    """

    topic: str
    both: int
    one: int
    kappa: float
    positive: float
    sentence_kappa: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two readings agree: topic by topic, and on whole sets of topics."""

    articles: int
    topics: tuple[TopicAgreement, ...]
    exact: float
    alpha: float


def agreement(
    first: Sequence[Annotation], second: Sequence[Annotation], topics: Topics, sentences: Mapping[str, int]
) -> Agreement:
    """Return how far two readings agree; `sentences` has the number of sentences of each article.

    Raises `LabelsError` unless both judged the same articles.
    """
    ours, theirs = ({annotation.id: annotation for annotation in reading} for reading in (first, second))
    if not ours or ours.keys() != theirs.keys():
        only = sorted(ours.keys() ^ theirs.keys())
        raise LabelsError(f"The two readings judge different articles ({', '.join(only[:3])} …). Read each article twice.")
    pairs = [(ours[identifier], theirs[identifier]) for identifier in sorted(ours)]
    rows = [_on_topic(topic, pairs, sentences) for topic in topics.ids]
    sets = [(frozenset(a.evidence), frozenset(b.evidence)) for a, b in pairs]
    exact = sum(a == b for a, b in sets) / len(sets)
    return Agreement(len(pairs), tuple(rows), exact, krippendorff_alpha(sets))


def _on_topic(topic: str, pairs: Sequence[tuple[Annotation, Annotation]], sentences: Mapping[str, int]) -> TopicAgreement:
    """Compare two readings on one topic."""
    judged = [(topic in a.evidence, topic in b.evidence) for a, b in pairs]
    both, one = sum(a and b for a, b in judged), sum(a != b for a, b in judged)
    lines = [
        (number in a.evidence[topic], number in b.evidence[topic])
        for a, b in pairs
        if topic in a.evidence and topic in b.evidence
        for number in range(sentences[a.id])
    ]
    positive = 2 * both / (2 * both + one) if both or one else 1.0
    return TopicAgreement(topic, both, one, cohen_kappa(judged), positive, cohen_kappa(lines))


def cohen_kappa(pairs: Sequence[tuple[bool, bool]]) -> float:
    """Return the agreement of two yes-or-no readings beyond chance: 1 for full agreement, 0 for what chance gives."""
    if all(a == b for a, b in pairs):
        return 1.0
    n = len(pairs)
    observed = sum(a == b for a, b in pairs) / n
    first, second = sum(a for a, _ in pairs) / n, sum(b for _, b in pairs) / n
    expected = first * second + (1 - first) * (1 - second)
    return (observed - expected) / (1 - expected)


def masi_distance(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the distance of two sets, 0 to 1: one minus Jaccard's index times how far one contains the other."""
    if one == other:
        return 0.0
    common = one & other
    if not common:
        return 1.0
    contained = common in (one, other)
    monotonicity = 2 / 3 if contained else 1 / 3
    return 1.0 - len(common) / len(one | other) * monotonicity


def krippendorff_alpha(pairs: Sequence[tuple[frozenset[str], frozenset[str]]]) -> float:
    """Return Krippendorff's alpha of two readings with sets for values: 1 for full agreement, 0 for what chance gives."""
    observed = sum(masi_distance(a, b) for a, b in pairs) / len(pairs)
    values = Counter(value for pair in pairs for value in pair)
    n = sum(values.values())
    expected = sum(values[a] * values[b] * masi_distance(a, b) for a in values for b in values) / (n * (n - 1))
    return 1.0 - observed / expected if expected else 1.0
