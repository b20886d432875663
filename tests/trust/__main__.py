"""All that is done to the package to see whether it keeps its promises: `python -m tests.trust [--quick]` prints one table.

In full it takes about a quarter of an hour and writes nothing but temporary files; `--quick` takes some two minutes. Exit status 1 if anything
was lost.
"""

import os
import sys
import time
from collections.abc import Callable, Iterable

from tests.trust import faults, fuzz, hostile, load, sanitize

Row = tuple[str, int, int, list[str]]  # what, tried, lost, what was lost


def _folders(every: int) -> Iterable[Row]:
    for kernel in ("c", "python"):
        os.environ["CLASSIFIER_KERNEL"] = kernel
        outcomes = hostile.run_all(every)
        bad = [f"{o.name}: {o.found[:100]} ({o.seconds:.1f} s, {o.memory / 1e6:.0f} MB)" for o in outcomes if o.lost]
        yield f"hostile model folders ({kernel} kernel)", len(outcomes), len(bad), bad
    os.environ["CLASSIFIER_KERNEL"] = "c"


def _fuzz(texts: int, models: int) -> Iterable[Row]:
    found = fuzz.texts(texts, 11)
    yield "random texts, C beside Python", texts, len(found), found
    found = fuzz.models(models, 12)
    yield "random damage to a model folder", models, len(found), found


def _sanitize(texts: int, models: int) -> Iterable[Row]:
    outcomes = list(sanitize.runs(texts, models))
    bad = [f"{what}: {said}" for what, said in outcomes if said]
    yield f"runs under sanitizers, {texts} texts and {models} folders", len(outcomes), len(bad), bad


def _faults(rounds: int, every: int) -> Iterable[Row]:
    outcomes = list(faults.run_all(rounds, every))
    tried = [found for _, found in outcomes if not found.startswith("skipped")]
    bad = [f"{name}: {found}" for name, found in outcomes if found and not found.startswith("skipped")]
    yield "faults under commands", len(tried), len(bad), bad


def _load(share: float) -> Iterable[Row]:
    for outcome in load.run_all(share):
        lost = outcome.tried - outcome.survived + bool(outcome.broken)
        yield f"load: {outcome.name} ({outcome.memory / 1e6:.0f} MB)", outcome.tried, lost, [str(outcome)] if lost else []


def main(*, quick: bool) -> int:
    """Print the table; return 1 if anything was lost."""
    parts: list[Callable[[], Iterable[Row]]] = [
        lambda: _folders(10 if quick else 1),
        lambda: _fuzz(*((3_000, 300) if quick else (100_000, 20_000))),
        lambda: _sanitize(*((500, 100) if quick else (100_000, 5_000))),
        lambda: _faults(*((1, 9) if quick else (4, 1))),
        lambda: _load(0.01 if quick else 1),
    ]
    print(f"{'what':<66}{'tried':>9}{'survived':>10}{'lost':>6}{'seconds':>9}", flush=True)
    all_lost: list[str] = []
    total = 0
    for part in parts:
        began = time.monotonic()
        for what, tried, lost, found in part():
            print(f"{what:<66}{tried:>9}{tried - lost:>10}{lost:>6}{time.monotonic() - began:>9.0f}", flush=True)
            began = time.monotonic()
            total += lost
            all_lost += found
    print("\n".join(all_lost))
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main(quick="--quick" in sys.argv[1:]))
