"""Coverage chooses the inputs: `python -m tests.trust.guided SECONDS` (needs clang and `pip install atheris`).

The kernel is built with libFuzzer's instrumentation and AddressSanitizer, the rooms on the way of a file are instrumented too. An
input is a text, in which kernel and plain Python must say the same, or damage to a model folder, which must do no harm. The run
ends at the first find, and leaves the input in the working folder; a find becomes a test.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.trust.workshop import workshop

_ROOMS = [
    "classifier.storage",
    "classifier.plain",
    "classifier.text",
    "classifier.features",
    "classifier.model",
    "classifier.tables",
]


def _inside() -> None:
    """Fuzz; runs in the workshop, with the library of libFuzzer loaded."""
    import atheris  # not a dependency: only who fuzzes needs it

    with atheris.instrument_imports(include=_ROOMS):
        from classifier import Article
        from classifier.storage import ARRAYS_FILE, CARD_FILE
        from tests.trust import fuzz
        from tests.trust.hostile import BASE, parts, sealed

    pairs = fuzz.pairs()[:1]
    blob, (_, header, body) = (BASE / ARRAYS_FILE).read_bytes(), parts()
    memory = Path("/dev/shm")  # noqa: S108 — thousands of folders a minute are not for a disk
    room = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
    start = len(blob) - len(body)
    places = [0, 8, *(start + place for entry in header.values() for place in entry["data_offsets"])]

    def one(data: bytes) -> None:
        given = atheris.FuzzedDataProvider(data)
        if given.ConsumeBool():
            title = given.ConsumeUnicode(12) if given.ConsumeBool() else ""
            article = Article(given.ConsumeUnicode(400), title=title)
            if fuzz.differs(pairs[0], article):
                raise AssertionError(article)
            return
        changed, text = bytearray(blob), fuzz.CARD
        for _ in range(given.ConsumeIntInRange(1, 4)):
            place = places[given.ConsumeIntInRange(0, len(places) - 1)] + given.ConsumeIntInRange(-8, 64)
            new = given.ConsumeBytes(given.ConsumeIntInRange(1, 8))
            place = max(0, min(place, len(changed) - len(new)))
            changed[place : place + len(new)] = new
        if given.ConsumeBool():
            place = given.ConsumeIntInRange(0, len(text) - 1)
            text = text[:place] + given.ConsumeUnicodeNoSurrogates(12) + text[place + given.ConsumeIntInRange(0, 8) :]
        (room / ARRAYS_FILE).write_bytes(changed)
        (room / CARD_FILE).write_bytes(sealed(text, bytes(changed)))
        if said := fuzz.harm(room):
            raise AssertionError(said)

    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


def main(seconds: int) -> int:
    """Build the kernel and fuzz for so long; return 0 if nothing was found."""
    import atheris  # not a dependency: only who fuzzes needs it

    with tempfile.TemporaryDirectory() as name:
        room = workshop(Path(name), "clang", "-fsanitize=address,fuzzer-no-link")
        environment = {
            **os.environ,
            "LD_PRELOAD": str(Path(atheris.path()) / "asan_with_fuzzer.so"),
            "PYTHONPATH": str(room),
            "CLASSIFIER_FUZZ": "inside",
            "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1:allocator_may_return_null=1",
        }
        options = [
            f"-max_total_time={seconds}",
            "-max_len=2000",
            "-rss_limit_mb=4000",
            "-timeout=30",
            "-print_final_stats=1",
        ]
        command = [sys.executable, "-m", "tests.trust.guided", *options]
        done = subprocess.run(command, cwd=room, env=environment, check=False)
        for find in [*room.glob("crash-*"), *room.glob("timeout-*"), *room.glob("oom-*")]:
            print(f"found: {find.name}: {find.read_bytes()!r}")
    return done.returncode


if __name__ == "__main__":
    if os.environ.get("CLASSIFIER_FUZZ") == "inside":
        _inside()
    else:
        sys.exit(main(int(sys.argv[1])))
