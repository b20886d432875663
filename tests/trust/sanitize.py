"""The kernel under AddressSanitizer and UndefinedBehaviorSanitizer: `python -m tests.trust.sanitize [TEXTS [MODELS]]`.

Builds the kernel with gcc and both sanitizers, runs its tests, random texts (100,000 if not told) beside plain Python, random
damage to a model folder and the hostile folders, and counts what a call leaves behind. Whatever a sanitizer finds ends the run.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.trust.workshop import workshop

_LEAKS = """
import gc, resource
from tests.trust.fuzz import pairs
from tests.kernel import random_articles
fast = [pair[0] for pair in pairs()]
articles = list(random_articles(seed=9, count=300, longest=200))

def turn():
    for model in fast:
        for article in articles:
            model.predict(article)
        for wrong in (("x" * 100_000, -1, None), ("x" * 100_000, 0, [(5, 1)]), ("x" * 100_000, 0, [(0, 1), None])):
            try:
                model._kernel.answer(*wrong)
            except (TypeError, ValueError):
                pass
    gc.collect()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

before = [turn() for _ in range(5)][-1]
grown = [turn() for _ in range(40)][-1] - before
print(f"leaks: {40 * 2 * 303} calls tried, {grown} KiB lost")
raise SystemExit(grown > 4096)
"""


def main(texts: int, models: int) -> int:
    """Build, run everything, and return the number of runs that failed."""
    with tempfile.TemporaryDirectory() as name:
        room = workshop(Path(name), "gcc", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
        library = subprocess.run(["gcc", "-print-file-name=libasan.so"], capture_output=True, text=True, check=True).stdout
        environment = {
            **os.environ,
            "LD_PRELOAD": library.strip(),
            "PYTHONMALLOC": "malloc",
            "PYTHONPATH": str(room),
            # Python itself gives back nothing at its end, so leaks are counted by the growth of the process
            "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1:strict_string_checks=1:allocator_may_return_null=1:quarantine_size_mb=16",
            "UBSAN_OPTIONS": "print_stacktrace=1",
        }
        runs = {
            "tests of the kernel": [
                "-m",
                "pytest",
                "-q",
                "-p",
                "no:cacheprovider",
                "tests/test_kernel.py",
                "tests/test_model.py",
            ],
            "texts": ["-m", "tests.trust.fuzz", "texts", str(texts)],
            "models": ["-m", "tests.trust.fuzz", "models", str(models)],
            "leaks": ["-c", _LEAKS],
        }
        failed = 0
        for what, arguments in runs.items():
            done = subprocess.run([sys.executable, *arguments], cwd=room, env=environment, check=False)
            print(f"{what}: {'passed' if done.returncode == 0 else f'FAILED with status {done.returncode}'}", flush=True)
            failed += done.returncode != 0
    return failed


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*given, *(100_000, 20_000)[len(given) :]))
