"""`jsonlines`: the same values and the same bytes, whether orjson is installed or not."""

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import jsonlines
from classifier.jsonlines import dumps, loads, plain

pytest.importorskip("orjson", reason="orjson is not installed: there is nothing to compare")

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@pytest.fixture(params=[True, False], ids=["orjson", "standard library"])
def _either(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(jsonlines, "_fast", None if request.param else False)
    yield
    jsonlines._fast = None


def both(work: Any) -> tuple[Any, Any]:
    """Return what comes of some work with orjson and without it; an error counts by its kind and words."""
    results = []
    for fast in (None, False):
        jsonlines._fast = fast
        try:
            results.append(work())
        except (ValueError, RecursionError) as error:
            results.append((type(error), str(error)))
    jsonlines._fast = None
    return results[0], results[1]


@given(st.dictionaries(st.text(), _VALUES))
def test_a_record_reads_back_and_is_written_alike_with_orjson_and_without(record: dict[str, Any]) -> None:
    one, other = both(lambda: dumps(record, fast=plain(record.values())))
    assert one == other
    assert one.count(b"\n") == 1
    assert loads(one) == record
    one, other = both(lambda: loads(json.dumps(record).encode()))
    assert one == other == record


@given(st.text(alphabet='{}[]",:0123456789.eE-+ntfNaI\\ud8\n \x00') | st.text())
def test_any_line_is_read_alike_or_refused_alike(line: str) -> None:
    one, other = both(lambda: repr(loads(line.encode("utf-8", "surrogatepass"))))
    assert one == other


@pytest.mark.usefixtures("_either")
def test_whole_numbers_of_more_than_64_bits_keep_every_digit() -> None:
    line = b'{"id":123456789012345678901234567890,"n":-9223372036854775809}\n'
    record = loads(line)
    assert record["id"] == 123456789012345678901234567890
    assert dumps(record, fast=plain(record.values())) == line


@pytest.mark.usefixtures("_either")
def test_a_lone_surrogate_survives() -> None:
    record = loads(b'{"text":"a \\ud83d b"}')
    assert record == {"text": "a \ud83d b"}
    assert dumps(record, fast=True) == b'{"text":"a \\ud83d b"}\n'


@pytest.mark.usefixtures("_either")
def test_of_a_key_that_stands_twice_the_last_one_counts() -> None:
    assert loads(b'{"a":1,"a":2}') == {"a": 2}


@pytest.mark.usefixtures("_either")
@pytest.mark.parametrize("line", [b'{"a":NaN}', b'{"a":-Infinity}', b'{"a":1e999}', b"nonsense", b"", b'{"a":"\xff"}'])
def test_what_is_no_json_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 — the words are json's
        loads(line)


@pytest.mark.usefixtures("_either")
def test_small_fractions_look_alike() -> None:
    assert dumps({"a": 1e-05, "b": 0.0001, "c": 1.0}, fast=plain([1e-05])) == b'{"a":1e-05,"b":0.0001,"c":1.0}\n'


def test_a_missing_number_is_never_written_as_nan() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        dumps({"a": math.nan})
