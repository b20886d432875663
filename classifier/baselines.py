"""Articles come in, the answers of the simplest rivals go out: what a desk has today; models and gold are unknown here."""

from collections.abc import Sequence

from classifier.features import HintLists
from classifier.reading import tokens_of
from classifier.records import Article
from classifier.topics import Topics

__all__ = ["keyword_answers"]


def keyword_answers(articles: Sequence[Article], topics: Topics) -> list[tuple[str, ...]]:
    """Return for each article the topics of which at least one keyword stands in its title or text, as whole words."""
    owners: dict[str, list[str]] = {}
    for topic in topics:
        for rule in topic.rules:
            owners.setdefault(" ".join(tokens_of(rule)), []).append(topic.id)
    rules = HintLists(owners)
    return [topics.sort(rules.found(tokens_of(article.content))) for article in articles]
