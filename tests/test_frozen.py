"""Records are what frozen dataclasses are, without the start that `dataclasses` needs."""

import copy
import dataclasses
import operator
import pickle
import pprint
import subprocess
import sys
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.frozen import Frozen

NONE: Mapping[str, int] = {}


class Ship(Frozen):
    """A record for these tests."""

    name: str
    masts: int = 2
    crew: Mapping[str, int] = NONE


@dataclasses.dataclass(frozen=True, slots=True)
class Twin:
    name: str
    masts: int = 2
    crew: Mapping[str, int] = dataclasses.field(default_factory=dict)


@given(name=st.text(), masts=st.integers())
def test_a_record_is_made_shown_and_compared_as_a_dataclass_is(name: str, masts: int) -> None:
    for made, twin in (
        (Ship(name), Twin(name)),
        (Ship(name, masts), Twin(name, masts)),
        (Ship(masts=masts, name=name), Twin(name, masts)),
    ):
        assert dataclasses.asdict(made) == dataclasses.asdict(twin)
        assert repr(made) == repr(twin).replace("Twin", "Ship", 1)
    assert Ship(name, masts) == Ship(name, masts)
    assert Ship(name, masts) != Ship(name, masts + 1)
    assert Ship(name, masts) != Twin(name, masts)
    assert hash(Ship(name, masts, ())) == hash(Ship(name, masts, ()))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "named"),
    [((), {}), (("a", 1, {}, 4), {}), (("a",), {"name": "b"}), (("a",), {"sails": 3}), ((), {"masts": 1})],
)
def test_a_record_takes_its_fields_and_no_others(values: tuple[object, ...], named: dict[str, object]) -> None:
    with pytest.raises(TypeError, match="Ship takes name, masts, crew"):
        Ship(*values, **named)  # type: ignore[arg-type]


def test_a_record_never_changes() -> None:
    ship = Ship("Argo")
    for name in ("name", "sails"):
        with pytest.raises(AttributeError, match="make a new record"):
            setattr(ship, name, 1)
        with pytest.raises(AttributeError, match="make a new record"):
            delattr(ship, name)
    assert ship == Ship("Argo")
    assert not hasattr(ship, "__dict__")


def test_a_record_is_no_tuple_to_who_compares() -> None:
    ship, row = Ship("Argo"), ("Argo", 2, NONE)
    assert ship != row
    assert row != ship
    assert not operator.eq(ship, row)
    assert not operator.eq(row, ship)
    assert ship != "Argo"
    for compare in (operator.lt, operator.le, operator.gt, operator.ge):
        for one, other in ((ship, Ship("Argus")), (ship, row), (row, ship)):
            with pytest.raises(TypeError):
                compare(one, other)


def test_what_works_with_dataclasses_works_with_records() -> None:
    ship = Ship("Argo", crew={"Jason": 1})
    assert ship.changed(masts=3) == dataclasses.replace(ship, masts=3) == Ship("Argo", 3, {"Jason": 1})
    assert [field.name for field in dataclasses.fields(ship)] == ["name", "masts", "crew"]
    assert dataclasses.is_dataclass(ship)
    assert pickle.loads(pickle.dumps(ship)) == copy.deepcopy(ship) == ship  # noqa: S301 — our own
    assert "".join(pprint.pformat(Ship("Argo" * 30)).split()) == "".join(repr(Ship("Argo" * 30)).split())
    if sys.version_info >= (3, 13):
        assert copy.replace(ship, masts=3).masts == 3
    match ship:
        case Ship(name, masts):
            assert (name, masts) == ("Argo", 2)


def test_records_need_no_dataclasses() -> None:
    code = "import sys, classifier.records; print('dataclasses' in sys.modules, 'typing' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True).stdout.split()[0]
        == "False"
    )
