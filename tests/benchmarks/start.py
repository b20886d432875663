"""Measure how long a command takes that answers one article: whole processes, CPU time and peak memory, run in turn.

    python -m tests.benchmarks.start [--runs 25]

The package must be installed (`pip install .`), since a checkout may have no bytecode. Compared with `python -c pass`, which is
the least that a program in Python can take; what it takes is also the floor of the memory that can be measured.
"""

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.training import ROOT

ARTICLE = str(ROOT / "tests" / "articles" / "consultations.txt")


def once(command: list[str], folder: str) -> tuple[float, float]:
    """Return the CPU milliseconds and the peak MiB of a process."""
    quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0), (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)]
    before = Path.cwd()
    os.chdir(folder)  # where no checkout can be taken for the package
    try:
        _, status, used = os.wait4(os.posix_spawn(command[0], command, os.environ, file_actions=quiet), 0)
    finally:
        os.chdir(before)
    assert status == 0, command
    return 1000 * (used.ru_utime + used.ru_stime), used.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=25)
    runs = parser.parse_args().runs
    script = str(Path(sys.executable).with_name("classifier"))
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "classifier predict article.txt": [script, "predict", ARTICLE],
        "classifier --help": [script, "--help"],
        "python -c 'import numpy'": [sys.executable, "-c", "import numpy"],
        "python -c 'import sklearn.svm'": [sys.executable, "-c", "import sklearn.svm"],
    }
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(runs):
            for name, command in commands.items():
                found[name].append(once(command, folder))
    print("| whole process | CPU ms | beside `python -c pass` | peak MiB |\n|---|--:|--:|--:|")
    least = statistics.median(cpu for cpu, _ in found["python -c pass"])
    for name, rows in found.items():
        cpu, peak = (statistics.median(column) for column in zip(*rows, strict=True))
        print(f"| `{name}` | {cpu:.1f} | {cpu / least:.2f} | {peak:.1f} |")


if __name__ == "__main__":
    main()
