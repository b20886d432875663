"""How fast whole files are answered, in how much memory, and whether a run that is killed goes on as if nothing had been.

    python -m tests.benchmarks.batch [--articles 100000] [--kills 30]

makes JSON Lines of the corpus's articles, over and over with ids of their own, and answers them with one process and with two.
Rates are wall time of the whole command, its start included; processor seconds stand beside them, since they tell more on a
machine that does other things too.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from classifier import load
from classifier.columns import Columns
from classifier.corpus import load_corpus
from classifier.furniture import article_spans
from classifier.jsonlines import dumps, loads, plain
from classifier.records import Article
from classifier.sources import articles_of, prediction_record, read_chunks

ROOT = Path(__file__).resolve().parent.parent.parent
_PARTS = 10_000  # articles with which the parts of the work are timed
# Memory is counted from the fork on: a small process must do the forking.
_MEASURING = """
import resource, subprocess, sys, time
begun = time.perf_counter()
subprocess.run(sys.argv[1:], stderr=subprocess.DEVNULL, check=True)
wall, used = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
print(wall, used.ru_utime + used.ru_stime, used.ru_maxrss)
"""
_KILLED = 20_000  # articles a killed run has to answer: some seconds' work


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        few, many = folder / "few.jsonl", folder / "many.jsonl"
        write_articles(few, options.articles // 10)
        write_articles(many, options.articles)
        print(f"{many.stat().st_size / options.articles:.0f} bytes an article; load {os.getloadavg()[0]:.1f}")
        for jobs in (1, 2):
            measure(few, many, options.articles, jobs)
        if (folder / "out1.jsonl").read_bytes() != (folder / "out2.jsonl").read_bytes():
            raise SystemExit("one process and two did not give the same bytes")
        parts(many)
        if options.kills:
            kill(folder, options.kills)


def write_articles(file: Path, count: int) -> None:
    """Write articles of the corpus as they flow, with ids of their own."""
    articles = load_corpus(ROOT / "corpus")
    with file.open("w", encoding="utf-8") as handle:
        for number in range(count):
            article = articles[number % len(articles)]
            record = {"id": f"{article.id}-{number}", "title": article.title, "text": article.text}
            handle.write(json.dumps(record, ensure_ascii=False) + "\n")


def command(source: Path, output: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "classifier", "predict", str(source), "-o", str(output), *more]


def measure(few: Path, many: Path, count: int, jobs: int) -> None:
    """Print rate and memory of runs on many articles and on a tenth of them."""
    peaks = []
    for source in (few, many):
        words = command(source, source.with_name(f"out{jobs}.jsonl"), "--jobs", str(jobs))
        done = subprocess.run(
            [sys.executable, "-c", _MEASURING, *words], cwd=ROOT, capture_output=True, text=True, check=True
        )
        wall, busy, peak = map(float, done.stdout.split())
        peaks.append(peak / 1024)
    print(
        f"--jobs {jobs}: {count / wall:8,.0f} articles a second; {wall:.1f} s, of processors {busy:.1f} s"
        f" ({busy / count * 1e6:.0f} µs an article); largest process {peaks[0]:.1f} MiB after a tenth, {peaks[1]:.1f} MiB at last"
    )


def parts(source: Path) -> None:
    """Print where the time of an article goes, in microseconds of the processor, best of three."""
    model, columns = load(), Columns()
    with source.open("rb") as handle:
        lines = [line for _, line in zip(range(_PARTS), handle, strict=False)]
    head = source.with_name("head.jsonl")
    head.write_bytes(b"".join(lines))
    found = [item for chunk in read_chunks([str(head)]) for _, _, item in articles_of(chunk, columns)]
    articles = [item for item in found if isinstance(item, Article)]
    predictions = [model.predict(article) for article in articles]
    records = [prediction_record(a, p, explain=False) for a, p in zip(articles, predictions, strict=True)]

    def best(work: Callable[[], object]) -> float:
        times = []
        for _ in range(3):
            begun = time.process_time()
            work()
            times.append(time.process_time() - begun)
        return min(times) / _PARTS * 1e6

    shown = {
        "cutting the file": best(lambda: list(read_chunks([str(head)]))),
        "parsing JSON": best(lambda: [loads(line) for line in lines]),
        "JSON and article": best(lambda: [list(articles_of(chunk, columns)) for chunk in read_chunks([str(head)])]),
        "page furniture": best(lambda: [article_spans(article.text) for article in articles]),
        "predict, furniture included": best(lambda: [model.predict(article) for article in articles]),
        "building the record": best(
            lambda: [prediction_record(a, p, explain=False) for a, p in zip(articles, predictions, strict=True)]
        ),
        "writing JSON": best(lambda: [dumps(record, fast=plain([])) for record in records]),
    }
    for what, cost in shown.items():
        print(f"{cost:8.1f} µs an article: {what}")


def kill(folder: Path, kills: int) -> None:
    """Kill runs at random moments until so many were killed; each goes on, and must end with the bytes of an undisturbed one."""
    source, whole, output = folder / "killed.jsonl", folder / "whole.jsonl", folder / "output.jsonl"
    write_articles(source, _KILLED)
    with source.open("a") as handle:
        handle.write("no JSON\n")
    begun = time.perf_counter()
    subprocess.run(command(source, whole, "--jobs", "2"), cwd=ROOT, stderr=subprocess.DEVNULL, check=False)
    lasted = time.perf_counter() - begun
    chance = random.Random(7)
    killed = ended = resumed = 0
    while killed < kills:
        process = subprocess.Popen(
            command(source, output, "--jobs", "2", "--resume"), cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            process.wait(chance.uniform(0, lasted))
        except subprocess.TimeoutExpired:
            killed += 1
            process.send_signal(signal.SIGKILL)
            process.wait()
            wait_for_workers(process.pid)
            resumed += output.with_name(output.name + ".part.json").exists()
            if output.exists():  # killed when its work was done
                ended += compare(output, whole)
            continue
        ended += compare(output, whole)
    subprocess.run(command(source, output, "--jobs", "2", "--resume"), cwd=ROOT, stderr=subprocess.DEVNULL, check=False)
    ended += compare(output, whole)
    print(
        f"{killed} runs killed, {resumed} of them with something to go on with; {ended} files finished after that: the same"
        " bytes as undisturbed, and no process left"
    )


def wait_for_workers(group: int) -> None:
    """Wait until the processes of a killed run have ended by themselves."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)
    raise SystemExit("a killed run left a process")


def compare(output: Path, whole: Path) -> int:
    for one, other in ((output, whole), (output.with_suffix(".errors.jsonl"), whole.with_suffix(".errors.jsonl"))):
        if one.read_bytes() != other.read_bytes():
            raise SystemExit(f"{one.name} is not what an undisturbed run wrote")
        one.unlink()
    return 1


if __name__ == "__main__":
    main()
