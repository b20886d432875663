"""`drafts` and saving: at whatever moment a save stops, the folder holds the old model or the new one."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from classifier.drafts import alone, demand_room
from classifier.errors import ModelError
from classifier.model import Norms, TopicModel
from classifier.retrain import Options, retrain
from classifier.saving import mend, save
from classifier.storage import ARRAYS_FILE, CARD_FILE, load

ROOT = Path(__file__).resolve().parent.parent
FROZEN = ROOT / "tests" / "frozen" / "format-2"
BESIDE = {"report.json": "{}\n"}


def versions() -> tuple[TopicModel, TopicModel]:
    """Return two models that differ in both files: one term's weight, and what is usual for articles."""
    old = load(FROZEN)
    weights = [1.5, *list(old.table.weights)[1:]]
    table = replace(old.table, weights=weights)
    return old, TopicModel(old.topics, old.hints, old.settings, table, old.rule, Norms(1, 2), old.card)


OLD, NEW = versions()


def which(folder: Path) -> str:
    """Return which of the two a folder holds; both files must be of one of them."""
    found = load(folder)
    return {(OLD.table.weights[0], OLD.norms): "old", (NEW.table.weights[0], NEW.norms): "new"}[
        (found.table.weights[0], found.norms)
    ]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test here pulls the plug, so none waits for the disk."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


class Stopped(BaseException):
    """What an injected failure raises where it is no OSError: as if the process ended there."""


def failing(
    monkeypatch: pytest.MonkeyPatch, number: int, error: BaseException, *, dead: bool, late: bool = False
) -> list[str]:
    """Let the call number `number` of those that change the disk fail, and all later ones too if the process is `dead`.

    `late` is when the call did its work all the same.
    """
    calls: list[str] = []

    def wrapped(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: object, **more: object) -> object:
            calls.append(name)
            if len(calls) == number + 1 or (dead and len(calls) > number):
                if late and len(calls) == number + 1 and name != "open":
                    real(*arguments, **more)
                raise error
            return real(*arguments, **more)

        return call

    for owner, name in ((os, "fsync"), (Path, "replace"), (Path, "open"), (Path, "unlink"), (Path, "mkdir")):
        monkeypatch.setattr(owner, name, wrapped(name, getattr(owner, name)))
    return calls


def count_of_calls(tmp_path: Path) -> int:
    with pytest.MonkeyPatch.context() as patch:
        calls = failing(patch, 10**9, Stopped(), dead=True)
        save(NEW, tmp_path / "counted", BESIDE)
    return len(calls)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt(), Stopped()])
def test_a_save_that_fails_at_any_call_leaves_the_old_model_or_the_new(
    tmp_path: Path, error: BaseException, *, late: bool
) -> None:
    total, seen = count_of_calls(tmp_path), []
    for number in range(total):
        folder = tmp_path / str(number)
        save(OLD, folder, BESIDE)
        with pytest.MonkeyPatch.context() as patch:
            failing(patch, number, error, dead=isinstance(error, Stopped), late=late)
            with contextlib.suppress(OSError, KeyboardInterrupt, Stopped):
                save(NEW, folder, BESIDE)
        seen.append(which(folder))
        assert (folder / "report.json").read_text() == "{}\n"
        mend(folder)
        assert which(folder) == seen[-1]
        save(NEW, folder, BESIDE)
        assert which(folder) == "new"
        assert sorted(file.name for file in folder.iterdir()) == [CARD_FILE, ARRAYS_FILE, "report.json"]
    if isinstance(error, Stopped):  # else a disk that cannot wait for names is borne
        assert seen == sorted(seen, reverse=True)  # old up to one call, new from it on
    assert set(seen) == {"old", "new"}


def test_a_second_save_that_stops_after_a_first_that_stopped_loses_nothing(tmp_path: Path) -> None:
    total = count_of_calls(tmp_path)
    for first in range(total):
        for second in range(total):
            folder = tmp_path / f"{first}-{second}"
            save(OLD, folder)
            for number, model in ((first, NEW), (second, OLD)):
                with pytest.MonkeyPatch.context() as patch:
                    failing(patch, number, Stopped(), dead=True)
                    with contextlib.suppress(Stopped):
                        save(model, folder)
            assert which(folder) in {"old", "new"}


def test_a_failure_leaves_no_drafts_where_nothing_was_replaced(tmp_path: Path) -> None:
    save(OLD, tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        failing(patch, 4, OSError(28, "No space left on device"), dead=False)
        with pytest.raises(OSError, match="No space"):
            save(NEW, tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == [CARD_FILE, ARRAYS_FILE]


SAVER = """
import sys
from pathlib import Path
from tests.test_drafts import NEW, OLD
from classifier.saving import save
print("ready", flush=True)
while True:
    save(NEW, Path(sys.argv[1]), {"report.json": "{}\\n"})
    save(OLD, Path(sys.argv[1]), {"report.json": "{}\\n"})
"""


def test_whoever_reads_while_others_save_and_are_killed_gets_a_whole_model(tmp_path: Path) -> None:
    save(OLD, tmp_path)
    for number in range(6):
        saver = subprocess.Popen([sys.executable, "-c", SAVER, tmp_path], stdout=subprocess.PIPE, cwd=ROOT)
        assert saver.stdout is not None
        saver.stdout.readline()
        until = time.monotonic() + 0.05 + 0.037 * number
        while time.monotonic() < until:
            assert which(tmp_path) in {"old", "new"}
        saver.send_signal(signal.SIGKILL)
        saver.wait()
        saver.stdout.close()
        assert which(tmp_path) in {"old", "new"}


def test_who_asks_for_a_folder_alone_waits_for_who_has_it(tmp_path: Path) -> None:
    came: list[str] = []

    def other() -> None:
        with alone(tmp_path):
            came.append("other")

    with alone(tmp_path):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(0.2)
        came.append("first")
    thread.join()
    assert came == ["first", "other"]


def test_a_stale_draft_of_a_model_that_was_never_put_in_place_is_not_read(tmp_path: Path) -> None:
    save(NEW, tmp_path / "new")
    save(OLD, tmp_path / "old")
    (tmp_path / "old" / f"{CARD_FILE}.draft").write_bytes((tmp_path / "new" / CARD_FILE).read_bytes())
    mend(tmp_path / "old")
    assert which(tmp_path / "old") == "old"
    (tmp_path / "old" / CARD_FILE).write_text("{}")  # damaged, and the draft is of other arrays
    with pytest.raises(ModelError):
        load(tmp_path / "old")
    save(NEW, tmp_path / "old")
    assert which(tmp_path / "old") == "new"


def test_a_place_where_nothing_can_be_written_is_told_before_the_work(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("no folder", encoding="utf-8")
    for folder in (file / "model", file / "a" / "model"):
        with pytest.raises(NotADirectoryError) as told:
            demand_room(folder)
        assert told.value.filename == str(folder)
    demand_room(tmp_path / "a" / "model")
    assert [found.name for found in tmp_path.iterdir()] == ["file"]


def test_training_does_not_begin_where_its_model_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unwanted(*_: object, **__: object) -> None:
        raise AssertionError("training began")

    file = tmp_path / "file"
    file.write_text("no folder", encoding="utf-8")
    monkeypatch.setattr("classifier.retrain.train", unwanted)
    with pytest.raises(NotADirectoryError):
        retrain([], OLD.topics, file / "model", provenance={}, options=Options())
