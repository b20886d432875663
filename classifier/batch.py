"""Many articles come in, their predictions go out, in order and one at a time; formats of files are unknown here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from classifier.errors import SourceError
from classifier.model import TopicModel
from classifier.records import Article, Prediction

TYPE_CHECKING = False  # what `typing` says at run time; see `frozen`
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Tally", "answers"]


class Tally:
    """What has been counted so far: articles answered, errors, yes answers by topic, doubts, worker processes that died."""

    __slots__ = ("articles", "deaths", "errors", "unsure", "yes")

    def __init__(
        self, articles: int = 0, errors: int = 0, unsure: int = 0, yes: dict[str, int] | None = None, deaths: int = 0
    ) -> None:
        self.articles = articles
        self.errors = errors
        self.unsure = unsure
        self.yes = yes or {}
        self.deaths = deaths

    def count(self, prediction: Prediction) -> None:
        """Add one prediction."""
        self.articles += 1
        self.unsure += bool(prediction.unsure)
        for topic in prediction.topics:
            self.yes[topic] = self.yes.get(topic, 0) + 1

    def add(self, other: Tally) -> None:
        """Add what was counted elsewhere."""
        self.articles += other.articles
        self.errors += other.errors
        self.unsure += other.unsure
        self.deaths += other.deaths
        for topic, count in other.yes.items():
            self.yes[topic] = self.yes.get(topic, 0) + count

    def counts(self) -> dict[str, Any]:
        """Return the counts as `Tally` takes them; what is counted later does not change them."""
        return {name: getattr(self, name) for name in self.__slots__} | {"yes": dict(self.yes)}


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
