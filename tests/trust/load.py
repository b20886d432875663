"""Many records and large ones through `classifier predict`: `python -m tests.trust.load [SHARE]`, 1 for a million articles.

Records are made while they are read, and answers are counted while they come, so nothing but the command takes room. Each must be
answered once, in order; the memory of the command must not grow with their number, and a line longer than any article is refused
in little memory. The library, which is handed what is in memory already, answers an article of any length.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from tests.trust.workshop import ROOT

_MEGABYTE = 1_000_000
_GROWTH = 30 * _MEGABYTE  # bytes that the memory may grow after a tenth of the records: allocators are not exact
_LONG_LINE = 100 * _MEGABYTE  # bytes that refusing a line may take, however long: a dozen times the longest record
_A_CHARACTER = 24  # bytes that answering a text may take for each character: its copies, spans and tokens
_WORDS = (
    "the ferry docked late in harbour storm said officials Syria Idlib vaccine market plane Kyiv street mayor bread".split()
)


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a run: records that went in and that were answered or listed, what was broken, and what it took."""

    name: str
    tried: int
    survived: int
    broken: str
    seconds: float
    memory: int
    said: str = ""  # on standard error

    def __str__(self) -> str:
        return f"{self.name}: {self.tried} in, {self.survived} out, {self.seconds:.0f} s ({self.survived / self.seconds:,.0f} a second), {self.memory / 1e6:.0f} MB {self.broken}"


def articles(count: int, words: int) -> Iterator[bytes]:
    """Yield JSON Lines of articles of about so many words; the same at every call."""
    for number in range(count):
        first = number * 7 % len(_WORDS)
        run = (_WORDS[first:] + _WORDS[:first]) * (words // len(_WORDS) + 1)
        text = ". ".join(" ".join(run[start : min(start + 12, words)]) for start in range(0, words, 12))
        yield json.dumps({"id": f"a{number}", "text": text}).encode() + b"\n"


def _feed(records: Iterable[bytes], stream: IO[bytes]) -> None:
    try:
        with stream:
            for record in records:
                stream.write(record)
    except BrokenPipeError:
        pass  # the command has ended; the count will tell


def _memory(process: int) -> int:
    """Return the most memory that a process and its children have had, in bytes."""
    total = 0
    for folder in (Path("/proc") / str(process), *_children(process)):
        try:
            lines = (folder / "status").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
    return total


def _children(process: int) -> list[Path]:
    try:
        names = (Path("/proc") / str(process) / "task" / str(process) / "children").read_text().split()
    except OSError:
        return []
    return [Path("/proc") / name for name in names]


def predict(name: str, records: Iterable[bytes], count: int, *options: str) -> Load:
    """Send records through the command and count the answers."""
    began = time.monotonic()
    command = [sys.executable, "-m", "classifier", "predict", "--json", *options, "-"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env=environment
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    errors: list[bytes] = []
    threads = [threading.Thread(target=_feed, args=(records, process.stdin))]
    threads.append(threading.Thread(target=errors.extend, args=(process.stderr,)))
    for thread in threads:
        thread.start()
    answered, early, most, ordered = 0, 0, 0, True
    for line in process.stdout:
        ordered = ordered and line.startswith(b'{"id":"a%d",' % answered)
        answered += 1
        if answered % 1000 == 0 or answered == count:
            most = max(most, _memory(process.pid))
        if answered == max(count // 10, 1):
            early = _memory(process.pid)
    status = process.wait()
    for thread in threads:
        thread.join()
    said = b"".join(errors).decode("utf-8", "replace")
    broken = []
    if not ordered:
        broken.append("answers are not in order")
    if count >= 1000 and most > early + _GROWTH:
        broken.append(f"memory grew from {early / 1e6:.0f} to {most / 1e6:.0f} MB")
    if answered < count and status == 0:
        broken.append("an exit status of 0 though records are missing")
    if "Traceback" in said:
        broken.append(said.strip().splitlines()[-1])
    return Load(name, count, answered, "; ".join(broken), time.monotonic() - began, max(most, early), said)


def long_line(size: int, *, refused: bool) -> Load:
    """Send a line of so many bytes between two articles; both are answered, and the line too or listed as an error."""
    name = f"a line of {size / 1e6:.0f} MB"

    def records() -> Iterator[bytes]:
        yield b'{"id": "a0", "text": "A dog won."}\n{"id": "a1", "text": "'
        for _ in range(size // _MEGABYTE):
            yield b"A ferry docked. " * (_MEGABYTE // 16)
        yield b'"}\n{"id": "a%d", "text": "A dog won."}\n' % (1 if refused else 2)

    found = predict(name, records(), 2 if refused else 3)
    if not refused:
        return found
    broken = [found.broken] if found.broken else []
    if "line 2: the line is longer" not in found.said:
        broken.append("the line is not listed as an error")
    if found.memory > _LONG_LINE:
        broken.append("refusing it took much memory")
    return replace(found, tried=3, survived=found.survived + (not broken), broken="; ".join(broken))


_ANSWER = """
import json, resource, sys
from classifier import Article, load
text = "\\n".join("A ferry docked late, said the mayor. Shelling in Idlib, Syria, killed three people." for _ in range(%d // 84))
model = load()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
found = model.predict(Article(text))
most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
small = model.predict(Article(text[: 84 * 12]))
print(json.dumps([most, (most - before) / len(text), found.topics == small.topics == ("syria",)]))
"""


def long_article(size: int) -> Load:
    """Let the library answer an article of so many characters: it says what a short one of the same sentences says."""
    began = time.monotonic()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", _ANSWER % size], capture_output=True, text=True, cwd=ROOT, env=environment, check=False
    )
    memory, each, right = json.loads(done.stdout) if done.returncode == 0 else (0, 0, False)
    broken = "" if right else done.stderr.strip() or "another answer than a short one gets"
    if each > _A_CHARACTER:
        broken = f"it took {each:.0f} bytes a character"
    name = f"an article of {size / 1e6:.0f} million characters, by the library"
    return Load(name, 1, int(not broken), broken, time.monotonic() - began, memory)


def run_all(share: float) -> Iterator[Load]:
    """Yield the runs, with a share of the records and sizes."""
    million = int(1_000_000 * share)
    yield predict(f"{million} articles, 2 jobs", articles(million, 200), million, "--jobs", "2")
    yield predict(f"{million} tiny articles", articles(million, 2), million)
    yield long_line(7 * _MEGABYTE, refused=False)
    yield long_line(int(200 * _MEGABYTE * max(share, 0.1)), refused=True)
    yield long_article(int(200 * _MEGABYTE * share))
    if share >= 1:
        yield long_line(1000 * _MEGABYTE, refused=True)


if __name__ == "__main__":
    outcomes = []
    for outcome in run_all(float((*sys.argv, "0.01")[1])):
        print(outcome, flush=True)
        outcomes.append(outcome)
    sys.exit(any(outcome.broken or outcome.tried != outcome.survived for outcome in outcomes))
