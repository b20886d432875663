"""The kernel under AddressSanitizer and UndefinedBehaviorSanitizer: `python -m tests.trust.sanitize [TEXTS [MODELS]]`.

Builds the kernel with gcc and both sanitizers, runs its tests, random texts (100,000 if not told) beside plain Python, random
damage to a model folder, and counts what a call leaves behind. Whatever a sanitizer finds ends the run.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.trust.workshop import workshop

_TESTS = ["-m", "pytest", "-q", "-p", "no:cacheprovider"]
_READERS = ["tests/test_reading.py", "tests/test_furniture.py", "tests/test_decision.py"]
_SHOWN = 3000  # characters of what a failed run said
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
        model.topics_of([article.content for article in articles])
        for wrong in (("x" * 100_000, -1, None), ("x" * 100_000, 0, [(5, 1)]), ("x" * 100_000, 0, [(0, 1), None])):
            for call in (lambda: model._kernel.answer(*wrong), lambda: model._kernel.scores([("one that is right", 0, [(0, 3)]), wrong])):
                try:
                    call()
                except (TypeError, ValueError):
                    pass
                else:
                    raise SystemExit("a wrong call was answered")
    gc.collect()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

before = [turn() for _ in range(5)][-1]
grown = [turn() for _ in range(40)][-1] - before
print(f"leaks: {40 * 2 * 307} calls tried, {grown} KiB lost")
raise SystemExit(grown > 4096)
"""


def runs(texts: int, models: int) -> Iterator[tuple[str, str]]:
    """Build and run everything; yield the name of each run and the end of what it said if it failed."""
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
        arguments_of = {
            "tests of the kernel": [*_TESTS, "tests/test_kernel.py", "tests/test_hostile.py", "tests/test_model.py"],
            # Plain Python, beside which long texts are read, takes minutes to grow a string under a sanitizer's malloc.
            "tests of its readers": [*_TESTS, *_READERS, "-k", "not hostile_texts"],
            "texts": ["-m", "tests.trust.fuzz", "texts", str(texts)],
            "models": ["-m", "tests.trust.fuzz", "models", str(models)],
            "leaks": ["-c", _LEAKS],
        }
        for what, arguments in arguments_of.items():
            done = subprocess.run(
                [sys.executable, *arguments], cwd=room, env=environment, capture_output=True, text=True, check=False
            )
            said = f"{done.stdout}\n{done.stderr}"[-_SHOWN:]
            yield what, f"status {done.returncode}: {said}" if done.returncode else ""


def main(texts: int = 100_000, models: int = 20_000) -> int:
    """Print how each run ended; return 1 if one failed."""
    failed = False
    for what, said in runs(texts, models):
        print(f"{what}: {said or 'passed'}", flush=True)
        failed = failed or bool(said)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
