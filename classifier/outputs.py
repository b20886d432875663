"""The door to the files of answers: lines come in, a finished file goes out; what is half written never has its name.

Until all is written, answers to OUT.jsonl stand in OUT.jsonl.part, errors in OUT.jsonl.part.errors, and what has been done
in OUT.jsonl.part.json, the journal. It is replaced as a whole after the bytes that it speaks of are on the disk, so whatever
moment a run is killed at, the files can be cut back to what the journal says and the next run goes on from there.
Tables (CSV, Parquet) are made from the lines at the end, when all columns are known. Articles and models are unknown here.
"""

import contextlib
import json
import os
import stat
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Self

from classifier.errors import SourceError
from classifier.sheets import SHEETS, check_packages, parquet_types, write_sheet

__all__ = ["FORMATS", "Output", "digest_of", "errors_file", "format_of", "replacing", "stamp_of"]

FORMATS = (".jsonl", ".jsonl.gz", *SHEETS)
_PAUSE = 0.25  # seconds between two journals: waiting for the disk takes hundredths, and no more work than this is lost
_HOW = "Give --resume with the same inputs, model and options, or leave it out to start afresh."


def format_of(file: Path) -> str | None:
    """Return which of `FORMATS` a file's name asks for, None if it is another."""
    return next((suffix for suffix in reversed(FORMATS) if file.name.lower().endswith(suffix)), None)


def errors_file(file: Path) -> Path:
    """Return where the errors of a run with this output are listed: `answers.errors.jsonl` beside `answers.csv`."""
    return file.with_name(file.name[: -len(format_of(file) or "")] + ".errors.jsonl")


def digest_of(files: Iterable[Path]) -> str:
    """Return a digest of the contents of files."""
    import hashlib

    made = hashlib.sha256()
    for file in files:
        made.update(file.read_bytes())
    return made.hexdigest()


