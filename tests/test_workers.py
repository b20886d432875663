"""`workers`: results in order, whatever happens to the processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from classifier.workers import Lost, Workers
from tests.conftest import ROOT


class Piece:
    """A piece of work: what to do, and how long it may take."""

    def __init__(self, what: str, seconds: float | None = None) -> None:
        self.what = what
        self.seconds = seconds


def doing(mark: str) -> Callable[[Piece], str]:
    """Return a worker's work: to echo, to be slow, to loop, to die, to die but once, to fail."""

    def do(piece: Piece) -> str:
        word, _, rest = piece.what.partition(" ")
        if word == "slow":
            time.sleep(float(rest))
        elif word == "loop":
            while True:
                pass
        elif word == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        elif word == "once" and not Path(rest).exists():
            Path(rest).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        elif word == "fail":
            raise ValueError(rest)
        return mark + piece.what

    return do


def results(workers: Workers, *what: str, seconds: float | None = None) -> list[object]:
    return [result for _, result in workers.map([Piece(word, seconds) for word in what])]


def test_results_come_in_the_order_of_the_work_however_long_each_takes() -> None:
    with Workers(2, doing, "-") as workers:
        what = ["slow 0.3", *map(str, range(20))]
        assert results(workers, *what) == ["-" + word for word in what]
        assert workers.deaths == 0


def test_one_process_serves_all_pieces_and_none_is_left() -> None:
    with Workers(1, doing, "") as workers:
        assert results(workers, "a") == results(workers, "a") == ["a"]
        (process, _), *more = workers._idle
        assert not more
    assert not process.is_alive()


def test_work_that_takes_too_long_is_given_up_and_the_rest_is_done() -> None:
    with Workers(1, doing, "") as workers:
        first, lost, last = results(workers, "a", "loop", "b", seconds=1)
    assert (first, last) == ("a", "b")
    assert isinstance(lost, Lost)
    assert lost.slow


def test_work_whose_process_died_is_done_by_another(tmp_path: Path) -> None:
    with Workers(2, doing, "") as workers:
        what = ["a", f"once {tmp_path / 'mark'}", "b"]
        assert results(workers, *what) == what
        assert workers.deaths == 1


def test_work_that_kills_every_process_is_given_up_and_the_rest_is_done() -> None:
    with Workers(1, doing, "") as workers:
        first, lost, last = results(workers, "a", "die", "b")
        assert workers.deaths == 2
    assert (first, last) == ("a", "b")
    assert isinstance(lost, Lost)
    assert not lost.slow


@pytest.mark.parametrize("wait", [0.0, 0.05, 1.0])
def test_ctrl_c_is_not_for_the_workers_not_even_while_they_start(wait: float) -> None:
    with Workers(1, doing, "") as workers:
        workers._idle.append(workers._start())
        time.sleep(wait)
        pid = workers._idle[0][0].pid
        assert pid
        os.kill(pid, signal.SIGINT)
        assert results(workers, "a") == ["a"]
        assert workers.deaths == 0


def test_a_process_that_died_while_idle_is_replaced() -> None:
    with Workers(1, doing, "") as workers:
        assert results(workers, "a") == ["a"]
        ((process, _),) = workers._idle
        process.kill()
        process.join()
        assert results(workers, "b") == ["b"]


def test_an_error_of_the_work_is_raised_where_the_results_are_wanted() -> None:
    with Workers(1, doing, "") as workers, pytest.raises(ValueError, match="for a reason"):
        results(workers, "fail for a reason")


def test_work_is_read_only_a_little_ahead_of_a_slow_piece() -> None:
    taken = []

    def pieces() -> Iterator[Piece]:
        for word in ["slow 0.5", *["x"] * 200]:
            taken.append(word)
            yield Piece(word)

    with Workers(2, doing, "") as workers:
        next(workers.map(pieces()))
    assert len(taken) <= 10  # two workers, four results each that may wait, one piece read before it is wanted


def test_no_process_outlives_its_owner() -> None:
    script = (
        "import os, signal\nfrom classifier.workers import Workers\nfrom tests.test_workers import Piece, doing\n"
        "if __name__ == '__main__':\n"
        "    for _ in Workers(2, doing, '').map(Piece(word) for word in ('a', 'b', 'slow 1', 'slow 1')):\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, start_new_session=True)
    assert process.wait(60) == -signal.SIGKILL
    deadline = time.monotonic() + 30
    while True:
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            break
        assert time.monotonic() < deadline, "a worker is left"
        time.sleep(0.02)


def _crying() -> Callable[[bytes], int]:
    return lambda words: os.write(2, words)


def test_a_worker_is_not_heard_and_its_owner_still_is(capfd: pytest.CaptureFixture[str]) -> None:
    """What its Python says of an owner that was killed while it started is no word of the command's."""
    with Workers(1, _crying) as workers:
        assert list(workers.map([b"Traceback"])) == [(b"Traceback", len(b"Traceback"))]
        os.write(2, b"heard")
    assert capfd.readouterr().err == "heard"
