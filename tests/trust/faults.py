"""What goes wrong under a command, and what must not be lost: `python -m tests.trust.faults [ROUNDS]` prints what was.

Whatever happens, a file under its own name is whole, the old model or the new one is in its folder, each record is answered or
listed as an error once, and nobody sees a traceback. A fault is a function that runs a command in a folder made by `_room` and
says what was broken; a new option of a command is a new line in `_FAULTS`.
"""

import contextlib
import functools
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from classifier import ClassifierError, load
from tests.trust.hostile import BASE
from tests.trust.workshop import ROOT

_RECORDS, _BAD = 400, (7, 90, 399)  # lines of the input, and those that are no records
_PATIENCE = 120  # seconds; then a command counts as one that never ends
_PLAINEST = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}


class Skipped(Exception):  # noqa: N818 — no error
    """This machine cannot be given that fault."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended: its status (below 0 for a signal) and what it said."""

    status: int
    out: str
    err: str


Fault = Callable[[Path], str]


# ------------------------------------------------------------------------------------------------------------------ room


@functools.cache
def _material() -> Path:
    """Return a folder with records to answer, labelled articles, an old model and the new one that those articles make."""
    room = Path(tempfile.mkdtemp())
    lines = [
        json.dumps({"id": f"a{n}", "text": f"The ferry number {n} docked late. A comet passed."}) for n in range(_RECORDS)
    ]
    for number in _BAD:
        lines[number] = '{"id": "bad", "text": 5}'
    (room / "in.jsonl").write_text("\n".join(lines) + "\n")
    source, rows = random.Random(3), []
    for number in range(60):
        words = " ".join(source.choices(["market", "bread", "mayor", "dog", "choir", "rain", "street", "price"], k=12))
        topic = ("sea", "sky", None)[number % 3]
        said = {"sea": "The ferry and the tug docked.", "sky": "A comet and a star rose.", None: ""}[topic]
        rows.append({"id": f"t{number}", "text": f"{words}. {said} {words}.", "topics": [topic] if topic else []})
    for name, given in (("old", rows[:45]), ("new", rows)):
        (room / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in given))
        done = run(room, "retrain", "--data", "train.jsonl", "-o", name, "--accept-worse")
        assert done.status == 0, done.err
    return room


@contextlib.contextmanager
def _room() -> Iterator[Path]:
    """Give a folder with the material; `model` in it is the old one, `out.jsonl` an older answer."""
    with tempfile.TemporaryDirectory() as name:
        room = Path(name) / "room"
        shutil.copytree(_material(), room)
        shutil.copytree(room / "old", room / "model")
        (room / "out.jsonl").write_text("an older answer\n")
        yield room


