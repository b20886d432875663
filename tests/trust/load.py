"""Many records and large ones through `classifier predict`: `python -m tests.trust.load [SHARE]`, 1 for a million articles.

Records are made while they are read, and answers are counted while they come, so nothing but the command takes room. Each must be
answered once, in order; the memory of the command must not grow with their number, and a line longer than any article is refused
in little memory.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.trust.workshop import ROOT

_MEGABYTE = 1_000_000
_GROWTH = 30 * _MEGABYTE  # bytes that the memory may grow after a tenth of the records: allocators are not exact
_LONG_LINE = 300 * _MEGABYTE  # bytes that refusing a line of a gigabyte may take
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

    def __str__(self) -> str:
        return f"{self.name}: {self.tried} in, {self.survived} out, {self.seconds:.0f} s, {self.memory / 1e6:.0f} MB {self.broken}"


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
        ordered = ordered and line.startswith(b'{"id": "a%d"' % answered)
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
    return Load(name, count, answered, "; ".join(broken), time.monotonic() - began, max(most, early))


def long_line(size: int, *, refused: bool) -> Load:
    """Send a line of so many bytes between two articles; both are answered, and the line too or listed as an error."""
    name = f"a line of {size / 1e6:.0f} MB"

    def records() -> Iterator[bytes]:
        yield b'{"id": "a0", "text": "A dog won."}\n{"id": "a1", "text": "'
        for _ in range(size // _MEGABYTE):
            yield b"A ferry docked. " * (_MEGABYTE // 16)
        yield b'"}\n{"id": "a%d", "text": "A dog won."}\n' % (1 if refused else 2)

    found = predict(name, records(), 2 if refused else 3)
    if refused and found.memory > _LONG_LINE:
        return Load(
            name, 3, found.survived, f"{found.broken} refusing it took much memory".strip(), found.seconds, found.memory
        )
    return found


def run_all(share: float) -> Iterator[Load]:
    """Yield the runs, with a share of the records and sizes."""
    million = int(1_000_000 * share)
    yield predict(f"{million} articles", articles(million, 200), million)
    yield predict(f"{million} tiny articles", articles(million, 2), million)
    yield long_line(int(200 * _MEGABYTE * share), refused=False)
    if share >= 1:
        yield long_line(1000 * _MEGABYTE, refused=True)


if __name__ == "__main__":
    outcomes = []
    for outcome in run_all(float((*sys.argv, "0.01")[1])):
        print(outcome, flush=True)
        outcomes.append(outcome)
    sys.exit(any(outcome.broken or outcome.tried != outcome.survived for outcome in outcomes))
