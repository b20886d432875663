"""`cli`: the command as people use it, in a process of its own."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT

COMMANDS = ("predict", "explain", "inspect", "check", "agreement", "evaluate", "retrain")
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
    assert "line 2: not JSON" in done.stderr
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
        (["inspect", "--topic", "sport"], 2, "Unknown topic 'sport'"),
        (["inspect", "--term", "x", "--topic", "covid"], 2, "exclude each other"),
        (["inspect", "nowhere"], 1, "holds no model"),
        (["predict", "--text", "x", "--html", "no/such/folder/page.html"], 1, "cannot be written"),
        (["predict", "--text", "x", "--html", "page.txt"], 2, "no name of a page"),
        (["predict", "x.txt", "--jobs", "0"], 2, "argument --jobs: 0 is no whole number from 1 on"),
        (["retrain", "-o", "x", "--recall", "much"], 2, "argument --recall: much is no number between 0 and 1"),
        (["retrain", "-o", str(ARTICLE)], 2, "is a file, and a model is a folder"),
        (["retrain", "--data", "no.jsonl", "-o", "x"], 1, "no.jsonl is not there"),
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


def test_predict_explains_with_offsets_into_the_fields_as_given(tmp_path: Path) -> None:
    given = {"id": "a", "title": "Shells fall on Idlib", "text": "Shells fell on\nIdlib in Syria, the mayor said."}
    (tmp_path / "in.jsonl").write_text(json.dumps(given) + "\n")
    (record,) = map(json.loads, run("predict", "--json", "--explain", tmp_path / "in.jsonl").stdout.splitlines())
    assert {evidence["topic"] for evidence in record["evidence"]} == {"syria"}
    for evidence in record["evidence"]:
        assert given[evidence["field"]][evidence["start"] : evidence["end"]] == evidence["sentence"]
        assert evidence["terms"]


def test_predict_writes_a_page_and_answers_all_the_same(tmp_path: Path) -> None:
    done = run("predict", ARTICLE, ARTICLE.with_name("none.txt"), "--html", tmp_path / "page.html")
    assert "yes  Syria" in done.stdout
    assert "names a place" not in done.stdout  # an explanation in lines is for those who ask for it
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.endswith("</html>\n")
    assert "<mark>" in page


def test_a_page_takes_the_place_of_no_article(tmp_path: Path) -> None:
    article, folder = tmp_path / "a.html", tmp_path / "more"
    folder.mkdir()
    for file in (article, folder / "b.html"):
        file.write_text("mine")
    for arguments in (
        (article, "--html", article),
        (folder, "--html", folder / "b.html"),
        (".", "--html", folder / "b.html"),
    ):
        done = run("predict", *arguments, cwd=tmp_path)
        assert (done.returncode, "would be overwritten" in done.stderr) == (2, True)
    assert article.read_text() == (folder / "b.html").read_text() == "mine"


def test_help_that_cannot_be_written_is_an_error() -> None:
    for arguments in (["--help"], ["predict", "--help"]):
        command = f"{sys.executable} -m classifier {' '.join(arguments)} >&-"
        done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, cwd=ROOT, check=False)
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert "standard output" in done.stderr


def test_a_json_array_on_standard_input_is_no_article() -> None:
    done = run("predict", text='[\n {"text": "Shells fell on Idlib."}]')
    assert (done.returncode, done.stdout) == (1, "")
    assert "is one JSON array" in done.stderr


def test_explain_and_predict_explain_show_the_same_shares() -> None:
    predicted, explained = run("predict", "--explain", ARTICLE).stdout, run("explain", ARTICLE).stdout
    shares = [line for line in predicted.splitlines() if re.match(r" +[+-]\d\.\d", line)]
    assert shares
    assert set(shares) <= set(explained.splitlines())


def test_an_ascii_terminal_of_forty_columns_is_served() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii", "COLUMNS": "40"}
    command = [sys.executable, "-m", "classifier", "predict", "--explain", str(ARTICLE)]
    done = subprocess.run(command, capture_output=True, encoding="ascii", env=environment, cwd=ROOT, check=True)
    assert max(map(len, done.stdout.splitlines())) <= 40 + len("...")  # the dots of a cut are three characters there
    assert "[+" in done.stdout


def test_colour_is_for_terminals_that_want_it() -> None:
    pty = pytest.importorskip("pty")
    shown = {}
    for variables in ({}, {"NO_COLOR": "1"}, {"TERM": "dumb"}):
        master, slave = pty.openpty()
        environment = {**os.environ, "TERM": "xterm", "PYTHONPATH": str(ROOT), **variables}
        environment = {key: value for key, value in environment.items() if key != "NO_COLOR" or variables.get(key)}
        command = [sys.executable, "-m", "classifier", "explain", str(ARTICLE), "--topic", "covid"]
        subprocess.run(command, stdout=slave, env=environment, cwd=ROOT, check=True)
        os.close(slave)
        shown[tuple(variables)] = os.read(master, 100_000)
        os.close(master)
    assert b"\x1b[" in shown[()]
    assert b"\x1b[" not in shown["NO_COLOR",]
    assert b"\x1b[" not in shown["TERM",]


def test_inspect_shows_the_model_a_topic_and_a_term() -> None:
    assert "Nagorno-Karabakh" in run("inspect").stdout
    assert "Syria" not in run("inspect", "--topic", "covid", "--top", "3").stdout.splitlines()[0]
    done = run("inspect", "--term", "Karabakh", "--json")
    record = json.loads(done.stdout)
    assert (record["term"], record["known"], done.returncode) == ("karabakh", True, 0)
    assert set(json.loads(run("inspect", "--json").stdout)) >= {"topics", "terms", "lists", "recipe", "provenance", "kernel"}


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


@pytest.mark.parametrize("later", [0.0, 0.005, 0.01, 0.015, 0.02])  # seconds: orjson starts some time in the first 20 ms
def test_ctrl_c_says_so_and_leaves_nothing_under_the_name(tmp_path: Path, later: float) -> None:
    command = [sys.executable, "-m", "classifier", "predict", str(ROOT / "corpus"), "-o", str(tmp_path / "out.jsonl")]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    deadline = time.monotonic() + 20
    while not list(tmp_path.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(later)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Interrupted" in said
    assert "Traceback" not in said
    assert not (tmp_path / "out.jsonl").exists()


def test_every_command_has_help_with_an_example_of_its_input() -> None:
    assert all(name in run("--help").stdout for name in COMMANDS)
    for name in COMMANDS:
        done = run(name, "--help")
        assert done.returncode == 0
        assert "usage: classifier" in done.stdout


def test_the_version_is_that_of_the_package() -> None:
    import classifier

    assert run("--version").stdout in {f"classifier {classifier.__version__} ({kind} kernel)\n" for kind in ("C", "Python")}


@pytest.mark.parametrize(("file", "status"), [("tests/articles/consultations.txt", 0), ("nowhere.txt", 1)])
def test_the_installed_command_ends_at_once_with_its_status_and_all_it_had_to_say(file: str, status: int) -> None:
    code = f"import atexit, sys; atexit.register(print, 'late'); sys.argv = ['classifier', 'predict', {file!r}]"
    code += "; from classifier.cli import script; script()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == status
    assert ("Nagorno-Karabakh" in done.stdout) == (status == 0)
    assert ("late" in done.stdout) == (status != 0)  # an error takes the long way: nothing may be lost of it