def start(
    room: Path, *arguments: str, limits: Callable[[], None] | None = None, jobs: bool = False
) -> subprocess.Popen[str]:
    """Start a command in a folder."""
    return subprocess.Popen(
        [sys.executable, "-m", "classifier", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=room,
        env={**os.environ, **_PLAINEST},
        preexec_fn=limits,  # noqa: PLW1509 — there are no threads here
        start_new_session=jobs,
    )


def wait(process: "subprocess.Popen[str]") -> Ended:
    """Wait for a command to end; one that does not is killed and says so."""
    try:
        out, err = process.communicate(timeout=_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        return Ended(1, out, err + "Traceback: it never ended")
    return Ended(process.returncode, out, err)


def run(room: Path, *arguments: str, limits: Callable[[], None] | None = None) -> Ended:
    """Run a command in a folder to its end."""
    return wait(start(room, *arguments, limits=limits))


# --------------------------------------------------------------------------------------------------------------- promises


def answers_broken(room: Path, ended: Ended, out: Path | None = None) -> str:
    """Tell what is wrong with the answers to `in.jsonl`: they are the older ones, or all are there."""
    text = (out or room / "out.jsonl").read_text() if (out or room / "out.jsonl").exists() else ""
    if ended.status not in {0, 1} or text in {"", "an older answer\n"}:
        said = "an exit status of 0 without answers" if ended.status == 0 else ""
        return said if text in {"", "an older answer\n"} else _count_broken(text, None)
    return _count_broken(text, ended.err)


def _count_broken(text: str, errors: str | None) -> str:
    if not text.endswith("\n"):
        return "the last line of the answers is cut"
    ids = [json.loads(line)["id"] for line in text.splitlines()]
    expected = [f"a{n}" for n in range(_RECORDS) if n not in _BAD]
    if ids != expected:
        return f"{len(ids)} answers instead of {len(expected)}"
    if errors is not None and any(errors.count(f"line {n + 1}:") != 1 for n in _BAD):
        return "an error is not listed once"
    return ""


def model_broken(room: Path) -> str:
    """Tell what is wrong with the model folder: it is the old or the new one, and each file is whole."""
    try:
        load(room / "model")
    except ClassifierError as error:
        return f"no model any more: {error}"
    known = {name: {_digest(file) for file in _files(room / name)} for name in ("old", "new")}
    for file in _files(room / "model"):
        if _digest(file) not in known["old"] | known["new"]:
            return f"{file.name} is neither the old nor the new one"
    weights = _digest(room / "model" / "model.safetensors")
    return "" if weights in known["old"] | known["new"] else "the weights are of neither"


def _files(folder: Path) -> list[Path]:
    return [
        file
        for file in sorted(folder.iterdir())
        if file.suffix != ".draft" and file.name not in {"README.md", "report.html"}
    ]  # they name the folder


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def said_badly(ended: Ended) -> str:
    """Tell whether somebody saw a traceback, but for the one of joblib's own tracker, which outlives a worker that died."""
    own = [
        part for part in ended.err.split("Traceback")[1:] if "resource_tracker.py" not in part.partition("\nTraceback")[0]
    ]
    return f"a traceback: {own[0].strip().splitlines()[-1]}" if own else ""


COMMANDS: dict[str, tuple[str, ...]] = {
    "predict": ("predict", "--model", "model", "in.jsonl", "-o", "out.jsonl"),
    "retrain": ("retrain", "--data", "train.jsonl", "-o", "model", "--accept-worse"),
    "evaluate": ("evaluate", "--model", "model", "train.jsonl"),
}


def broken(command: str, room: Path, ended: Ended) -> str:
    """Tell what is wrong after a command."""
    answers = answers_broken(room, ended) if command == "predict" else ""
    return said_badly(ended) or answers or model_broken(room)


# ----------------------------------------------------------------------------------------------------------------- faults


def nothing(command: str) -> Fault:
    """Let nothing go wrong: the promises must be kept then too, and the command must have done its work."""

    def fault(room: Path) -> str:
        ended = run(room, *COMMANDS[command])
        expected = 1 if command == "predict" else 0  # the input has bad records
        return broken(command, room, ended) or ("" if ended.status == expected else f"status {ended.status}: {ended.err}")

    return fault


def stopped(command: str, signum: signal.Signals, share: float) -> Fault:
    """Send a signal after a share of the time that the command takes."""

    def fault(room: Path) -> str:
        process = start(room, *COMMANDS[command])
        time.sleep(share * _usual(command))
        process.send_signal(signum)
        return broken(command, room, wait(process))

    return fault


@functools.cache
def _usual(command: str) -> float:
    with _room() as room:
        began = time.monotonic()
        run(room, *COMMANDS[command])
        return time.monotonic() - began


def limited(command: str, kind: int, amount: int) -> Fault:
    """Limit a resource: RLIMIT_FSIZE is the largest file that may be written, RLIMIT_AS all memory."""

    def fault(room: Path) -> str:
        return broken(
            command, room, run(room, *COMMANDS[command], limits=lambda: resource.setrlimit(kind, (amount, amount)))
        )

    return fault


def small_disk(command: str, size: str, options: str = "rw") -> Fault:
    """Put what is written on a disk of its own, which is too small, or may only be read."""

    def fault(room: Path) -> str:
        disk = room / "disk"
        disk.mkdir()
        if subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", disk], capture_output=True, check=False
        ).returncode:
            raise Skipped("no disk can be mounted")
        try:
            for name in ("model", "out.jsonl"):
                shutil.move(room / name, disk / name)
                (room / name).symlink_to(disk / name)
            subprocess.run(["mount", "-o", f"remount,size={size},{options}", disk], check=True)
            where = {"model": "disk/model", "out.jsonl": "disk/out.jsonl"}
            ended = run(room, *(where.get(word, word) for word in COMMANDS[command]))
            return broken(command, room, ended)
        finally:
            subprocess.run(["umount", disk], check=True)

    return fault


def unwritable(command: str) -> Fault:
    """Take away the right to write into the folders, as far as it binds who runs this."""

    def fault(room: Path) -> str:
        if os.getuid() == 0:
            raise Skipped("root may write everywhere; a disk that may only be read stands in")
        for folder in (room / "model", room):
            folder.chmod(0o555)
        try:
            return broken(command, room, run(room, *COMMANDS[command]))
        finally:
            for folder in (room, room / "model"):
                folder.chmod(0o755)

    return fault


def closed(command: str, stream: str) -> Fault:
    """Close the streams of a command, or let their reader go away."""

    def fault(room: Path) -> str:
        words = " ".join([sys.executable, "-m", "classifier", *COMMANDS[command]])
        done = subprocess.run(
            ["bash", "-c", f"{words} {stream}"],
            cwd=room,
            env={**os.environ, **_PLAINEST},
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE,
        )
        return said_badly(Ended(done.returncode, done.stdout, done.stderr)) or model_broken(room)

    return fault


def worker_dies(command: str, *options: str, after: float) -> Fault:
    """Kill a worker of a command that has several."""

    def fault(room: Path) -> str:
        process = start(room, *COMMANDS[command], *options)
        until = time.monotonic() + _PATIENCE
        while process.poll() is None and time.monotonic() < until:
            workers = _descendants(process.pid)
            if workers:
                time.sleep(after)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(random.Random(1).choice(workers), signal.SIGKILL)
                break
            time.sleep(0.02)
        return broken(command, room, wait(process))

    return fault


def _descendants(parent: int) -> list[int]:
    """Return the processes that a process started and those started, all that work."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError, ValueError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if (
                int(fields[1]) == parent
                and fields[0] != "Z"
                and b"resource_tracker" not in (folder / "cmdline").read_bytes()
            ):
                found += [int(folder.name), *_descendants(int(folder.name))]
    return found


def faults(rounds: int) -> Iterator[tuple[str, Fault]]:
    """Yield every fault by name; those that depend on the moment, so many times."""
    source = random.Random(rounds)
    for command in COMMANDS:
        yield f"{command}: nothing goes wrong", nothing(command)
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            for _ in range(rounds):
                share = source.random() * 1.05
                yield f"{command}: {signum.name} after {share:.0%} of the time", stopped(command, signum, share)
        for most in (0, 1000, 20_000, 500_000):
            yield f"{command}: no file may exceed {most} bytes", limited(command, resource.RLIMIT_FSIZE, most)
        for megabytes in (30, 60, 120, 250, 500):
            yield f"{command}: {megabytes} MB of memory", limited(command, resource.RLIMIT_AS, megabytes * 1_000_000)
        for size in ("1M", "1200k", "2M"):
            yield f"{command}: a disk of {size}", small_disk(command, size)
        yield f"{command}: a disk that may only be read", small_disk(command, "4M", "ro")
        yield f"{command}: a folder that may only be read", unwritable(command)
        for stream in (">&-", "2>&-", "<&-", "| true", "2>&1 | true", ">/dev/full", "2>/dev/full", ">/dev/full 2>&1"):
            yield f"{command}: {stream}", closed(command, stream)
    yield "predict: answers to /dev/full", _to_full
    for after in (0.0, 0.3, 0.6, 1.0)[: max(rounds, 2)]:
        yield f"retrain: a worker dies after {after} s", worker_dies("retrain", "--jobs", "2", after=after)


def _to_full(room: Path) -> str:
    words = f"{sys.executable} -m classifier predict --json --model model in.jsonl >/dev/full"
    done = subprocess.run(
        ["bash", "-c", words], cwd=room, env={**os.environ, **_PLAINEST}, capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return "an exit status of 0 though nothing could be written"
    return said_badly(Ended(done.returncode, done.stdout, done.stderr))


def run_all(rounds: int) -> Iterator[tuple[str, str]]:
    """Yield the name of each fault and what was broken: nothing, "skipped: …" or what it was."""
    for name, fault in faults(rounds):
        with _room() as room:
            try:
                yield name, fault(room)
            except Skipped as error:
                yield name, f"skipped: {error}"


def main(rounds: int = 2) -> int:
    """Print what was lost; return 1 if anything was."""
    assert BASE.is_dir()
    outcomes = list(run_all(rounds))
    skipped = [name for name, found in outcomes if found.startswith("skipped")]
    lost = [(name, found) for name, found in outcomes if found and name not in skipped]
    for name, found in lost:
        print(f"{name}: {found}")
    shutil.rmtree(_material())
    print(f"faults: {len(outcomes) - len(skipped)} tried, {len(lost)} lost, {len(skipped)} not possible here")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
