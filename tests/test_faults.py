"""A few of the faults of `tests.trust.faults`; `python -m tests.trust` has all of them."""

import pytest

from tests.trust.faults import Skipped, _room, faults

FAULTS = dict(faults(1))
SOME = [
    "predict: nothing goes wrong",
    "predict: no file may exceed 20000 bytes",
    "predict: 60 MB of memory",
    "predict: 40 kB left on the disk",
    "retrain: 900 kB left on the disk",
    "predict: pages in which the search for the article never ends, or fails",
    "predict --jobs 2: no file may exceed 4000000 bytes",
    "predict --jobs 2: a worker dies after 0.3 s",
    "predict --jobs 2: killed again and again",
    "predict: SIGINT 4 ms after it begins",
    "predict --json: nothing goes wrong",
    "predict --json: >&-",
    "predict --json: >/dev/full",
    "retrain: nothing goes wrong",
    "retrain: no file may exceed 20000 bytes",
    "retrain: a worker dies after 0.3 s",
    "evaluate: nothing goes wrong",
    "evaluate: no file may exceed 20000 bytes",
]


@pytest.mark.parametrize("name", SOME)
def test_nothing_is_lost_when(name: str) -> None:
    with _room() as room:
        try:
            found = FAULTS[name](room)
        except Skipped as error:
            pytest.skip(str(error))
        assert found == ""
