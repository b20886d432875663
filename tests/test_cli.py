"""`cli`: the command as people use it, in a process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT

COMMANDS = ("predict", "explain", "check", "agreement", "evaluate", "retrain")
ARTICLE = ROOT / "tests" / "articles" / "consultations.txt"


def run(*arguments: str | Path, text: str | None = None, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "classifier", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(command, input=text, capture_output=True, encoding="utf-8", cwd=cwd, env=environment, check=False)


def test_predict_names_the_topics_and_the_deciding_sentence() -> None:
    done = run("predict", ARTICLE)
    assert (done.returncode, done.stderr) == (0, "")
    assert "yes  Syria" in done.stdout
    assert "yes  Nagorno-Karabakh" in done.stdout
    assert "COVID" not in done.stdout


def test_json_lines_keep_the_id_and_add_the_answers() -> None:
    done = run("predict", "--json", ARTICLE)
    record = json.loads(done.stdout)
    assert record["id"] == "consultations.txt"
    assert record["topics"] == ["syria", "nagorno-karabakh"]
    assert set(record["probabilities"]) == {"syria", "nagorno-karabakh", "ukraine", "aviation-incident", "covid"}


def test_an_output_file_has_a_line_an_article_and_other_fields_travel_along(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(
        '{"id": "a", "text": "Shells fell on Idlib.", "desk": "east"}\nbad\n{"id": "b", "text": "A dog won."}\n'
    )
    done = run("predict", tmp_path / "in.jsonl", "-o", tmp_path / "out.jsonl")
    assert done.returncode == 1
    assert "2 articles" in done.stderr
    assert "1 error, listed in" in done.stderr
    (error,) = [json.loads(line) for line in (tmp_path / "out.errors.jsonl").read_text().splitlines()]
    assert error["line"] == 2
    assert "not JSON" in error["error"]
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [(row["id"], row.get("desk")) for row in rows] == [("a", "east"), ("b", None)]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["in.jsonl", "out.errors.jsonl", "out.jsonl"]


def test_a_literal_text_and_standard_input_are_read() -> None:
    text = "Shelling in Idlib killed three people on Monday, the Syrian Observatory for Human Rights said."
    assert "Syria" in run("predict", "--text", text).stdout
    assert "Syria" in run("predict", text=text).stdout
    assert "Syria" in run("predict", "-", text=text).stdout


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["predict", "no.txt"], 1, "no.txt is not there"),
        (["predict", "--model", "nowhere", "--text", "x"], 1, "holds no model"),
        (["predict", "--text", ""], 1, "empty"),
        (["predict", "--text", "x", "y.txt"], 2, "exclude each other"),
        (["predict", "--text", "x", "-o", "out.xlsx"], 2, "answers are written as .jsonl"),
        (["predict", "--text", "x", "-o", "no/such/folder/out.jsonl"], 1, "cannot be written"),
        (["predict", "--nonsense"], 2, "unrecognized"),
        (["nonsense"], 2, "invalid choice"),
        ([], 2, ""),
        (["explain", str(ARTICLE), "--topic", "sport"], 2, "Unknown topic 'sport'"),
        (["check", "--corpus", "nowhere"], 1, "is missing"),
        (["retrain", "--labels", "nowhere", "-o", "x"], 1, "is missing"),
        (["evaluate", str(ARTICLE)], 1, "no gold topics"),
    ],
)
def test_what_goes_wrong_is_one_paragraph_and_a_status_never_a_traceback(
    arguments: list[str], status: int, said: str, tmp_path: Path
) -> None:
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == status
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_explain_shows_shares_and_threshold() -> None:
    done = run("explain", ARTICLE, "--topic", "syria")
    assert done.returncode == 0
    assert "above the threshold" in done.stdout
    assert "+" in done.stdout


def test_check_counts_the_articles_of_each_sort() -> None:
    done = run("check", "--counts")
    assert done.returncode == 0
    counts = {sort: int(number) for number, sort in (line.strip().split("  ", 1) for line in done.stdout.splitlines())}
    assert counts["articles"] == sum(number for sort, number in counts.items() if sort.startswith("year "))
    assert counts["topic syria"] >= 240


def test_evaluate_puts_the_baselines_beside_the_model(tmp_path: Path) -> None:
    rows = [
        {"id": str(n), "text": text, "topics": topics}
        for n, (text, topics) in enumerate([("Shells fell on Idlib in Syria.", ["syria"]), ("A dog won.", [])])
    ]
    (tmp_path / "data.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = run("evaluate", tmp_path / "data.jsonl")
    assert done.returncode == 0
    assert "keyword rules on 2 articles" in done.stdout
    assert "always none on 2 articles" in done.stdout


def test_gold_with_a_topic_the_model_lacks_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "data.jsonl").write_text('{"id": "a", "text": "x", "topics": ["sport"]}\n')
    done = run("evaluate", tmp_path / "data.jsonl")
    assert "Unknown topic 'sport'" in done.stderr
    assert done.returncode == 1


def test_a_closed_pipe_ends_quietly() -> None:
    command = f"{sys.executable} -m classifier predict --json {ROOT / 'corpus'} | head -n 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, cwd=ROOT, check=False)  # noqa: S602
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


def test_ctrl_c_says_so_and_leaves_no_file(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "classifier", "predict", str(ROOT / "corpus"), "-o", str(tmp_path / "out.jsonl")]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    deadline = time.monotonic() + 20
    while not list(tmp_path.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Interrupted" in said
    assert "Traceback" not in said
    assert not list(tmp_path.iterdir())


def test_every_command_has_help_with_an_example_of_its_input() -> None:
    assert all(name in run("--help").stdout for name in COMMANDS)
    for name in COMMANDS:
        done = run(name, "--help")
        assert done.returncode == 0
        assert "usage: classifier" in done.stdout


def test_the_version_is_that_of_the_package() -> None:
    import classifier

    assert run("--version").stdout in {f"classifier {classifier.__version__} ({kind} kernel)\n" for kind in ("C", "Python")}
