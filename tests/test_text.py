"""`text`: one fold, one token, one sentence for all."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from classifier.text import fold, fold_character, ngrams, sentence_spans, token_spans, tokens


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


# ----------------------------------------------------------------------------------------------------------------- fold


@pytest.mark.parametrize("hyphen", "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212 ")
def test_every_spelling_of_a_hyphenated_name_gives_the_same_tokens(hyphen: str) -> None:
    assert tokens(f"NAGORNO{hyphen}Karabakh") == ["nagorno", "karabakh"]


@pytest.mark.parametrize(
    ("spelling", "token"),
    [
        ("İstanbul", "istanbul"),
        ("Erdoğan", "erdogan"),
        ("Erdog\u0306an", "erdogan"),
        ("Bakı", "baki"),
        ("Na\u00adgorno", "nagorno"),
        ("ﬁre", "fire"),
        ("ＣＯＶＩＤ", "covid"),
        ("Straße", "strasse"),
    ],
)
def test_accents_case_and_format_characters_are_folded_away(spelling: str, token: str) -> None:
    assert tokens(spelling) == [token]


def test_letters_and_digits_stay_and_all_else_separates() -> None:
    assert tokens("Syria's F-16, MH17_x @ 3.5%") == ["syria", "s", "f", "16", "mh17", "x", "3", "5"]


@given(st.characters())
def test_the_fold_of_a_character_is_a_space_or_nothing_or_at_most_four_bytes_of_letters(character: str) -> None:
    folded = fold_character(character)
    assert folded in ("", " ") or (folded.isalnum() and len(folded.encode()) <= 4)


@given(st.text())
@example("\U0001d6a4 ı İ")
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert tokens(fold(text)) == tokens(text)


@given(st.text())
def test_token_spans_are_the_tokens_with_their_places(text: str) -> None:
    spans = token_spans(text)
    assert [token for token, _, _ in spans] == tokens(text)
    for token, start, end in spans:
        assert tokens(text[start:end]) == [token]


def test_ngrams_are_all_runs_shorter_ones_first() -> None:
    assert ngrams(["a", "b", "c"], 2) == ["a", "b", "c", "a b", "b c"]
    assert ngrams(["a"], 3) == ["a"]
    assert ngrams([], 2) == []


# ------------------------------------------------------------------------------------------------------------ sentences


@pytest.mark.parametrize(
    "text",
    [
        "Gen. Mark Milley met Mr. Putin.",
        "The U.S. Navy paid $3.5 million on Dec. 3 for No. 7.",
        "Dr. J. R. Smith of St. Petersburg said so.",
        '"Stop!" he said.',
        "“Is it over?” asked one.",
        "It fell 0.3 per cent.",
        "He waited… and left.",
    ],
)
def test_abbreviations_initials_decimals_and_running_quotes_do_not_split(text: str) -> None:
    assert split(text) == [text]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("It rained. We left.", ["It rained.", "We left."]),
        ("He lives in the U.S. The talks failed.", ["He lives in the U.S.", "The talks failed."]),
        ("“Go.” They went.", ["“Go.”", "They went."]),
        ("Who? Nobody! 12 men came.", ["Who?", "Nobody!", "12 men came."]),
        ("He came to Moscow.The talks began.", ["He came to Moscow.", "The talks began."]),
        ("停火了。他们走了。", ["停火了。", "他们走了。"]),
        ("Q: Why?\nA: Because. It is so.", ["Q: Why?", "A: Because.", "It is so."]),
        ("22:10 Shells fell\n21:35 Talks began", ["22:10 Shells fell", "21:35 Talks began"]),
        ("A headline\n\nThe text.", ["A headline", "The text."]),
        ("- one\n- two", ["- one", "- two"]),
        ("", []),
        (" \n\n \t", []),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, sentences: list[str]) -> None:
    assert split(text) == sentences


def test_a_line_end_inside_a_wrapped_paragraph_is_no_sentence_end() -> None:
    wrapped = (
        "The delegations of the two countries met again on Wednesday to go\n"
        "through the list of prisoners, and parted without a result. Nobody\n"
        "could say when they would meet again."
    )
    assert [" ".join(s.split()) for s in split(wrapped)] == [
        "The delegations of the two countries met again on Wednesday to go through the list of prisoners, and parted without a result.",
        "Nobody could say when they would meet again.",
    ]


def test_lines_that_stand_alone_are_sentences() -> None:
    assert split("Menu\nWorld\nSport") == ["Menu", "World", "Sport"]
    long = (
        "A paragraph that runs on and on in one single line as most pages have them today, well past any width of wrapping."
    )
    assert split(f"Armed conflicts\n{long}") == ["Armed conflicts", long]


@given(st.text(alphabet=st.sampled_from("aB. \n\"!?…'-•5:>")))
def test_sentences_cover_the_text_in_order_without_overlap(text: str) -> None:
    position = 0
    for start, end in sentence_spans(text):
        assert position <= start < end
        assert not text[position:start].strip()
        assert text[start:end] == text[start:end].strip()
        position = end
    assert not text[position:].strip()
