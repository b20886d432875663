"""What goes wrong under a command, and what must not be lost: `python -m tests.trust.faults [ROUNDS]` prints what was.

Whatever happens, a file under its own name is whole, the old model or the new one is in its folder, each record is answered or
listed as an error once, and nobody sees a traceback. A fault is a function that runs a command in a folder made by `_room` and
says what was broken; a new option of a command is a new line in `_FAULTS`.
"""

import contextlib
import functools
import hashlib
import itertools
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
_MANY, _BAD_OF_MANY = 20_000, (3, 7_000, 19_998)  # the same of an input that takes two seconds, to be stopped in the middle
_OLDER = "an older answer\n"
_LINGERING = 10  # seconds after which no process of a command may be left
_PATIENCE = 120  # seconds; then a command counts as one that never ends
_PLAINEST = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}


class Skipped(Exception):  # noqa: N818 — no error
    """This machine cannot be given that fault."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended: its status (below 0 for a signal), what it said, and whether it left processes behind."""

    status: int
    out: str
    err: str
    left: bool = False


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
    text = "The ferry docked late. A comet passed. " * 30
    many = [json.dumps({"id": f"a{n}", "text": f"{n}. {text}"}) for n in range(_MANY)]
    for number in _BAD_OF_MANY:
        many[number] = '{"id": "bad", "text": 5}'
    (room / "many.jsonl").write_text("\n".join(many) + "\n")
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
    for name, model in (("old", "new"), ("new", "old")):  # the room's model is the old one, so its report is the new one
        (room / "model").symlink_to(model)
        done = run(room, "evaluate", "--model", "model", "train.jsonl", "-o", f"report-{name}")
        assert done.status == 0, done.err
        (room / "model").unlink()
    (room / "model").symlink_to("old")
    for command in ("predict", "predict --jobs 2"):  # undisturbed, to compare with
        done = run(room, *COMMANDS[command])
        assert done.status == 1, done.err
        for file in ("out.jsonl", "out.errors.jsonl"):
            (room / file).rename(room / f"{command}.{file}")
        (room / f"{command}.summary").write_text(_summary(done))
    (room / "model").unlink()
    return room


def _summary(ended: Ended) -> str:
    """Return what a command counted, but for its speed and the processes that died."""
    return "".join(line.rpartition(", ")[0] for line in ended.err.splitlines() if " a second" in line).partition(": ")[2]


@contextlib.contextmanager
def _room() -> Iterator[Path]:
    """Give a folder with the material; `model` in it is the old one, `out.jsonl` an older answer."""
    with tempfile.TemporaryDirectory() as name:
        room = Path(name) / "room"
        shutil.copytree(_material(), room, copy_function=os.link)  # no command writes into a file that is there
        shutil.copytree(room / "old", room / "model")
        shutil.copytree(room / "report-old", room / "report")
        (room / "out.jsonl").write_text(_OLDER)
        yield room


