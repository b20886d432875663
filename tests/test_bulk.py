"""`bulk`: whole files, as people answer them with the command: every record once, in order, whatever happens meanwhile."""

import csv
import functools
import gzip
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from classifier import bulk, load, sources
from classifier.bulk import Job, answer_chunks, answer_to_file
from classifier.columns import Columns
from classifier.corpus import load_corpus
from classifier.errors import SourceError, UsageError
from classifier.progress import Progress
from classifier.records import Article
from tests.conftest import ROOT

MODEL = ROOT / "models" / "news"
BAD = "no JSON"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "classifier", "predict", *map(str, arguments)]


def run(*arguments: str | Path, cwd: Path | None = None, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), capture_output=True, encoding="utf-8", cwd=cwd, env=ENVIRONMENT, check=False, **more
    )


@functools.cache
def corpus() -> list[Article]:
    return load_corpus(ROOT / "corpus")[:200]


def articles(count: int) -> list[dict[str, str]]:
    """Return articles of the corpus as records, with ids of their own."""
    given = corpus()
    return [
        {"id": f"a{number}", "title": given[number % 200].title, "text": given[number % 200].text, "desk": "é"}
        for number in range(count)
    ]


def write(file: Path, records: list[dict[str, str]], *, bad: int = 0) -> Path:
    """Write JSON Lines with some bad ones, evenly among the others."""
    lines = [json.dumps(record, ensure_ascii=False) for record in records]
    for number in range(bad):
        lines.insert(number * len(lines) // bad, BAD)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def read(file: Path) -> list[dict[str, Any]]:
    text = gzip.decompress(file.read_bytes()).decode() if file.suffix == ".gz" else file.read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def peak_of(words: list[str]) -> tuple[int, int]:
    """Return the exit status of a command and the most memory it had, in bytes.

    A small process runs it, since memory is counted from the fork on, and these tests are large.
    """
    script = (
        "import resource, subprocess, sys\n"
        "status = subprocess.run(sys.argv[1:], stderr=subprocess.DEVNULL).returncode\n"
        "print(status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *words], capture_output=True, text=True, env=ENVIRONMENT, check=True
    )
    status, kibibytes = map(int, done.stdout.split())
    return status, kibibytes * 1024


def no_process_left(group: int) -> bool:
    """Tell whether the processes of a command that has ended end too, soon."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.01)
    return False


def wait_for(file: Path, *, filled: bool = False) -> None:
    deadline = time.monotonic() + 60
    while not file.exists() or (filled and not file.stat().st_size):
        assert time.monotonic() < deadline, f"{file} never came"
        time.sleep(0.005)


# -------------------------------------------------------------------------------------------------------------- formats


def test_one_process_and_two_write_the_same_bytes_in_the_order_of_the_input(tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", articles(2000), bad=3)
    for jobs in ("1", "2"):
        done = run(source, "-o", tmp_path / f"out{jobs}.jsonl", "--jobs", jobs)
        assert done.returncode == 1
        assert "2000 articles" in done.stderr
        assert "3 errors, listed in" in done.stderr
        assert "a second" in done.stderr
    assert (tmp_path / "out1.jsonl").read_bytes() == (tmp_path / "out2.jsonl").read_bytes()
    assert [row["id"] for row in read(tmp_path / "out1.jsonl")] == [f"a{number}" for number in range(2000)]
    assert all(row["desk"] == "é" for row in read(tmp_path / "out1.jsonl"))


def test_every_line_is_answered_or_listed_as_an_error_exactly_once(tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", articles(500), bad=20)
    run(source, "-o", tmp_path / "out.jsonl")
    wrong = {error["line"] for error in read(tmp_path / "out.errors.jsonl")}
    lines = source.read_text(encoding="utf-8").splitlines()
    assert wrong == {number for number, line in enumerate(lines, 1) if line == BAD}
    answered = [row["id"] for row in read(tmp_path / "out.jsonl")]
    assert answered == [json.loads(line)["id"] for line in lines if line != BAD]


def test_the_answers_are_those_of_the_model(tmp_path: Path) -> None:
    given = articles(50)
    run(write(tmp_path / "in.jsonl", given), "-o", tmp_path / "out.jsonl")
    model = load(MODEL)
    for record, row in zip(given, read(tmp_path / "out.jsonl"), strict=True):
        prediction = model.predict(Article(record["text"], record["title"], record["id"]))
        assert row["topics"] == list(prediction.topics)
        assert row["probabilities"] == {topic: round(value, 4) for topic, value in prediction.probabilities.items()}


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz", ".csv", ".tsv", ".parquet"])
def test_each_format_comes_in_and_goes_out_with_the_same_answers(tmp_path: Path, suffix: str) -> None:
    if suffix == ".parquet":
        arrow = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
        import pyarrow as pa
    given = articles(30)
    source, output = tmp_path / f"in{suffix}", tmp_path / f"out{suffix}"
    separator = "\t" if suffix == ".tsv" else ","
    if suffix in (".csv", ".tsv"):
        with source.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, given[0], delimiter=separator)
            writer.writeheader()
            writer.writerows(given)
    elif suffix == ".parquet":
        arrow.write_table(pa.Table.from_pylist(given), source)
    else:
        write(tmp_path / "in.jsonl", given)
        if suffix == ".jsonl.gz":
            source.write_bytes(gzip.compress((tmp_path / "in.jsonl").read_bytes()))
    done = run(source, "-o", output)
    assert done.returncode == 0, done.stderr
    plain = tmp_path / "plain.jsonl"
    run(write(tmp_path / "plain-in.jsonl", given), "-o", plain)
    wanted = [(row["id"], row["desk"], row["topics"], row["probabilities"]["syria"]) for row in read(plain)]
    if suffix in (".csv", ".tsv"):
        with output.open(encoding="utf-8", newline="") as handle:
            found = [
                (row["id"], row["desk"], [t for t in row["topics"].split(";") if t], float(row["probability_syria"]))
                for row in csv.DictReader(handle, delimiter=separator)
            ]
    elif suffix == ".parquet":
        rows = arrow.read_table(output).to_pylist()
        found = [(row["id"], row["desk"], row["topics"], row["probability_syria"]) for row in rows]
    else:
        found = [(row["id"], row["desk"], row["topics"], row["probabilities"]["syria"]) for row in read(output)]
    assert found == wanted


def test_a_folder_with_files_of_all_sorts_is_read_below_and_in_order(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    write(folder / "b.jsonl", articles(2))
    (folder / "a.txt").write_text("A ferry sank off Idlib.")
    (folder / "sub" / "c.csv").write_text("text\nOne row.\nAnother row.\n")
    (folder / "sub" / "d.gz").write_text("not read")
    output = folder / "out.jsonl"
    for _ in range(2):  # the second time the answers of the first stand in the folder
        assert run(folder, "-o", output).returncode == 0
        assert [row["id"] for row in read(output)] == ["a.txt", "a0", "a1", "sub/c.csv:2", "sub/c.csv:3"]


def test_ids_that_stand_twice_go_through_since_the_order_tells_them_apart(tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", articles(2)[:1] * 2)
    assert run(source, "-o", tmp_path / "out.jsonl").returncode == 0
    assert [row["id"] for row in read(tmp_path / "out.jsonl")] == ["a0", "a0"]


def test_columns_are_chosen_by_name(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("nr,kop,stuk,body\n7,Ferry,It sank.,other\n")
    columns = ("--text-column", "stuk", "--title-column", "kop", "--id-column", "nr")
    assert run(tmp_path / "in.csv", "-o", tmp_path / "out.jsonl", *columns).returncode == 0
    (row,) = read(tmp_path / "out.jsonl")
    assert (row["id"], row["title"], row["body"]) == ("7", "Ferry", "other")


def test_a_literal_text_can_go_to_a_file(tmp_path: Path) -> None:
    assert run("--text", "Shells fell on Idlib in Syria.", "-o", tmp_path / "out.csv").returncode == 0
    assert (tmp_path / "out.csv").read_text().splitlines()[1].startswith("text,")


def test_standard_input_can_go_to_a_file(tmp_path: Path) -> None:
    given = "\n".join(json.dumps(record) for record in articles(5))
    assert run("-", "-o", tmp_path / "out.jsonl", input=given).returncode == 0
    assert len(read(tmp_path / "out.jsonl")) == 5


def test_two_processes_print_in_order() -> None:
    given = "\n".join(json.dumps(record) for record in articles(1500))
    done = run("--json", "--jobs", "2", input=given)
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [f"a{number}" for number in range(1500)]
    assert (done.returncode, done.stderr) == (0, "")


# -------------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["in.jsonl", "-o", "in.jsonl"], 2, "is an input"),
        (["in.jsonl", "-o", "out.txt"], 2, "answers are written as .jsonl"),
        (["in.jsonl", "--resume"], 2, "--resume goes on with a file"),
        (["in.jsonl", "-o", "out.jsonl", "--html", "page.html"], 2, "in two calls"),
        (["-", "-o", "out.jsonl", "--resume"], 1, "cannot be read a second time"),
        (["in.jsonl", "-o", "/proc/out.jsonl"], 1, "cannot be written"),
        (["in.jsonl", "-o", "in.jsonl/out.jsonl"], 1, "cannot be written"),
        (["in.jsonl", "-o", "out.jsonl", "--model", "nowhere"], 1, "holds no model"),
        (["in.jsonl", "-o", "out.jsonl", "--text-column", "x"], 1, "1 error"),
        (["in.jsonl", "-o", "out.jsonl", "--jobs", "0"], 2, "no whole number"),
    ],
)
def test_what_goes_wrong_is_one_paragraph_and_a_status(arguments: list[str], status: int, said: str, tmp_path: Path) -> None:
    write(tmp_path / "in.jsonl", articles(1))
    before = (tmp_path / "in.jsonl").read_bytes()
    done = run(*arguments, cwd=tmp_path, input="")
    assert done.returncode == status
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "in.jsonl").read_bytes() == before
    assert not [name for name in names(tmp_path) if ".part" in name]


def test_an_output_without_a_format_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    job = Job([str(tmp_path / "out.jsonl")], MODEL, Columns())
    (tmp_path / "out.jsonl").write_text("{}")
    with pytest.raises(UsageError, match="would be overwritten"):
        answer_to_file(job, tmp_path / "out.jsonl", resume=False, progress=Progress(sys.stderr))


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".txt", ".html"])
def test_a_line_or_article_that_is_too_long_is_refused_in_bounded_memory(tmp_path: Path, suffix: str) -> None:
    source = tmp_path / f"in{suffix}"
    with source.open("wb") as handle:
        handle.write(b"text\n" if suffix == ".csv" else b"")
        for _ in range(200):
            handle.write(b"x" * 2**20)
        if suffix == ".jsonl":
            handle.write(b'\n{"text": "The next line is read."}\n')
        if suffix == ".csv":
            handle.write(b"\nThe next line is read.\n")
    status, peak = peak_of(command(source, "-o", tmp_path / "out.jsonl"))
    assert status == 1
    (error,) = read(tmp_path / "out.errors.jsonl")
    assert "longer than" in error["error"]
    assert len(read(tmp_path / "out.jsonl")) == (1 if suffix in (".jsonl", ".csv") else 0)
    assert peak < 120 * 2**20  # the file alone has 200 MiB


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    peaks = []
    for count in (1500, 15_000):
        source = write(tmp_path / f"{count}.jsonl", articles(count))
        peaks.append(peak_of(command(source, "-o", tmp_path / "out.jsonl"))[1])
    assert peaks[1] < 1.1 * peaks[0]


# ----------------------------------------------------------------------------------------------------- stopped, gone on


@pytest.mark.parametrize(("suffix", "kills"), [(".jsonl", 3), (".jsonl.gz", 1), (".csv", 1)])
def test_a_run_that_is_killed_again_and_again_ends_with_the_bytes_of_an_undisturbed_one(
    tmp_path: Path, suffix: str, kills: int
) -> None:
    source = write(tmp_path / "in.jsonl", articles(8000), bad=7)
    whole, output = tmp_path / f"whole{suffix}", tmp_path / f"out{suffix}"
    begun = time.monotonic()
    run(source, "-o", whole, "--jobs", "2")
    lasted = time.monotonic() - begun
    chance = random.Random(suffix)
    for _ in range(kills):
        process = subprocess.Popen(
            command(source, "-o", output, "--jobs", "2", "--resume"),
            env=ENVIRONMENT,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(chance.uniform(lasted / 3, lasted))  # early kills find nothing to go on with
        process.kill()
        process.wait()
        assert no_process_left(process.pid)
    run(source, "-o", output, "--jobs", "2", "--resume")
    assert output.read_bytes() == whole.read_bytes()
    assert (tmp_path / "out.errors.jsonl").read_bytes() == (tmp_path / "whole.errors.jsonl").read_bytes()
    assert not [name for name in names(tmp_path) if ".part" in name]


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_run_that_is_stopped_says_how_to_go_on_and_does(
    tmp_path: Path, sent: signal.Signals, status: int, jobs: str
) -> None:
    source = write(tmp_path / "in.jsonl", articles(40_000))  # seconds of work behind the first chunk
    output = tmp_path / "out.jsonl"
    process = subprocess.Popen(
        command(source, "-o", output, "--jobs", jobs),
        env=ENVIRONMENT,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_for(output.with_name("out.jsonl.part"), filled=True)
    os.killpg(process.pid, sent) if sent is signal.SIGINT else process.send_signal(sent)  # Ctrl-C goes to the workers too
    _, said = process.communicate(timeout=60)
    assert process.returncode == status
    assert "--resume goes on with" in said
    assert "Traceback" not in said
    assert no_process_left(process.pid)
    assert not output.exists()
    done = run(source, "-o", output, "--resume")
    assert done.returncode == 0
    assert [row["id"] for row in read(output)] == [f"a{number}" for number in range(40_000)]
    assert "40000 articles" in done.stderr


def test_what_earlier_runs_did_is_not_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write(tmp_path / "in.jsonl", articles(3000), bad=4)
    job = Job([str(source)], MODEL, Columns())
    answered: list[int] = []
    real = bulk.answer_chunk

    def until_second(chunk: Any, *more: Any, **options: Any) -> Any:
        if len(answered) == 2:  # never again once it is resumed
            raise KeyboardInterrupt
        answered.append(chunk.number)
        return real(chunk, *more, **options)

    monkeypatch.setattr(bulk, "answer_chunk", until_second)
    with pytest.raises(KeyboardInterrupt):
        answer_to_file(job, tmp_path / "out.jsonl", resume=False, progress=Progress(sys.stderr))
    done_before = list(answered)
    answered[:] = [-1] * 3
    tally, _ = answer_to_file(job, tmp_path / "out.jsonl", resume=True, progress=Progress(sys.stderr))
    assert set(done_before).isdisjoint(answered)
    assert (tally.articles, tally.errors) == (3000, 4)


def test_resuming_refuses_another_input_and_says_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write(tmp_path / "in.jsonl", articles(3000))
    job = Job([str(source)], MODEL, Columns())
    real = bulk.answer_chunk

    def stopped(chunk: Any, *more: Any, **options: Any) -> Any:
        if chunk.number > 1:
            raise KeyboardInterrupt
        return real(chunk, *more, **options)

    monkeypatch.setattr(bulk, "answer_chunk", stopped)
    with pytest.raises(KeyboardInterrupt):
        answer_to_file(job, tmp_path / "out.jsonl", resume=False, progress=Progress(sys.stderr))
    monkeypatch.undo()
    done = run(source, "-o", tmp_path / "out.jsonl", "--resume", "--whole-text")
    assert done.returncode == 1
    assert "--whole-text changed" in done.stderr
    with source.open("a") as handle:
        handle.write("{}\n")
    done = run(source, "-o", tmp_path / "out.jsonl", "--resume")
    assert done.returncode == 1
    assert f"the input {source} changed" in done.stderr
    done = run(source, "-o", tmp_path / "out.jsonl")
    assert "was replaced; --resume would have gone on with it" in done.stderr
    assert len(read(tmp_path / "out.jsonl")) == 3000


# -------------------------------------------------------------------------------------------------------------- mishaps


def test_a_worker_that_is_killed_is_replaced_and_nothing_is_lost(tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", articles(12_000))
    output = tmp_path / "out.jsonl"
    process = subprocess.Popen(
        command(source, "-o", output, "--jobs", "2"), env=ENVIRONMENT, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while not (workers := _workers_of(process.pid)) or not (tmp_path / "out.jsonl.part").stat().st_size:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(workers[0], signal.SIGKILL)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 0
    assert "1 process died and had to be replaced" in said
    assert [row["id"] for row in read(output)] == [f"a{number}" for number in range(12_000)]


def _workers_of(parent: int) -> list[int]:
    """Return the processes that answer for a command."""
    if not Path("/proc/self/task").exists():
        pytest.skip("this system has no /proc to find processes in")
    children = Path(f"/proc/{parent}/task/{parent}/children")
    found = [int(word) for word in children.read_text().split()] if children.exists() else []
    return [child for child in found if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


def test_processes_that_die_again_and_again_end_the_run_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(tmp_path / "in.jsonl", articles(10))
    monkeypatch.setattr(bulk, "_answering", _dying)
    job = Job([str(source)], MODEL, Columns(), processes=2)
    with pytest.raises(SourceError, match="two processes died that read it from line 1 on"):
        list(answer_chunks(job.chunks(), job))


def _dying(*_: object) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_full_disk_is_a_sentence_and_what_is_done_is_kept(tmp_path: Path) -> None:
    import resource

    source = write(tmp_path / "in.jsonl", articles(12_000))
    output = tmp_path / "out.jsonl"
    # A limit on the size of files stands for the full disk: writing fails in the same way.
    done = run(source, "-o", output, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10**6, 10**6)))
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert "--resume goes on" in done.stderr
    assert "Traceback" not in done.stderr
    assert not output.exists()
    assert run(source, "-o", output, "--resume").returncode == 0
    assert [row["id"] for row in read(output)] == [f"a{number}" for number in range(12_000)]


def test_a_closed_pipe_ends_quietly_and_leaves_no_process(tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", articles(6000))
    process = subprocess.Popen(
        command(source, "--json", "--jobs", "2"),
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout
    assert process.stderr
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(60) == 0
    assert process.stderr.read() == b""
    process.stderr.close()
    assert no_process_left(process.pid)


def test_a_full_standard_output_is_a_sentence() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command("--json", ROOT / "corpus"), stdout=full, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT, check=False
        )
    assert done.returncode == 1
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_input_that_changes_while_it_is_read_is_listed_as_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(tmp_path / "in.jsonl", articles(3000))
    real = bulk.answer_chunk

    def meanwhile(chunk: Any, *more: Any, **options: Any) -> Any:
        if chunk.number == 1:
            os.truncate(source, source.stat().st_size - 100)
        return real(chunk, *more, **options)

    monkeypatch.setattr(bulk, "answer_chunk", meanwhile)
    job = Job([str(source)], MODEL, Columns())
    tally, _ = answer_to_file(job, tmp_path / "out.jsonl", resume=False, progress=Progress(sys.stderr))
    broken, changed = read(tmp_path / "out.errors.jsonl")
    assert broken["line"] == 3000
    assert "not JSON" in broken["error"]
    assert "changed while it was read" in changed["error"]
    assert (tally.articles, tally.errors) == (2999, 2)


def test_a_compressed_file_that_breaks_off_is_an_error_behind_what_could_be_read(tmp_path: Path) -> None:
    whole = gzip.compress(write(tmp_path / "a.jsonl", articles(3000)).read_bytes())
    (tmp_path / "in.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    done = run(tmp_path / "in.jsonl.gz", "-o", tmp_path / "out.jsonl")
    assert done.returncode == 1
    (error,) = read(tmp_path / "out.errors.jsonl")
    assert "cannot be read" in error["error"]
    assert read(tmp_path / "out.jsonl")


# ---------------------------------------------------------------------------------------------------------------- pages

PAGE = """<!doctype html><html><head><title>Ferry sinks off Idlib</title></head><body>
<nav><a href="/">Home</a> <a href="/news">News</a></nav><article><h1>Ferry sinks off Idlib</h1>
<p>A ferry with forty passengers sank on Monday, the coastguard said in the morning; all were taken ashore in the course of the day.</p>
<p>The second paragraph tells that the sea was calm, that nobody had expected anything, and that the captain had called at once.</p>
</article><footer>Copyright. All rights reserved.</footer></body></html>"""


def test_of_a_page_the_article_is_read(tmp_path: Path) -> None:
    pytest.importorskip("trafilatura", reason="trafilatura is not installed")
    (tmp_path / "a.html").write_text(PAGE)
    (tmp_path / "b.html").write_text("<html><body></body></html>")
    (tmp_path / "c.txt").write_text("A ferry sank.")
    found, empty, text = sources.read_inputs([str(tmp_path)])
    assert isinstance(found, Article)
    assert (found.id, found.title) == ("a.html", "Ferry sinks off Idlib")
    assert found.text.startswith("A ferry with forty")
    assert found.text.count("\n\n") == 1
    assert "Copyright" not in found.text
    assert "no article was found in the page" in str(empty)
    assert isinstance(text, Article)
    done = run(tmp_path, "-o", tmp_path / "out.jsonl")
    assert [row["id"] for row in read(tmp_path / "out.jsonl")] == ["a.html", "c.txt"]
    assert done.stderr.count("\n") == 2  # the error and the summary; the library makes no remarks of its own


@pytest.mark.parametrize("processes", [1, 2])
def test_a_page_that_hangs_or_kills_its_reader_is_an_error_and_the_others_are_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    stub = tmp_path / "stub"
    stub.mkdir()
    (stub / "trafilatura.py").write_text(
        "import os, signal, types\n"
        "def bare_extraction(text, **options):\n"
        "    while 'hang' in text: pass\n"
        "    if 'die' in text: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return types.SimpleNamespace(text=text, title='', date='', sitename='', url='')\n"
    )
    monkeypatch.syspath_prepend(str(stub))
    monkeypatch.delitem(sys.modules, "trafilatura", raising=False)
    monkeypatch.setattr(sources, "PAGE_SECONDS", 1)
    folder = tmp_path / "in"
    folder.mkdir()
    for name, text in (("a", "one"), ("b", "hang"), ("c", "two"), ("d", "die"), ("e", "three")):
        (folder / f"{name}.html").write_text(text)
    job = Job([str(folder)], MODEL, Columns(), processes=processes)
    answer_to_file(job, tmp_path / "out.jsonl", resume=False, progress=Progress(sys.stderr))
    assert [row["id"] for row in read(tmp_path / "out.jsonl")] == ["a.html", "c.html", "e.html"]
    slow, died = read(tmp_path / "out.errors.jsonl")
    assert "b.html: finding the article in the page took longer than" in slow["error"]
    assert "d.html: finding the article in the page ended the process" in died["error"]
    assert [isinstance(item, SourceError) for item in sources.read_inputs([str(folder)])] == [
        False,
        True,
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("encoding", "declared"), [("utf-8", ""), ("cp1251", '<meta charset="windows-1251">'), ("utf-16", "")]
)
def test_the_encoding_of_a_page_is_what_it_declares(encoding: str, declared: str) -> None:
    data = f"<html><head>{declared}</head><body>Переговоры</body></html>".encode(encoding)
    text, _ = sources._decode(data, "page", page=True)
    assert "Переговоры" in text
