"""Many articles come in, their predictions go out, in order and one at a time; formats of files are unknown here."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from classifier.errors import SourceError
from classifier.model import TopicModel
from classifier.records import Article, Prediction

__all__ = ["Tally", "answers"]


@dataclass(slots=True)
class Tally:
    """What has been counted so far: articles answered, errors, and the yes answers and doubts by topic."""

    articles: int = 0
    errors: int = 0
    yes: dict[str, int] = field(default_factory=dict)
    unsure: int = 0

    def count(self, prediction: Prediction) -> None:
        """Add one prediction."""
        self.articles += 1
        self.unsure += bool(prediction.unsure)
        for topic in prediction.topics:
            self.yes[topic] = self.yes.get(topic, 0) + 1


def answers(
    model: TopicModel,
    found: Iterable[Article | SourceError],
    tally: Tally,
    *,
    whole_text: bool = False,
    explain: bool = False,
) -> Iterator[tuple[Article, Prediction] | SourceError]:
    """Yield each article with its prediction, and each error as it came, in order; `tally` is kept up to date."""
    for item in found:
        if isinstance(item, SourceError):
            tally.errors += 1
            yield item
        else:
            prediction = model.predict(item, whole_text=whole_text, explain=explain)
            tally.count(prediction)
            yield item, prediction
