"""`progress`: one line on a terminal, when there is time to read it."""

import io
import time

import pytest

from classifier import progress
from classifier.progress import Progress


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_the_line_tells_count_rate_share_and_remaining_time(clock: list[float]) -> None:
    stream = Terminal()
    line = Progress(stream)
    line.begin(1000, 0)
    clock[0] += 10
    line.show(250, 5000)
    # 5000 articles in 10 s are 500 a second; a quarter of the bytes took 10 s, the others take 30 s
    assert stream.getvalue() == "\r5,000 articles, 500 a second, 25%, 0:30 to go\x1b[K"
    line.end()
    assert stream.getvalue().endswith("\r\x1b[K")


def test_what_an_earlier_run_did_counts_as_done_but_not_for_the_rate(clock: list[float]) -> None:
    stream = Terminal()
    line = Progress(stream)
    line.begin(1000, 4000)
    line.skip(500)
    clock[0] += 10
    line.show(250, 5000)
    # 1000 articles in 10 s; 250 bytes took 10 s, and 250 are left
    assert stream.getvalue() == "\r5,000 articles, 100 a second, 75%, 0:10 to go\x1b[K"


def test_nothing_is_said_of_the_rest_where_the_size_is_unknown(clock: list[float]) -> None:
    stream = Terminal()
    line = Progress(stream)
    line.begin(0, 0)
    clock[0] += 3
    line.show(0, 30)
    assert stream.getvalue() == "\r30 articles, 10 a second\x1b[K"


def test_a_short_run_shows_nothing(clock: list[float]) -> None:
    stream = Terminal()
    line = Progress(stream)
    line.begin(10, 0)
    clock[0] += 1.5
    line.show(10, 5)
    line.end()
    assert stream.getvalue() == ""


def test_nothing_is_shown_where_nobody_looks(clock: list[float]) -> None:
    stream = io.StringIO()
    line = Progress(stream)
    line.begin(10, 0)
    clock[0] += 60
    line.show(10, 6000)
    line.end()
    assert stream.getvalue() == ""
    assert line.rate == 100


def test_hours_are_written_as_hours() -> None:
    assert [progress._clock(seconds) for seconds in (7, 750, 3720)] == ["0:07", "12:30", "1:02:00"]
