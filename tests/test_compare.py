"""`classifier compare`: two models, the same articles, the difference with its interval; worse beyond chance ends with 1."""

import json
from pathlib import Path

import pytest

from classifier.cli import main
from classifier.records import Example
from classifier.saving import save
from classifier.training import EVIDENCE_RECIPES, Training, train
from tests.conftest import SEA, TOPICS


@pytest.fixture
def places(training: Training, examples: list[Example], tmp_path: Path) -> tuple[str, str, str]:
    """Return the folder of a good model, that of one taught by wrong labels, and a file of labelled articles."""
    save(training.model, tmp_path / "good")
    shifted = [
        Example(article.article, label.annotation, article.group)
        for article, label in zip(examples, examples[1:] + examples[:1], strict=True)
    ]
    save(train(shifted, TOPICS, EVIDENCE_RECIPES).model, tmp_path / "bad")
    rows = [{"id": e.article.id, "text": e.article.content, "topics": list(e.annotation.topics)} for e in examples]
    (tmp_path / "data.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(tmp_path / "good"), str(tmp_path / "bad"), str(tmp_path / "data.jsonl")


def test_a_worse_model_is_called_worse_and_a_better_one_is_not(
    places: tuple[str, str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad, data = places
    assert main(["compare", good, bad, "--data", data]) == 1
    table = capsys.readouterr().out
    assert "macro-F1" in table
    assert "worse" in table
    assert main(["compare", bad, good, "--data", data]) == 0
    assert "worse" not in capsys.readouterr().out


def test_a_model_does_not_differ_from_itself(places: tuple[str, str, str], capsys: pytest.CaptureFixture[str]) -> None:
    good, _, data = places
    assert main(["compare", good, good, "--data", data]) == 0
    lines = capsys.readouterr().out.splitlines()[1:]
    assert [line.split()[0] for line in lines] == ["macro-F1", "micro-F1", "sea", "sky"]
    assert all("+0.000  +0.000 to +0.000" in line for line in lines)


def test_models_are_compared_on_the_topics_that_both_have(
    places: tuple[str, str, str], examples: list[Example], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, _, data = places
    narrow = [
        Example(
            e.article,
            type(e.annotation)(
                e.annotation.id, e.annotation.title, {k: v for k, v in e.annotation.evidence.items() if k == "sea"}
            ),
            e.group,
        )
        for e in examples
    ]
    save(train(narrow, type(TOPICS)([SEA]), EVIDENCE_RECIPES).model, tmp_path / "sea")
    assert main(["compare", good, str(tmp_path / "sea"), "--data", data]) == 0
    assert "sky" not in capsys.readouterr().out


def test_data_without_gold_is_an_error_in_one_paragraph(
    places: tuple[str, str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad, _ = places
    (tmp_path / "bare.jsonl").write_text('{"text": "The ferry docked an hour late."}\n')
    assert main(["compare", good, bad, "--data", str(tmp_path / "bare.jsonl")]) == 1
    assert "has no gold topics" in capsys.readouterr().err