def start(room: Path, *arguments: str, limits: Callable[[], None] | None = None) -> subprocess.Popen[str]:
    """Start a command in a folder, in a session of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "classifier", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=room,
        env={**os.environ, **_PLAINEST},
        preexec_fn=limits,  # noqa: PLW1509 — there are no threads here
        start_new_session=True,
    )


def wait(process: "subprocess.Popen[str]") -> Ended:
    """Wait for a command to end; one that does not is killed and says so."""
    try:
        out, err = process.communicate(timeout=_PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        return Ended(1, out, err + "Traceback: it never ended")
    until = time.monotonic() + _LINGERING
    while (left := _session(process.pid)) and time.monotonic() < until:
        time.sleep(0.02)
    for one in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
    return Ended(process.returncode, out, err, bool(left))


def run(room: Path, *arguments: str, limits: Callable[[], None] | None = None) -> Ended:
    """Run a command in a folder to its end."""
    return wait(start(room, *arguments, limits=limits))


# --------------------------------------------------------------------------------------------------------------- promises


def answers_broken(room: Path, command: str, ended: Ended) -> str:
    """Tell what is wrong with a file of answers: it is the older one, or what it would be had nothing happened."""
    out = room / "out.jsonl"
    found = out.read_text() if out.exists() else ""
    if found == _OLDER:
        done = ended.status == 0 or _summary(ended)
        return "it says that it is done, and the answers are the older ones" if done else ""
    return _listed_broken(room, command) if found else "the older answers are gone"


def _listed_broken(room: Path, command: str) -> str:
    """Tell what is wrong with answers and errors: each record is in one of the files once, in order."""
    found = [json.loads(line)["id"] for line in (room / "out.jsonl").read_text().splitlines(keepends=True)]
    count, bad = (_MANY, _BAD_OF_MANY) if "--jobs" in command else (_RECORDS, _BAD)
    expected = [f"a{n}" for n in range(count) if n not in bad]
    if found != expected:
        return f"{len(found)} answers instead of {len(expected)}, or not in order"
    errors = [json.loads(line)["line"] for line in (room / "out.errors.jsonl").read_text().splitlines(keepends=True)]
    if errors != [n + 1 for n in bad]:
        return f"the errors listed are of the lines {errors}"
    for file in ("out.jsonl", "out.errors.jsonl"):
        if (room / file).read_bytes() != (_material() / f"{command}.{file}").read_bytes():
            return f"{file} is another than that of an undisturbed run"
    return ""


def resumed_broken(room: Path, command: str) -> str:
    """Go on with what was stopped, and tell whether that ends otherwise than an undisturbed run."""
    ended = run(room, *COMMANDS[command], "--resume")
    if found := said_badly(ended) or _listed_broken(room, command):
        return f"after --resume: {found}"
    if _summary(ended) != (_material() / f"{command}.summary").read_text():
        return f"after --resume it counts otherwise: {ended.err}"
    left = sorted(file.name for file in room.glob("out.jsonl.*"))
    return f"after --resume there is {left[0]}" if left else ""


def printed_broken(ended: Ended) -> str:
    """Tell what is wrong with printed answers: up to where they end each record is answered, or told as an error, once."""
    found = [json.loads(line)["id"] for line in ended.out.splitlines(keepends=True) if line.endswith("\n")]
    expected = [f"a{n}" for n in range(_RECORDS) if n not in _BAD]
    told = [ended.err.count(f"line {n + 1}:") for n in _BAD]
    if found != expected[: len(found)] or max(told) > 1:
        return "answers are not in order, or an error is told twice"
    began = "KeyboardInterrupt" not in ended.err  # else Python was stopped while it started, which it says with status 1
    whole = began and "not enough memory" not in ended.err and "could not be loaded" not in ended.err
    if ended.status in {0, 1} and whole and (found != expected or told != [1, 1, 1]):
        return f"{len(found)} answers instead of {len(expected)}, errors told {told} times: {ended.err}"
    return ""


def report_broken(room: Path, ended: Ended) -> str:
    """Tell what is wrong with a report: each file is whole, of the old or the new one, and all are new after a success."""
    for file in sorted((_material() / "report-new").iterdir()):
        found = (room / "report" / file.name).read_bytes()
        if found != file.read_bytes() and (
            ended.status == 0 or found != (_material() / "report-old" / file.name).read_bytes()
        ):
            return f"{file.name} is neither the old nor the new one, or not the new one after a success"
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
    """Tell whether somebody saw a traceback, or processes were left.

    Two are none of ours: that of joblib's own tracker, which outlives a worker that died, and that of Ctrl-C while Python
    starts, before a line of the command has run.
    """
    own = [part for part in ended.err.split("Traceback")[1:] if not _python_s_own(part.partition("\nTraceback")[0])]
    if ended.status in _CRASHES:
        return f"it crashed: {ended.status}: {ended.err[-500:]}"
    if ended.left:
        return "processes were left"
    return f"a traceback: {own[0].strip().splitlines()[-1]}" if own else ""


_CRASHES = {-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS, -signal.SIGFPE, -signal.SIGILL}


def _python_s_own(traceback: str) -> bool:
    starting = "KeyboardInterrupt" in traceback and not any(
        f"classifier/{room}.py" in traceback for room in ("__main__", "cli", "bulk", "outputs")
    )
    return starting or "resource_tracker.py" in traceback


COMMANDS: dict[str, tuple[str, ...]] = {
    "predict": ("predict", "--model", "model", "in.jsonl", "-o", "out.jsonl"),
    "predict --jobs 2": ("predict", "--model", "model", "many.jsonl", "-o", "out.jsonl", "--jobs", "2"),
    "predict --json": ("predict", "--model", "model", "in.jsonl", "--json"),
    "retrain": ("retrain", "--data", "train.jsonl", "-o", "model", "--accept-worse"),
    "evaluate": ("evaluate", "--model", "model", "train.jsonl", "-o", "report"),
}
_BAD_INPUT = ("predict", "predict --jobs 2", "predict --json")  # those that end with 1 when nothing goes wrong
_RESUMED = ("predict", "predict --jobs 2")


def broken(command: str, room: Path, ended: Ended) -> str:
    """Tell what is wrong after a command."""
    found = said_badly(ended) or model_broken(room)
    if not found and command == "evaluate":
        found = report_broken(room, ended)
    if not found and command == "predict --json":
        found = printed_broken(ended)
    if not found and command in _RESUMED:
        found = answers_broken(room, command, ended)
    return found


def broken_or_not_resumed(command: str, room: Path, ended: Ended) -> str:
    """Tell what is wrong after a command that was stopped, and after it is told to go on."""
    return broken(command, room, ended) or (resumed_broken(room, command) if command in _RESUMED else "")


# ----------------------------------------------------------------------------------------------------------------- faults


def nothing(command: str) -> Fault:
    """Let nothing go wrong: the promises must be kept then too, and the command must have done its work."""

    def fault(room: Path) -> str:
        ended = run(room, *COMMANDS[command])
        found = broken_or_not_resumed(command, room, ended)
        return found or ("" if ended.status == (command in _BAD_INPUT) else f"status {ended.status}: {ended.err}")

    return fault


def stopped(command: str, signum: signal.Signals, share: float) -> Fault:
    """Send a signal after a share of the time that the command takes; SIGINT as a terminal does, to all its processes."""

    def fault(room: Path) -> str:
        process = start(room, *COMMANDS[command])
        time.sleep(share * _usual(command))
        if process.poll() is None:
            (os.killpg if signum == signal.SIGINT else os.kill)(process.pid, signum)
        return broken_or_not_resumed(command, room, wait(process))

    return fault


def stopped_again_and_again(command: str) -> Fault:
    """Kill a command, and each that goes on from there a little later, until one comes to its end."""

    def fault(room: Path) -> str:
        seconds = _usual(command) / 4
        for turn in range(20):
            process = start(room, *COMMANDS[command], *(["--resume"] if turn else []))
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(seconds * (1 + turn / 4))
            process.kill()
            ended = wait(process)
            if found := broken(command, room, ended):
                return found
            if ended.status != -signal.SIGKILL:
                break
        return broken_or_not_resumed(command, room, ended)

    return fault


def stopped_as_it_begins(command: str, signum: signal.Signals, after: float) -> Fault:
    """Send a signal some seconds after the first file of a command appears, when it reads what it needs for the work."""

    def fault(room: Path) -> str:
        process = start(room, *COMMANDS[command])
        while process.poll() is None and not (room / "out.jsonl.part").exists():
            time.sleep(0.001)
        time.sleep(after)
        if process.poll() is None:
            (os.killpg if signum == signal.SIGINT else os.kill)(process.pid, signum)
        return broken_or_not_resumed(command, room, wait(process))

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
        ended = run(room, *COMMANDS[command], limits=lambda: resource.setrlimit(kind, (amount, amount)))
        return broken_or_not_resumed(command, room, ended)

    return fault


def small_disk(command: str, size: str, options: str = "rw") -> Fault:
    """Put what is written on a disk of its own, which is too small, or may only be read; then make room and go on."""

    def fault(room: Path) -> str:
        disk = room / "disk"
        disk.mkdir()
        mounted = ["mount", "-t", "tmpfs", "-o", "size=100M", "none", str(disk)]
        if subprocess.run(mounted, capture_output=True, check=False).returncode:
            raise Skipped("no disk can be mounted")
        try:
            for thing in room.iterdir():
                if thing != disk:
                    shutil.move(thing, disk)
            if options == "rw":
                full = disk / "full"  # what is on the disk already, so that so much is left
                free = os.statvfs(disk)
                full.write_bytes(bytes(max(free.f_bavail * free.f_frsize - int(size) * 1000, 0)))
            else:
                subprocess.run(["mount", "-o", f"remount,{options}", disk], check=True)
            ended = run(disk, *COMMANDS[command])
            subprocess.run(["mount", "-o", "remount,rw,size=200M", disk], check=True)
            return broken_or_not_resumed(command, disk, ended)
        finally:
            subprocess.run(["umount", disk], check=True)

    return fault


def unwritable(command: str) -> Fault:
    """Take away the right to write into the folders, as far as it binds who runs this."""

    def fault(room: Path) -> str:
        if os.getuid() == 0:
            raise Skipped("root may write everywhere; a disk that may only be read stands in")
        for folder in (room / "model", room / "report", room):
            folder.chmod(0o555)
        try:
            ended = run(room, *COMMANDS[command])
        finally:
            for folder in (room, room / "model", room / "report"):
                folder.chmod(0o755)
        return broken_or_not_resumed(command, room, ended)

    return fault


def closed(command: str, stream: str) -> Fault:
    """Close the streams of a command, or let their reader go away."""

    def fault(room: Path) -> str:
        words = " ".join([sys.executable, "-m", "classifier", *COMMANDS[command]])
        ended = _shell(room, f"{words} {stream}")
        full = command == "predict --json" and stream.startswith((">&-", ">/dev/full"))
        if full and ended.status == 0:
            return "an exit status of 0 though nothing could be written"
        found = said_badly(ended) or model_broken(room)
        return found or (resumed_broken(room, command) if command in _RESUMED else "")

    return fault


def _shell(room: Path, line: str) -> Ended:
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=room,
        env={**os.environ, **_PLAINEST},
        capture_output=True,
        text=True,
        check=False,
        timeout=_PATIENCE,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def worker_dies(command: str, *options: str, after: float) -> Fault:
    """Kill a worker of a command that has several; one that predicts is replaced, and nothing is to be seen of it."""

    def fault(room: Path) -> str:
        process = start(room, *COMMANDS[command], *options)
        until = time.monotonic() + _PATIENCE
        killed = False
        while process.poll() is None and time.monotonic() < until and not killed:
            if _workers(process.pid):
                time.sleep(after)
                with contextlib.suppress(ProcessLookupError, IndexError):
                    os.kill(random.Random(1).choice(_workers(process.pid)), signal.SIGKILL)
                    killed = True
            time.sleep(0.02)
        ended = wait(process)
        if command in _RESUMED and ended.status != 1:
            return f"status {ended.status}: {ended.err}"
        return broken_or_not_resumed(command, room, ended)

    return fault


def _stat(process: Path) -> list[str]:
    """Return state, parent, group and session of a process."""
    return (process / "stat").read_text().rpartition(")")[2].split()[:4]


def _workers(parent: int) -> list[int]:
    """Return the processes that a process started and those started, all that work."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError, ValueError):
            state, owner, *_ = _stat(folder)
            if int(owner) == parent and state != "Z" and b"resource_tracker" not in (folder / "cmdline").read_bytes():
                found += [int(folder.name), *_workers(int(folder.name))]
    return found


