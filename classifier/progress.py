"""Counts of bytes and articles come in, one line on a terminal goes out; what is counted is unknown here."""

import time
from typing import IO

__all__ = ["Progress"]

_PATIENCE = 2.0  # seconds in which nobody asks how long it takes
_PAUSE = 0.25  # seconds a line stands: faster ones cannot be read


class Progress:
    """A line that tells how many articles are done, how many a second, and how long the rest takes.

    It is written only to a terminal, and only if there is much to do. `rate` is known in any case.
    """

    __slots__ = ("_articles", "_begun", "_done", "_first", "_resumed", "_shown", "_size", "_stream")

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream if stream.isatty() else None
        self.begin(0, 0)

    def begin(self, size: int, articles: int) -> None:
        """Begin to count: there are `size` bytes to read, 0 if nobody knows; `articles` are done already."""
        self._begun, self._shown = time.monotonic(), 0.0
        self._size, self._done, self._resumed = size, 0, 0
        self._first = self._articles = articles

    def skip(self, read: int) -> None:
        """Count bytes that an earlier run has answered."""
        self._done += read
        self._resumed += read
        self._begun = time.monotonic()

    def show(self, read: int, articles: int) -> None:
        """Count bytes that have been answered, and say so if it is time; `articles` are done in all."""
        self._done += read
        self._articles = articles
        now = time.monotonic()
        if self._stream and now - self._begun > _PATIENCE and now - self._shown > _PAUSE:
            self._shown = now
            fresh = self._done - self._resumed
            left = (now - self._begun) * (self._size - self._done) / fresh if self._size and fresh else -1.0
            rest = f", {self._done / self._size:.0%}, {_clock(left)} to go" if left >= 0 else ""
            self._stream.write(f"\r{articles:,} articles, {self.rate:,.0f} a second{rest}\x1b[K")
            self._stream.flush()

    @property
    def rate(self) -> float:
        """Articles a second since the beginning of this run."""
        return (self._articles - self._first) / max(time.monotonic() - self._begun, 1e-9)  # a clock may stand still

    def end(self) -> None:
        """Take the line away."""
        if self._stream and self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._shown = 0.0


def _clock(seconds: float) -> str:
    """Return a duration as people write it: 0:07, 12:30, 1:02:00."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