def stamp_of(files: Iterable[Path]) -> tuple[str, int]:
    """Return a digest of the names, sizes and times of change of files, and how many bytes they have together."""
    import hashlib

    made = hashlib.sha256()
    size = 0
    for file in files:
        with contextlib.suppress(OSError):  # what is missing is an error when it is read
            found = file.stat()
            if not stat.S_ISREG(found.st_mode):  # a pipe: it has no size, and changes as it is read
                continue
            made.update(f"{file}\0{found.st_size}\0{found.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
            size += found.st_size
    return made.hexdigest(), size


def _is_journal(found: Any) -> bool:  # noqa: ANN401 — JSON
    """Tell whether a file's JSON is what `Output` writes into a journal."""
    kinds = {"identity": dict, "lengths": list, "finished": bool, "state": dict}
    return (
        isinstance(found, dict)
        and all(isinstance(found.get(name), kind) for name, kind in kinds.items())
        and [type(length) for length in found["lengths"]] == [int, int]
    )


class Output:
    """The files that one run writes; use it in a `with` statement and call `finish` at the end.

    `identity` tells what the answers depend on, a word each: on resuming it must be what it was. Without an identity nothing
    can be resumed, and what is unfinished is deleted. `state` is what the last journal knew; empty at the beginning.
    Raises `SourceError` if the place cannot be written to, if another run is writing there, or if `resume` cannot be.
    """

    def __init__(self, file: Path, identity: Mapping[str, str] | None, *, resume: bool = False) -> None:
        check_packages(format_of(file))
        self.file = file
        self.state: dict[str, Any] = {}
        self.finished = False
        self.replaced = False
        self._identity = identity
        self._part = file.with_name(file.name + ".part")
        self._errors = self._part.with_name(self._part.name + ".errors")
        self._journal = self._part.with_name(self._part.name + ".json")
        self._handles: list[IO[bytes]] = []
        self._lengths = [0, 0]
        self._saved = time.monotonic()
        try:
            with self._named():
                recorded = self._recorded() if resume else None
                self.replaced = not resume and self._part.exists()
                if recorded:
                    self._go_on(recorded)
                else:
                    self._open()
        except BaseException as error:
            if self._handles:  # else the files may be another run's
                self.__exit__(type(error))
            raise

    def _recorded(self) -> Any:  # noqa: ANN401 — JSON
        """Return the journal of the run to go on with, None if there is none."""
        if self._identity is None:
            raise SourceError("--resume: standard input cannot be read a second time. Save it to a file, and name that.")
        try:
            recorded = json.loads(self._journal.read_bytes())
        except FileNotFoundError:
            return None
        except ValueError:
            recorded = None
        if not _is_journal(recorded):
            raise SourceError(f"--resume: {self._journal} is damaged. Leave --resume out to start afresh.")
        then = recorded["identity"]
        changed = [key for key in {**then, **self._identity} if then.get(key) != self._identity.get(key)]
        if changed:
            raise SourceError(f"--resume: {', '.join(changed)} changed since the run that left {self._part}. {_HOW}")
        return recorded

    def _go_on(self, recorded: Mapping[str, Any]) -> None:
        """Cut the files back to what the journal says, and take its state."""
        self.state, self._lengths, self.finished = recorded["state"], recorded["lengths"], recorded["finished"]
        if self.finished:
            return
        for file, length in zip((self._part, self._errors), self._lengths, strict=True):
            if not file.exists() or file.stat().st_size < length:
                raise SourceError(f"--resume: {file} is shorter than the run left it. Leave --resume out to start afresh.")
        self._open("r+b")

    def _open(self, mode: str = "wb") -> None:
        for file, length in zip((self._part, self._errors), self._lengths, strict=True):
            handle = file.open("r+b" if mode == "wb" and file.exists() else mode)
            self._handles.append(handle)
            if len(self._handles) == 1:
                self._lock(handle)
            handle.truncate(length)
            handle.seek(length)
        if mode == "wb":
            self._journal.unlink(missing_ok=True)

    def _lock(self, handle: IO[bytes]) -> None:
        """Let no other run write to the same file; on systems without such locks, nothing is done."""
        try:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ImportError:
            pass
        except BlockingIOError:
            handle.close()
            self._handles.clear()
            raise SourceError(f"{self.file} is being written by another run. Wait for it, or name another file.") from None

    def add(self, answers: bytes, errors: bytes, state: dict[str, Any]) -> None:
        """Write the lines of a chunk; `state` is what has been done with it included."""
        with self._named():
            for handle, lines in zip(self._handles, (answers, errors), strict=True):
                if lines:
                    handle.write(lines)
            self._lengths = [self._lengths[0] + len(answers), self._lengths[1] + len(errors)]
            self.state = state
            if self._identity is not None and time.monotonic() - self._saved >= _PAUSE:
                self._save()

    def _save(self) -> None:
        """Put what has been written on the disk, then the journal that says so."""
        for handle in self._handles:
            handle.flush()
            os.fsync(handle.fileno())
        if self._identity is not None:
            journal = {
                "identity": self._identity,
                "lengths": self._lengths,
                "finished": self.finished,
                "state": self.state,
            }
            draft = self._journal.with_name(self._journal.name + ".draft")
            with draft.open("wb") as written:
                written.write(json.dumps(journal).encode())
                written.flush()
                os.fsync(written.fileno())
            draft.replace(self._journal)
        self._saved = time.monotonic()

    def finish(self, topics: Sequence[str], parquet: Sequence[Path] | None) -> None:
        """Give the files their names; tables are made first. Does nothing that was done before.

        `topics` are those of the model. `parquet` are the inputs if all are such files: columns keep their types.
        """
        with self._named():
            if not self.finished:
                self.finished = True
                self._save()
            self._close()
            sort = format_of(self.file)
            if self._errors.exists() and self._lengths[1]:
                self._errors.replace(errors_file(self.file))
            elif not self._lengths[1]:
                errors_file(self.file).unlink(missing_ok=True)  # of an earlier run
            if self._part.exists() and sort in SHEETS:
                draft = self._part.with_name(self._part.name + ".table")
                types = parquet_types(parquet) if parquet and sort == ".parquet" else {}
                write_sheet(self._part, draft, str(sort), topics, types)
                with draft.open("rb") as handle:
                    os.fsync(handle.fileno())
                draft.replace(self.file)
            elif self._part.exists():
                self._part.replace(self.file)
            self._remove()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None = None, *_: object) -> None:
        """Keep what was done for a run that resumes; delete what no run can use."""
        if kind is not None:
            with contextlib.suppress(OSError):
                if self._identity is not None and self.state and not self.finished:
                    self._save()
        self._close()
        if kind is not None and (self._identity is None or not self.state):
            self._remove()

    def _close(self) -> None:
        for handle in self._handles:
            with contextlib.suppress(OSError):
                handle.close()
        self._handles = []

    def _remove(self) -> None:
        drafts = [self._part.with_name(self._part.name + ".table"), self._journal.with_name(self._journal.name + ".draft")]
        for file in (self._part, self._errors, *drafts, self._journal):
            with contextlib.suppress(OSError):
                file.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        """Turn what the system says of a file into an error that names the output."""
        try:
            yield
        except OSError as error:
            kept = " --resume goes on from what is there." if self.state and self._identity is not None else ""
            raise SourceError(
                f"{self.file} cannot be written: {error.strerror or error}."
                f" Name a place with room that you may write to.{kept}"
            ) from None


@contextlib.contextmanager
def replacing(file: Path) -> Iterator[IO[str]]:
    """Open a file for writing under another name; it gets its own name only when all is written, and none otherwise.

    Raises `SourceError` if the place cannot be written to.
    """
    draft = file.with_name(file.name + ".part")
    try:
        with draft.open("w", encoding="utf-8", newline="\n") as handle:
            yield handle
            handle.flush()
            os.fsync(handle.fileno())
        draft.replace(file)
    except OSError as error:
        raise SourceError(
            f"{file} cannot be written: {error.strerror}. Name a place with room that you may write to."
        ) from None
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
