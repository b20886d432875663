"""A user's labelled records come in, Topics and Examples go out: what gold looks like in a record; files are unknown here.

A record has `topics` (or `labels`), a list of topic ids, `[]` if it carries none; a single string is read as ids with
semicolons between them, as a CSV file has them, and one with commas or brackets is refused: it is a list that was meant
otherwise, and would teach a topic of that name. If you like, it has `unknown`, a list of topics that were not judged,
`event`, which keeps articles on one event in one fold, and `evidence`, an object that names for a topic the numbers of the
sentences that are about it (0 is the title).
"""

from collections.abc import Iterable, Sequence

from classifier.errors import SourceError, TrainingError, UsageError
from classifier.reading import sentences_of
from classifier.records import Annotation, Article, Example
from classifier.topics import Topic, Topics, topic_name

__all__ = ["example_of", "gold_of", "topics_in"]

_FIELDS = ("topics", "labels")


def topics_in(articles: Iterable[Article]) -> Topics:
    """Return the topics that occur in labelled articles, in the order of their ids, each named by its id.

    Records without proper gold are passed over here; `example_of` says what is wrong with them. Raises `TrainingError` if
    there is no topic at all or two differ in nothing but case and white space.
    """
    found: set[str] = set()
    wrong = ""
    for article in articles:
        try:
            found.update(_ids(article), _strings(article, "unknown"))
        except SourceError as error:
            wrong = wrong or str(error)
    if not found:
        rule = 'Give records "topics", a list such as ["economy"]; [] for none.'
        raise TrainingError(f"No article names a topic. {wrong or rule}")
    alike: dict[str, str] = {}
    for topic in sorted(found):
        other = alike.setdefault(" ".join(topic.casefold().split()), topic)
        if other != topic:
            raise TrainingError(
                f"Topics {other!r} and {topic!r} differ in case or white space only. Write one of them throughout."
            )
    return Topics([Topic(topic, topic_name(topic), "") for topic in sorted(found)])


def gold_of(article: Article, topics: Topics) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return the gold topics of an article and those that were not judged.

    Raises `SourceError` if none are written down, one is unknown, or one is in both lists.
    """
    try:
        carried, unknown = topics.sort(_ids(article)), frozenset(topics.sort(_strings(article, "unknown")))
    except UsageError as error:
        raise SourceError(f"Article {article.id}: {error}") from None
    if unknown.intersection(carried):
        both = ", ".join(sorted(unknown.intersection(carried)))
        raise SourceError(
            f"Article {article.id} both carries {both} and leaves it unknown. Take it out of one of the lists."
        )
    return carried, unknown


def example_of(article: Article, topics: Topics) -> Example:
    """Return a labelled article as an example; its group is its event, or empty. Raises `SourceError` as `gold_of` does."""
    carried, unknown = gold_of(article, topics)
    named = article.extra.get("evidence") or {}
    if not isinstance(named, dict) or not set(named) <= set(carried):
        raise SourceError(
            f'Article {article.id}: "evidence" names topics that "topics" does not. Name the same ones in both.'
        )
    evidence = {topic: _numbers(article, named.get(topic, [])) for topic in carried}
    return Example(article, Annotation(article.id, article.title, evidence, unknown), str(article.extra.get("event") or ""))


def _ids(article: Article) -> Sequence[str]:
    """Return what the record's gold field holds."""
    name = next((field for field in _FIELDS if field in article.extra), None)
    if name is None:
        raise SourceError(
            f'Article {article.id} has no gold topics. Give every record "topics", a list; [] if it carries none.'
        )
    return _strings(article, name)


def _strings(article: Article, name: str) -> Sequence[str]:
    value = article.extra.get(name)
    if isinstance(value, str):
        if not {",", "["}.isdisjoint(value) and ";" not in value:
            raise SourceError(
                f'Article {article.id}: "{name}" is one string, {value!r}. Put semicolons between topics, as in'
                " economy;sports, and one behind a single topic with such a sign in its name."
            )
        value = [part.strip() for part in value.split(";") if part.strip()]
    if value is None and name not in _FIELDS:
        return []
    if not isinstance(value, list) or not all(
        isinstance(topic, str) and topic.strip() and topic.isprintable() for topic in value
    ):
        raise SourceError(f'Article {article.id}: "{name}" is no list of topics. Write it as ["economy", "sports"].')
    return value


def _numbers(article: Article, value: object) -> tuple[int, ...]:
    if not isinstance(value, list) or not all(type(number) is int and number >= 0 for number in value):
        raise SourceError(f'Article {article.id}: "evidence" holds no sentence numbers. Write it as {{"economy": [0, 3]}}.')
    sentences = bool(article.title) + len(sentences_of(article.text)) if value else 0
    if value and max(value) >= sentences:
        raise SourceError(
            f'Article {article.id}: "evidence" names sentence {max(value)}, and the last one is {sentences - 1}. Name'
            " sentences that are there."
        )
    return tuple(sorted(set(value)))
