"""Names and bytes of files come in, and the files of a folder are replaced together; what is in them is unknown here.

Files are written under draft names, and renamed when all of them are complete and on the disk. Renaming the first is the
moment at which the new files count: whoever is stopped before it leaves the old ones as they were, whoever is stopped after
it leaves drafts that `finish` gives their names. So the first file must tell which of two versions of the others goes with
it.
"""

import contextlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

__all__ = ["alone", "demand_room", "draft", "finish", "replace_together"]

_DRAFT = ".draft"  # `storage` looks for it too, and loads without the modules that this room needs


def draft(file: Path) -> Path:
    """Return the name under which a file is written before it has its own."""
    return file.with_name(file.name + _DRAFT)


def demand_room(folder: Path) -> None:
    """Raise the `OSError` that stands in the way of files in a folder, which need not be there yet; leave no trace of it."""
    place = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(folder)) from None


def replace_together(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files of a folder, by name; all are replaced or, if anything raises before the first is, none.

    The last file gets its name last.
    """
    drafts = {folder / name: draft(folder / name) for name in files}
    first, *others = drafts
    try:
        for new, data in zip(drafts.values(), files.values(), strict=True):
            _write(new, data)
        _settle(folder)
        drafts[first].replace(first)
    except BaseException:
        if drafts[first].exists():  # else it has its name already, and the others are needed
            for new in drafts.values():
                with contextlib.suppress(OSError):
                    new.unlink(missing_ok=True)
        raise
    _settle(folder)
    for file in others:
        drafts[file].replace(file)
    _settle(folder)


def finish(folder: Path, last: str) -> None:
    """Give the drafts in a folder their names, `last` last; for when the first file was replaced and others were not yet."""
    for new in sorted(folder.glob(f"*{_DRAFT}"), key=lambda new: (new == draft(folder / last), new)):
        new.replace(new.with_suffix(""))
    _settle(folder)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other processes that ask for the same out of a folder; where the system cannot, go on without."""
    descriptor = None
    with contextlib.suppress(ImportError, OSError):
        import fcntl  # not on every system

        descriptor = os.open(folder, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # given up with the process, however it ends
    try:
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _write(file: Path, data: bytes) -> None:
    with file.open("wb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())


def _settle(folder: Path) -> None:
    """Wait until the names in a folder are on the disk, where the system lets a folder be opened."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
