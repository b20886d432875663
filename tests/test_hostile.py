"""Finds of `tests.trust`: files and calls made to harm the kernel, each of which once did; `tests.trust.hostile` has the folders."""

import os
import subprocess
import sys
from array import array
from pathlib import Path

import pytest

from classifier import Article, ModelError, load
from classifier.storage import ARRAYS_FILE
from tests.trust.hostile import BASE, arrays_of, packed, parts, put

ROOT = Path(__file__).resolve().parent.parent
END, CLOSER = 128, 512  # classes of characters, as in `text`

if load(BASE).kernel != "C":
    pytest.skip("the kernel was not built", allow_module_level=True)


def changed(folder: Path, **arrays: bytes) -> Path:
    """Write the sound folder with other arrays, and a card that vouches for them."""
    card, header, body = parts()
    folder.mkdir()
    put(folder, card, packed(arrays_of(header, body) | arrays, header))
    return folder


def test_a_table_in_which_all_closes_a_sentence_leads_nowhere_outside_the_text(tmp_path: Path) -> None:
    """Whoever goes back over closing characters must stop where the sentence begins: before it is other memory."""
    _, header, body = parts()
    arrays = arrays_of(header, body)
    pages, classes = array("H", arrays["pages"]), array("H", [CLOSER] * (len(arrays["classes"]) // 2))
    classes[pages[0] * 256 + ord(".")] = END | CLOSER
    classes[pages[0] * 256 + ord("a")] = 0
    folder = changed(tmp_path / "model", classes=classes.tobytes())
    # a process of its own: what is read outside differs from run to run, and may end it
    code = f"from classifier import Article, load; m = load({str(folder)!r})\nfor n in range(200): m.predict(Article('.a' + 'b' * n))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_header_that_leaves_numbers_where_a_machine_cannot_read_them_is_refused(tmp_path: Path) -> None:
    """Eight bytes of length and a header of odd length: every number behind it would be out of line."""
    card, _, body = parts()
    blob = (BASE / ARRAYS_FILE).read_bytes()
    head = blob[8 : len(blob) - len(body)] + b" "
    put(tmp_path, card, len(head).to_bytes(8, "little") + head + body)
    with pytest.raises(ModelError, match="multiple of 8"):
        load(tmp_path)


class Lying(str):
    """A text that says of itself what is not so, and changes what it is asked for meanwhile."""

    __slots__ = ()

    def isascii(self) -> bool:
        """Lie."""
        return True


@pytest.mark.parametrize("whole", [False, True])
def test_a_text_of_another_class_is_read_and_not_asked(*, whole: bool) -> None:
    model = load(ROOT / "models" / "news")
    text = "Shelling in Idlib, Syria, killed \u00e9\u4e2d three people. " * 30
    fast = load(BASE)
    for one in (model, fast):
        assert one.predict(Article(Lying(text)), whole_text=whole) == one.predict(Article(text), whole_text=whole)


class Clearing:
    """A number that empties a list when it is asked what it is."""

    def __init__(self, requests: list[object], number: int) -> None:
        self._requests = requests
        self._number = number

    def __index__(self) -> int:
        """Empty the list, and make others use the room of what was in it."""
        self._requests.clear()
        self._kept = [(f"{'z' * 60}{n}", 0, None) for n in range(1000)]
        return self._number


def test_a_request_that_goes_away_while_it_is_read_is_held() -> None:
    """The list is emptied by a number in the request itself; then requests are missing, and that is an error."""
    kernel = load(BASE)._kernel
    assert kernel is not None
    for _ in range(50):
        requests: list[object] = []
        requests += [("".join(["The ferry docked late. ", str(len(requests))]), Clearing(requests, 0), None)] * 2
        with pytest.raises(ValueError, match="changed meanwhile"):
            kernel.scores(requests)  # type: ignore[arg-type]
        spans: list[object] = []
        spans += [(Clearing(spans, 0), 3), (3, 4)]
        with pytest.raises((IndexError, TypeError)):
            kernel.answer("The ferry docked late.", 0, spans)  # type: ignore[arg-type]


def test_rows_of_hints_in_the_worst_order_are_put_in_order_at_once(tmp_path: Path) -> None:
    """A file may name thousands of lists and have a row for each pair: to sort those one by one would take days."""
    lists = 600
    _, header, body = parts()
    arrays = arrays_of(header, body)
    terms, words = len(arrays["idf"]) // 8, (lists + 63) // 64
    count = 4 * lists + lists * lists
    rows = array("i", [(count - n) * (terms - 1) // count for n in range(count)])  # falling: the worst order
    masks = [[2**64 - 1 if mask else 0] * words for mask in array("Q", arrays["masks"])]  # every name is in all lists
    folder = changed(tmp_path / "model", hint_rows=rows.tobytes(), masks=b"".join(array("Q", m).tobytes() for m in masks))
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_CPU, (20, 20))\n"
        f"from classifier import Article, load; load({str(folder)!r}).predict(Article('The ferry docked. ' * 5))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ}
    )
    assert done.returncode == 0, f"status {done.returncode}: {done.stderr}"
