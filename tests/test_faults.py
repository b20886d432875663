"""A few of the faults of `tests.trust.faults`; `python -m tests.trust` has all of them."""

import pytest

from tests.trust.faults import _room, faults

FAULTS = dict(faults(1))
SOME = [
    "predict: nothing goes wrong",
    "predict: no file may exceed 20000 bytes",
    "predict: 60 MB of memory",
    "predict: >&-",
    "predict: >/dev/full",
    "predict: answers to /dev/full",
    "retrain: nothing goes wrong",
    "retrain: no file may exceed 20000 bytes",
    "retrain: a worker dies after 0.3 s",
    "evaluate: 120 MB of memory",
]


@pytest.mark.parametrize("name", SOME)
def test_nothing_is_lost_when(name: str) -> None:
    with _room() as room:
        assert FAULTS[name](room) == ""
