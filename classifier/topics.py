"""The closed, ordered list of topics: ids and their columns; articles, files and models are unknown here.

The order of the list is the order of columns in every array and of every answer. A topic outside the list is an error.
"""

from collections.abc import Iterable, Iterator, Mapping

from classifier.errors import UsageError
from classifier.frozen import Frozen

__all__ = ["Topic", "Topics", "topic_name"]

_NONE: dict[str, tuple[str, ...]] = {}  # no hints; shared, so never changed


class Topic(Frozen):
    """One topic: its id, its name for people, its definition.

    `hints` are lists of names and phrases by kind, which training weighs. `rules` are the keywords with which a desk would
    find the topic; they are the baseline of reports and decide nothing.
    """

    id: str
    name: str
    definition: str
    hints: Mapping[str, tuple[str, ...]] = _NONE
    rules: tuple[str, ...] = ()


def topic_name(topic: str) -> str:
    """Return a topic id as people would write it: hyphens and underscores become spaces."""
    return topic.replace("-", " ").replace("_", " ")


class Topics:
    """A closed, ordered list of topics.

    Raises `UsageError` for an empty list and for an id that stands twice.
    """

    __slots__ = ("_column", "_topics")

    def __init__(self, topics: Iterable[Topic]) -> None:
        self._topics = tuple(topics)
        self._column = {topic.id: column for column, topic in enumerate(self._topics)}
        if not self._topics:
            raise UsageError("The topic list is empty. A model answers for at least one topic: name one.")
        if len(self._column) < len(self._topics):
            twice = sorted({t.id for t in self._topics if [u.id for u in self._topics].count(t.id) > 1})
            raise UsageError(f"The topic list names {', '.join(twice)} more than once. Give each topic one entry.")

    @property
    def ids(self) -> tuple[str, ...]:
        """The topic ids in the order of columns."""
        return tuple(self._column)

    def column(self, topic: str) -> int:
        """Return the column of a topic id; an unknown one raises `UsageError` with the ids there are."""
        if topic not in self._column:
            raise UsageError(f"Unknown topic {topic!r}. The topics here are: {', '.join(self._column)}. Use one of these.")
        return self._column[topic]

    def sort(self, topics: Iterable[str]) -> tuple[str, ...]:
        """Return topic ids in the order of columns, each once; an unknown one raises `UsageError`."""
        return tuple(self._topics[column].id for column in sorted({self.column(topic) for topic in topics}))

    def __iter__(self) -> Iterator[Topic]:
        return iter(self._topics)

    def __len__(self) -> int:
        return len(self._topics)

    def __contains__(self, topic: object) -> bool:
        return topic in self._column

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Topics) and self._topics == other._topics

    def __hash__(self) -> int:
        return hash(self.ids)

    def __repr__(self) -> str:
        return f"Topics({', '.join(self.ids)})"
