"""What flows through the rooms: frozen records that know nothing but their own fields."""

from __future__ import annotations

from collections.abc import Mapping

from classifier.frozen import Frozen

TYPE_CHECKING = False  # what `typing` says at run time
if TYPE_CHECKING:
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

_NONE: dict[str, tuple[int, ...]] = {}  # nothing more; shared, so never changed


class Article(Frozen):
    """One article as a reader gets it.

    `extra` holds the other fields of the record it came from; they travel along and are never read.
    """

    text: str
    title: str = ""
    id: str = ""
    date: str = ""
    source: str = ""
    url: str = ""
    extra: Mapping[str, Any] = _NONE

    @property
    def content(self) -> str:
        """Title, blank line, text; the text alone where there is no title. All character offsets refer to it."""
        return f"{self.title}\n\n{self.text}" if self.title else self.text


class Annotation(Frozen):
    """What a reader judged of one article: for each topic it carries, the sentences that are about it.

    `evidence` maps a topic to sentence numbers (0 is the title), in the order of the topic list; a topic without an
    entry was judged absent unless it is in `unknown`, the topics that were not judged. `doubtful` maps a topic to the
    sentences of which readers disagreed: they teach neither yes nor no.
    """

    id: str
    title: str
    evidence: Mapping[str, tuple[int, ...]]
    unknown: frozenset[str] = frozenset()
    doubtful: Mapping[str, tuple[int, ...]] = _NONE
    note: str = ""

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics that the article carries."""
        return tuple(self.evidence)


class Example(Frozen):
    """An article joined with its gold annotation; `group` keeps articles on one event in one fold."""

    article: Article
    annotation: Annotation
    group: str


class Evidence(Frozen):
    """The sentence that decided on one topic: its text, its place in `Article.content`, its score."""

    topic: str
    sentence: str
    start: int
    end: int
    score: float


class Prediction(Frozen):
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
    explanations: tuple[Explanation, ...] = ()


class Share(Frozen):
    """One term's part in a score; `spans` are where it stands in `Article.content`.

    Of a hint they are the names that hit: in the sentence, in the headline, in the sentence before, or where each name
    stands first in the article.
    """

    term: str
    share: float
    spans: tuple[tuple[int, int], ...] = ()


class Explanation(Frozen):
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
    sentences: tuple[ExplainedSentence, ...]


class ExplainedSentence(Frozen):
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


class Finding(Frozen):
    """A breach of a rule of the data folders: where it is, what was found, and what to do about it."""

    file: str
    line: int
    found: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.found} {self.remedy}"


class BehaviourTexts(Frozen):
    """Sentences of one topic from which behaviour cases are made; see `labels/behaviour.toml`."""

    topic: str
    carry: tuple[str, ...]
    passing: tuple[str, ...]
    spellings: tuple[tuple[str, str], ...]
    spelling_sentence: str
    swaps: tuple[tuple[str, str], ...]
    swap_sentence: str