def _session(leader: int) -> list[int]:
    """Return the living processes of a session."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError, ValueError):
            state, _, _, session = _stat(folder)
            if int(session) == leader and state != "Z":
                found.append(int(folder.name))
    return found


_HANGING = """
import types
def bare_extraction(text, **more):
    while "caught" in text:
        pass
    if "strange" in text:
        raise AttributeError("a page that nobody thought of")
    return types.SimpleNamespace(title="A title", text="The ferry docked late.", date=None, url=None, sitename=None)
"""


def bad_pages(room: Path) -> str:
    """Answer a folder with a page in which the search for the article never ends, and one that it fails on."""
    (room / "pages").mkdir()
    for number, said in enumerate(("A ferry docked.", "caught", "strange", "A ferry docked.")):
        (room / "pages" / f"{number}.html").write_text(f"<!doctype html><html><body><p>{said}</p></body></html>")
    (room / "trafilatura.py").write_text(_HANGING)
    # two seconds instead of the twenty that a page may take
    code = "import classifier.sources as s; s.PAGE_SECONDS = 2; from classifier.cli import main; raise SystemExit(main())"
    words = f"{sys.executable} -c '{code}' predict --model model pages -o pages.jsonl --jobs 2"
    ended = _shell(room, f"PYTHONPATH={room}:{ROOT} {words}")
    found = [json.loads(line)["id"] for line in (room / "pages.jsonl").read_text().splitlines()]
    errors = [json.loads(line)["input"] for line in (room / "pages.errors.jsonl").read_text().splitlines()]
    if found != ["0.html", "3.html"] or errors != ["pages/1.html", "pages/2.html"] or ended.status != 1:
        return f"answered {found}, listed {errors}, status {ended.status}: {ended.err}"
    return said_badly(ended)


def faults(rounds: int) -> Iterator[tuple[str, Fault]]:
    """Yield every fault by name; those that depend on the moment, so many times."""
    source = random.Random(rounds)
    for command in COMMANDS:
        yield f"{command}: nothing goes wrong", nothing(command)
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            for _ in range(rounds):
                share = source.random() * 1.05
                yield f"{command}: {signum.name} after {share:.0%} of the time", stopped(command, signum, share)
        for most in (0, 1000, 20_000, 500_000, 4_000_000):
            yield f"{command}: no file may exceed {most} bytes", limited(command, resource.RLIMIT_FSIZE, most)
        for megabytes in (30, 60, 120, 250, 500):
            yield f"{command}: {megabytes} MB of memory", limited(command, resource.RLIMIT_AS, megabytes * 1_000_000)
        for kilobytes in ("0", "40", "200", "900", "3000"):  # 40 hold a part of a report, 900 arrays without their card
            yield f"{command}: {kilobytes} kB left on the disk", small_disk(command, kilobytes)
        yield f"{command}: a disk that may only be read", small_disk(command, "0", "ro")
        yield f"{command}: a folder that may only be read", unwritable(command)
        for stream in (">&-", "2>&-", "<&-", "| true", "2>&1 | true", ">/dev/full", "2>/dev/full", ">/dev/full 2>&1"):
            yield f"{command}: {stream}", closed(command, stream)
    yield "predict: pages in which the search for the article never ends, or fails", bad_pages
    for after in (0.0, 0.3, 0.6, 1.0)[: max(rounds, 2)]:
        yield f"retrain: a worker dies after {after} s", worker_dies("retrain", "--jobs", "2", after=after)
        yield f"predict --jobs 2: a worker dies after {after} s", worker_dies("predict --jobs 2", after=after)
    stops = itertools.product(_RESUMED, (signal.SIGINT, signal.SIGTERM), range(2, 4 * rounds + 2, 2))
    for command, signum, after in stops:
        yield f"{command}: {signum.name} {after} ms after it begins", stopped_as_it_begins(command, signum, after / 1000)
    yield "predict --jobs 2: killed again and again", stopped_again_and_again("predict --jobs 2")


def run_all(rounds: int, every: int = 1) -> Iterator[tuple[str, str]]:
    """Yield the name of each so-manieth fault and what was broken: nothing, "skipped: …" or what it was."""
    for number, (name, fault) in enumerate(faults(rounds)):
        if number % every:
            continue
        with _room() as room:
            try:
                found = fault(room)
            except Skipped as error:
                found = f"skipped: {error}"
            except (OSError, ValueError, KeyError) as error:  # a file that is missing, or is not what it should be
                found = f"{type(error).__name__}: {error}"
        yield name, found


def main(rounds: int = 2, every: int = 1) -> int:
    """Print what was lost; return 1 if anything was."""
    assert BASE.is_dir()
    outcomes = []
    for name, found in run_all(rounds, every):
        outcomes.append((name, found))
        if found and not found.startswith("skipped"):
            print(f"{name}: {found}", flush=True)
    skipped = [name for name, found in outcomes if found.startswith("skipped")]
    lost = [name for name, found in outcomes if found and name not in skipped]
    shutil.rmtree(_material())
    print(f"faults: {len(outcomes) - len(skipped)} tried, {len(lost)} lost, {len(skipped)} not possible here")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
