"""`columns`: which column is the text, the title, the id, and what happens to the others."""

from typing import Any

import pytest

from classifier.columns import Columns, article_of
from classifier.errors import SourceError
from classifier.records import Article


def article(record: dict[str, Any], **chosen: str) -> Article:
    return article_of(record, Columns(**chosen), "file:1")


@pytest.mark.parametrize("name", ["text", "TEXT", "Body", "content", "Article", "full_text"])
def test_the_text_is_found_by_its_usual_names_in_any_case(name: str) -> None:
    assert article({name: "A ferry sank."}) == Article("A ferry sank.", id="file:1")


@pytest.mark.parametrize(("title", "identifier"), [("title", "id"), ("Headline", "doc_id"), ("HEADING", "Article_ID")])
def test_title_and_id_are_found_likewise_and_all_other_columns_travel_along(title: str, identifier: str) -> None:
    found = article({identifier: 7, "desk": "east", title: "Ferry", "text": "It sank.", "n": None})
    assert found == Article("It sank.", "Ferry", "7", extra={"desk": "east", "n": None})


def test_an_address_is_the_id_where_there_is_no_other_and_stays_an_address() -> None:
    assert article({"url": "a://b", "text": "x"}) == Article("x", id="a://b", url="a://b")
    assert article({"url": "a://b", "id": "1", "text": "x"}).id == "1"


def test_the_name_itself_comes_before_others_for_the_same() -> None:
    found = article({"content": "y", "text": "x", "headline": "b", "title": "a", "guid": "2", "id": "1"})
    assert found == Article("x", "a", "1", extra={"content": "y", "headline": "b", "guid": "2"})


@pytest.mark.parametrize(
    ("names", "part"), [(("Body", "content"), "text"), (("headline", "Heading"), "title"), (("uid", "doc_id"), "id")]
)
def test_two_columns_that_could_be_the_same_are_an_error_that_names_both(names: tuple[str, str], part: str) -> None:
    record = dict.fromkeys(names, "x") | ({} if part == "text" else {"text": "x"})
    with pytest.raises(SourceError, match=f"--{part}-column") as caught:
        article(record)
    assert all(repr(name) in str(caught.value) for name in names)
    assert article(record, **{part: names[0]}).extra == {names[1]: "x"}


def test_a_column_that_was_chosen_must_be_there() -> None:
    with pytest.raises(SourceError, match="no column 'corpus'; there are 'text'"):
        article({"text": "x"}, text="corpus")
    assert article({"text": "x", "body": "y"}, text="body") == Article("y", id="file:1", extra={"text": "x"})


def test_a_date_source_or_address_that_is_no_string_travels_along_as_it_is() -> None:
    assert article({"text": "x", "source": {"name": "wire"}}).extra == {"source": {"name": "wire"}}
    assert article({"text": "x", "source": "wire"}) == Article("x", id="file:1", source="wire")


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({}, "no text: the columns are none"),
        ({"title": "x"}, "no text: the columns are 'title'"),
        ({"text": None}, "no text: 'text' holds none"),
        ({"text": ["x"]}, "no text"),
        ({"text": "x", "title": 5}, "title should be a string"),
        ({"text": "x", "id": 1.5}, "id should be a string"),
        ({"text": "x", "id": True}, "id should be a string"),
        ({"text": " \n", "title": ""}, "the text is empty"),
    ],
)
def test_what_is_no_article_is_an_error(record: dict[str, Any], said: str) -> None:
    with pytest.raises(SourceError, match=said):
        article(record)


def test_a_title_alone_is_an_article() -> None:
    assert article({"text": "", "title": "Ferry sinks"}).content == "Ferry sinks\n\n"


def test_records_of_ever_new_columns_do_not_fill_the_memory() -> None:
    columns = Columns()
    for number in range(3000):
        columns.find(["text", f"column {number}"])
    assert len(columns._found) <= 1000
