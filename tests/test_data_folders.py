"""`corpus`, `labels`, `check`: a slip in the data folders is found and named with its line and its remedy."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from classifier.check import check
from classifier.corpus import FIELDS, load_corpus
from classifier.errors import CorpusError, LabelsError
from classifier.labels import format_evidence, load_annotations, load_topics, parse_evidence
from tests.conftest import ROOT, TOPICS

TOPICS_TOML = '[[topic]]\nid = "sea"\nname = "Sea"\ndefinition = "Ships."\n\n[[topic]]\nid = "sky"\nname = "Sky"\ndefinition = "Stars."\n'
TEXT = "The ferry was late again on Monday.\nNobody knew why.\n\n" + " ".join(f"word{n}" for n in range(30)) + "."


def record(identifier: str, **changes: str) -> dict[str, str]:
    values = [
        identifier,
        "2020-01-02",
        f"Title of {identifier}",
        TEXT.replace("word", identifier),
        "event-1",
        "x",
        "brief",
        "x",
        "x",
        "x",
    ]
    return {**dict(zip(FIELDS, values, strict=True)), **changes}


Writer = Callable[[list[object], str], tuple[Path, Path]]


@pytest.fixture
def folders(tmp_path: Path) -> Writer:
    def write(records: list[object], gold: str) -> tuple[Path, Path]:
        for name in ("corpus", "labels"):
            (tmp_path / name).mkdir()
        lines = [r if isinstance(r, str) else json.dumps(r) for r in records]
        (tmp_path / "corpus" / "a.jsonl").write_text("".join(f"{line}\n" for line in lines))
        (tmp_path / "labels" / "topics.toml").write_text(TOPICS_TOML)
        (tmp_path / "labels" / "gold.tsv").write_text("id\ttopics\ttitle\tnote\n" + gold)
        return tmp_path / "corpus", tmp_path / "labels"

    return write


GOOD = "a1\tsea:1\tTitle of a1\t\n"


def test_sound_folders_have_no_findings(folders: Writer) -> None:
    findings, _ = check(*folders([record("a1")], GOOD))
    assert findings == []


def test_the_shipped_folders_have_no_findings() -> None:
    findings, _ = check(ROOT / "corpus", ROOT / "labels")
    assert findings == []


@pytest.mark.parametrize(
    ("records", "line", "said"),
    [
        (["{not json"], 1, "not JSON"),
        ([["a", "list"]], 1, "not a record"),
        ([{"id": "a1"}], 1, "not a record"),
        ([dict(reversed(record("a1").items()))], 1, "not a record"),
        ([record("a1", title=" ")], 1, "nothing stands under title"),
        ([record("a1", date="2020-02-30")], 1, "is no day"),
        ([record("a1", text="Too short.")], 1, "has 2 words"),
        ([record("a1", text=TEXT.replace("Monday.\n", "Monday. "))], 1, "where the splitter finds"),
        ([record("a1", text=TEXT.replace("late again", "late\nagain"))], 1, "where the splitter finds"),
        ([record("a1"), record("a1")], 2, "stands already in a.jsonl, line 1"),
        ([record("a2"), record("a1")], 2, "comes after a2"),
        ([record("a1"), record("a2", text=record("a1")["text"])], 2, "shares"),
    ],
)
def test_each_breach_of_the_corpus_format_is_found_on_its_line(
    folders: Writer, records: list[object], line: int, said: str
) -> None:
    findings, _ = check(*folders(records, GOOD))
    assert any(f.file == "a.jsonl" and f.line == line and said in f.found and f.remedy for f in findings)


@pytest.mark.parametrize(
    ("gold", "line", "said"),
    [
        ("a1\twind:1\tTitle of a1\t\n", 2, "unknown topic 'wind'"),
        ("a1\tsea\tTitle of a1\t\n", 2, "names no evidence"),
        ("a1\tsea:x\tTitle of a1\t\n", 2, "names no evidence"),
        ("a1\tsea:1 sea:2\tTitle of a1\t\n", 2, "stands twice"),
        ("a1\tsea:1\tTitle of a1\n", 2, "3 cells"),
        ("a1\tsea:4\tTitle of a1\t\n", 2, "ends with sentence 3"),
        ("a1\tsea:1\tAnother title\t\n", 2, "is titled"),
        ("", 1, "has no row"),
        (GOOD + "b1\t-\tNobody\t\n", 3, "is no article of the corpus"),
        (GOOD + GOOD, 3, "comes after"),
    ],
)
def test_each_breach_of_the_rules_for_labels_is_found_on_its_line(folders: Writer, gold: str, line: int, said: str) -> None:
    findings, _ = check(*folders([record("a1")], gold))
    assert any(f.file == "gold.tsv" and f.line == line and said in f.found and f.remedy for f in findings)


def test_a_missing_folder_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="Name the folder"):
        load_corpus(tmp_path / "nowhere")
    with pytest.raises(LabelsError, match="missing"):
        load_topics(tmp_path / "topics.toml")
    with pytest.raises(LabelsError, match="missing"):
        load_annotations(tmp_path / "gold.tsv", TOPICS)


def test_a_broken_topic_list_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "topics.toml"
    for text, said in (
        ("[[topic", "not TOML"),
        ("[[topic]]\nid = 'x'\n", "lacks"),
        ("", "lacks"),
        (TOPICS_TOML + "hints = 5\n", "lacks"),
        (TOPICS_TOML + TOPICS_TOML, "more than once"),
    ):
        file.write_text(text)
        with pytest.raises(LabelsError, match=said):
            load_topics(file)


@pytest.mark.parametrize("cell", ["-", "sea:0", "sea:0,3,4? sky:7", "sea:1? ?sky", "?sea sky:2"])
def test_an_evidence_cell_is_read_and_written_back(cell: str) -> None:
    assert format_evidence(parse_evidence("a1", cell, "", "", TOPICS), TOPICS) == cell


def test_doubt_and_not_judged_are_not_absence() -> None:
    annotation = parse_evidence("a1", "sea:1,2? ?sky", "", "", TOPICS)
    assert annotation.topics == ("sea",)
    assert annotation.doubtful == {"sea": (2,)}
    assert annotation.unknown == {"sky"}


def test_a_corpus_that_is_less_broad_than_promised_is_found(folders: Writer) -> None:
    corpus, labels = folders(
        [record("a1"), record("a2", text=record("a2")["text"].replace("ferry", "post"))], GOOD + "a2\t-\tTitle of a2\t\n"
    )
    (corpus / "coverage.toml").write_text(
        'long = 30\n[least]\narticles = 2\nlong = 2\nnone = 1\n"topic sea" = 1\n"year 2020" = 2\n'
    )
    assert check(corpus, labels)[0] == []
    (corpus / "coverage.toml").write_text('long = 300\n[least]\narticles = 3\nlong = 1\n"topic sky" = 1\n')
    assert [f.found for f in check(corpus, labels)[0]] == [
        "articles: 2 articles, where 3 are promised.",
        "long: 0 articles, where 1 are promised.",
        "topic sky: 0 articles, where 1 are promised.",
    ]
    (corpus / "coverage.toml").write_text("nonsense")
    with pytest.raises(CorpusError, match=r"coverage\.toml"):
        check(corpus, labels)


def test_data_in_another_encoding_is_found_or_an_error_never_a_traceback(folders: Writer) -> None:
    corpus, labels = folders([record("a1")], GOOD)
    (corpus / "a.jsonl").write_bytes((corpus / "a.jsonl").read_bytes() + b'{"id": "caf\xe9"}\n')
    assert any(f.line == 2 and "not JSON" in f.found for f in check(corpus, labels)[0])
    (labels / "gold.tsv").write_bytes(b"id\ttopics\ttitle\tnote\ncaf\xe9\t-\tx\t\n")
    with pytest.raises(LabelsError, match="not UTF-8"):
        load_annotations(labels / "gold.tsv", TOPICS)
