"""Pieces of work come in, results go out in the same order, done by processes that are replaced when they die or hang.

What the work is, is unknown here. A worker process holds nothing but its end of a pipe: when the process that started it is
gone, however it went, the pipe closes and the worker ends. A time limit is kept by the kernel's timer, which ends a worker
whatever code it is caught in.
"""

import contextlib
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Self, cast

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

__all__ = ["Lost", "Workers"]

_ERRORS = 2  # the descriptor of standard error
_TRIES = 2  # a worker may die of something else than its piece of work, such as a memory that others filled
_LAST_WORDS = 5  # seconds in which a worker whose pipe is closed has long ended by itself, and tells how
_AHEAD = 4  # results a worker that may wait for a slow one before theirs: bounds the memory


class Lost:
    """What came of a piece of work that no worker finished: `slow` if it took too long, else the workers died of it."""

    __slots__ = ("slow",)

    def __init__(self, *, slow: bool) -> None:
        self.slow = slow


class Workers:
    """Some processes, started when there is work for them.

    Each calls `make(*arguments)` once, and what that returns for each piece of work. `make` is a function of a module;
    arguments, work and results are sent from process to process. Use it in a `with` statement: on leaving it, no process is
    left. `deaths` counts those that died of something else than the time limit.
    """

    __slots__ = ("_arguments", "_busy", "_count", "_idle", "_make", "deaths")

    def __init__(self, count: int, make: Callable[..., Callable[[Any], Any]], *arguments: object) -> None:
        self._count = count
        self._make = make
        self._arguments = arguments
        self._idle: list[tuple[BaseProcess, Connection]] = []
        self._busy: dict[Connection, tuple[BaseProcess, int, Any, int]] = {}
        self.deaths = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        workers = [*self._idle, *((process, connection) for connection, (process, *_) in self._busy.items())]
        self._idle, self._busy = [], {}
        for process, connection in workers:
            process.kill()
            process.join()
            connection.close()

    def map(self, pieces: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        """Yield each piece of work with its result, or with `Lost`, in order.

        A piece that has an attribute `seconds` which is not None may take so long. An error that the work raises is raised
        here.
        """
        numbered = enumerate(pieces)
        todo = next(numbered, None)
        again: list[tuple[int, Any, int]] = []
        done: dict[int, tuple[Any, Any]] = {}
        turn = 0
        while todo or again or self._busy:
            while len(self._busy) < self._count and (again or (todo and todo[0] < turn + self._count * _AHEAD)):
                if again:
                    self._give(*again.pop())
                elif todo:
                    self._give(*todo, 1)
                    todo = next(numbered, None)  # read before it is wanted: no worker waits for the disk
            for number, piece, result, tries in self._results():
                if isinstance(result, Lost) and not result.slow and tries < _TRIES:
                    again.append((number, piece, tries + 1))
                else:
                    done[number] = (piece, result)
            while turn in done:
                yield done.pop(turn)
                turn += 1

    def _results(self) -> Iterator[tuple[int, Any, Any, int]]:
        """Wait until a worker is done or dead; yield number, piece, result and tries."""
        from multiprocessing.connection import wait  # only work for several processes pays for this module

        for connection in cast("list[Connection]", wait(list(self._busy))):
            process, number, piece, tries = self._busy.pop(connection)
            try:
                error, result = connection.recv()
            except (EOFError, OSError):
                yield number, piece, Lost(slow=self._bury(process, connection)), tries
                continue
            self._idle.append((process, connection))
            if error is not None:
                raise error
            yield number, piece, result, tries

    def _give(self, number: int, piece: Any, tries: int) -> None:  # noqa: ANN401 — any work
        """Hand a piece of work to an idle worker, or to a new one; one that died while idle is replaced."""
        while True:
            process, connection = self._idle.pop() if self._idle else self._start()
            try:
                connection.send(piece)
            except OSError:
                if not self._bury(process, connection) and tries >= _TRIES:
                    raise
                tries += 1
            else:
                self._busy[connection] = (process, number, piece, tries)
                return

    def _bury(self, process: "BaseProcess", connection: "Connection") -> bool:
        """Clear away a dead worker; tell whether it ran out of time."""
        connection.close()
        process.join(_LAST_WORDS)
        process.kill()
        process.join()
        slow = hasattr(signal, "SIGALRM") and process.exitcode == -signal.SIGALRM
        self.deaths += not slow
        return slow

    def _start(self) -> "tuple[BaseProcess, Connection]":
        from multiprocessing import get_context, resource_tracker

        context = get_context("spawn")  # a forked worker would hold the others' pipes open, and outlive their owner
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, self._make, self._arguments), daemon=True)
        # Ctrl-C is meant for the process that owns the workers, and neither it nor SIGTERM may come between a worker's start
        # and what it is told then: it would complain. The tracker is a part of multiprocessing that unblocks signals when
        # it starts, so it starts first.
        resource_tracker.ensure_running()
        held = {signal.SIGINT, signal.SIGTERM}
        masked = signal.pthread_sigmask(signal.SIG_BLOCK, held) if hasattr(signal, "pthread_sigmask") else None
        try:
            with _unheard():
                process.start()
        finally:
            if masked is not None:
                signal.pthread_sigmask(signal.SIG_SETMASK, masked)
        theirs.close()
        return process, ours


@contextlib.contextmanager
def _unheard() -> Iterator[None]:
    """Give what is started meanwhile nowhere to complain: a worker tells its owner of errors through the pipe.

    If the owner is killed while a worker starts, the worker's Python waits in vain for what it is to do, and says so.
    """
    try:
        heard = os.dup(_ERRORS)
    except OSError:  # it is closed, and nobody hears anything
        yield
        return
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, _ERRORS)
        os.close(nowhere)
        yield
    finally:
        os.dup2(heard, _ERRORS)
        os.close(heard)


def _serve(connection: "Connection", make: Callable[..., Callable[[Any], Any]], arguments: tuple[object, ...]) -> None:
    """Do one piece of work after the other until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})  # it was held while this process started
    work: Callable[[Any], Any] | None = None
    while True:
        try:
            piece = connection.recv()
        except (EOFError, OSError):
            return
        try:
            work = work or make(*arguments)
            _limit(getattr(piece, "seconds", None))
            answer: tuple[Exception | None, Any] = (None, work(piece))
        except Exception as error:  # noqa: BLE001 — whatever it is, the owner must know
            answer = (error, None)
        finally:
            _limit(None)
        try:
            connection.send(answer)
        except OSError:
            return


def _limit(seconds: float | None) -> None:
    """Let the kernel end this process after so many seconds; None takes that back. Systems without such timers have none."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds or 0)
