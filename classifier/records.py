"""What flows through the rooms: frozen records that know nothing but their own fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "Annotation",
    "Article",
    "BehaviourTexts",
    "Evidence",
    "Example",
    "ExplainedSentence",
    "Explanation",
    "Finding",
    "Prediction",
    "Share",
]


@dataclass(frozen=True, slots=True)
class Article:
    """One article as a reader gets it.

    `extra` holds the other fields of the record it came from; they travel along and are never read.
    """

    text: str
    title: str = ""
    id: str = ""
    date: str = ""
    source: str = ""
    url: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def content(self) -> str:
        """Title, blank line, text; the text alone where there is no title. All character offsets refer to it."""
        return f"{self.title}\n\n{self.text}" if self.title else self.text


@dataclass(frozen=True, slots=True)
class Annotation:
    """What a reader judged of one article: for each topic it carries, the sentences that are about it.

    `evidence` maps a topic to sentence numbers (0 is the title), in the order of the topic list; a topic without an
    entry was judged absent unless it is in `unknown`, the topics that were not judged. `doubtful` maps a topic to the
    sentences of which readers disagreed: they teach neither yes nor no.
    """

    id: str
    title: str
    evidence: Mapping[str, tuple[int, ...]]
    unknown: frozenset[str] = frozenset()
    doubtful: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    note: str = ""

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics that the article carries."""
        return tuple(self.evidence)


@dataclass(frozen=True, slots=True)
class Example:
    """An article joined with its gold annotation; `group` keeps articles on one event in one fold."""

    article: Article
    annotation: Annotation
    group: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """The sentence that decided on one topic: its text, its place in `Article.content`, its score."""

    topic: str
    sentence: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model says of one article, topics in the order of the model's list.

    `topics` are answered yes, `unsure` could be either, every other topic is answered no. `scores` are on the scale of
    the model (greater is surer, the threshold differs by topic), `probabilities` lie in [0, 1]; both hold every topic.
    `evidence` names the best sentence for each topic answered yes or unsure, `explanations` say why where that was asked
    for. `set_aside` counts the characters of the article's content that were taken for page furniture and not read.
    """

    id: str
    topics: tuple[str, ...]
    unsure: tuple[str, ...]
    probabilities: Mapping[str, float]
    scores: Mapping[str, float]
    evidence: tuple[Evidence, ...] = ()
    warnings: tuple[str, ...] = ()
    set_aside: int = 0
    explanations: tuple["Explanation", ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """One term's part in a score; `spans` are where it stands in `Article.content`.

    Of a hint they are the names that hit: in the sentence, in the headline, in the sentence before, or where each name
    stands first in the article.
    """

    term: str
    share: float
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one topic got its score, and what answer that is: sentences in reading order, each with its exact shares.

    The shares of a sentence and `bias` add up to its score. `reached` tells whether the score is at or above the
    threshold; `carried` whether the answer is yes, `unsure` whether people should look at it.
    """

    topic: str
    score: float
    threshold: float
    reached: bool
    carried: bool
    unsure: bool
    bias: float
    sentences: tuple["ExplainedSentence", ...]


@dataclass(frozen=True, slots=True)
class ExplainedSentence:
    """A sentence at or above the threshold, or the best one; `share` is its score minus the bias.

    `own` is what the words of the sentence itself add of that; the rest comes from the headline, the sentence before and
    the article.

    Where the model scores the whole article at once, the article stands for its only sentence, and `parts` has its
    sentences in order, each as start, end and what its words add to the score.
    """

    text: str
    start: int
    end: int
    score: float
    share: float
    own: float
    terms: tuple[Share, ...]
    parts: tuple[tuple[int, int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A breach of a rule of the data folders: where it is, what was found, and what to do about it."""

    file: str
    line: int
    found: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.found} {self.remedy}"


@dataclass(frozen=True, slots=True)
class BehaviourTexts:
    """Sentences of one topic from which behaviour cases are made; see `labels/behaviour.toml`."""

    topic: str
    carry: tuple[str, ...]
    passing: tuple[str, ...]
    spellings: tuple[tuple[str, str], ...]
    spelling_sentence: str
    swaps: tuple[tuple[str, str], ...]
    swap_sentence: str
