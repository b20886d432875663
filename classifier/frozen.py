"""Named fields come in, classes of unchangeable records go out; what the records mean is unknown here.

They are what `@dataclass(frozen=True, slots=True)` makes, and type checkers and the `dataclasses` module take them for that.
There are two differences. Making one class costs a hundredth, and `dataclasses` with all it needs is loaded only by who uses
it: a command that answers one article makes a dozen of these classes and then hardly computes for as long. And underneath
a record is a tuple, which Python makes four times as fast: a record is made for every article and every piece of evidence.
So it has a length and can be unpacked, and what asks whether it has a tuple before it (`json`, numpy) takes it for one.
"""

from __future__ import annotations

TYPE_CHECKING = False  # what `typing` says at run time; type checkers know the name
if TYPE_CHECKING:
    from typing import Any, ClassVar, Self, TypeVar, dataclass_transform

    Record = TypeVar("Record")
    _Row = object  # that it is a tuple is nobody's business

    def _equal(one: object, other: object) -> bool: ...

    def _hash(record: object) -> int: ...

    def made(record: type[Record], fields: tuple[Any, ...]) -> Record:
        """Make a record of this class from all its fields in order, unchecked: for who makes one for every article."""

    def _field(place: int, doc: str) -> property: ...
else:
    _Row = tuple
    _equal, _hash, made = tuple.__eq__, tuple.__hash__, tuple.__new__
    try:
        from _collections import _tuplegetter as _field  # with what named tuples read their fields
    except ImportError:  # another Python than C's
        from operator import itemgetter

        def _field(place: int, doc: str) -> property:
            return property(itemgetter(place), doc=doc)

    def dataclass_transform(**_: object) -> object:
        """Stand in for what only type checkers ask."""
        return lambda decorated: decorated


__all__ = ["Frozen", "made"]


def _plain(record: Any) -> tuple[Any, ...]:  # noqa: ANN401 — a record, as what it is underneath
    return made(tuple, record)


class _DataclassFields:
    """The attribute by which `dataclasses` knows its own, made when it is first asked for."""

    def __get__(self, _: object, owner: type[Frozen]) -> dict[str, Any]:
        import dataclasses

        found: dict[str, Any] = {}
        for name in owner._fields:
            twin = dataclasses.make_dataclass(name, [(name, object)])
            found.update(twin.__dataclass_fields__)  # type: ignore[attr-defined]  # what made it a dataclass
        return found


class _DataclassParams:
    """What `pprint` asks of a dataclass: whether its `__repr__` is that of `dataclasses`."""

    repr = False


@dataclass_transform(frozen_default=True)
class _FrozenType(type):
    """Makes a field of every annotated name of a class; what is assigned to it there is its default."""

    if TYPE_CHECKING:
        _fields: tuple[str, ...]
        _defaults: dict[str, Any]

    def __new__(cls, name: str, bases: tuple[type, ...], members: dict[str, Any]) -> _FrozenType:
        fields = tuple(members.get("__annotations__", ()))
        defaults = {field: members.pop(field) for field in fields if field in members}
        members["__match_args__"] = fields
        members["__slots__"] = ()
        for place, field in enumerate(fields):
            members[field] = _field(place, f"The field {field}.")
        record = super().__new__(cls, name, bases, members)
        record._fields = fields
        record._defaults = defaults
        return record


class Frozen(_Row, metaclass=_FrozenType):
    """Base of records: fields are the annotated names of the class, given in their order or by name, and never change.

    Two records are equal if they are of one class and all their fields are. A default stands for every record that does not
    give the field, so it must not be changed either.
    """

    __dataclass_fields__ = _DataclassFields()
    __dataclass_params__ = _DataclassParams()
    if TYPE_CHECKING:
        _fields: ClassVar[tuple[str, ...]]
        _defaults: ClassVar[dict[str, Any]]

    else:

        def __new__(cls, *values: Any, **named: Any) -> Self:  # noqa: ANN401, D102 — of whatever type the fields are
            if named or len(values) != len(cls._fields):
                values = cls._complete(values, named)
            return made(cls, values)

    @classmethod
    def _complete(cls, values: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        """Return a value for each field, or raise TypeError as a function would."""
        rest = cls._fields[len(values) :]
        known = {**cls._defaults, **named}
        missing = [field for field in rest if field not in known]
        strange = [name for name in named if name not in rest]
        if missing or strange or len(values) > len(cls._fields):
            found = f"missing {', '.join(missing) or 'nothing'}, not expected {', '.join(strange) or 'nothing'}"
            raise TypeError(f"{cls.__name__} takes {', '.join(cls._fields)}; {len(values)} given in order; {found}")
        return (*values, *[known[field] for field in rest])

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__}.{name} cannot be changed; make a new record")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__}.{name} cannot be removed; make a new record")

    def changed(self, **changes: Any) -> Self:  # noqa: ANN401 — of whatever type the fields are
        """Return a record like this one but for these fields."""
        return type(self)(**{**dict(zip(self._fields, _plain(self), strict=True)), **changes})

    __replace__ = changed  # what `copy.replace` calls

    def __eq__(self, other: object) -> bool:
        if type(other) is type(self):
            return _equal(self, other)
        return False if isinstance(other, tuple) else NotImplemented  # a tuple would say otherwise if it were asked

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __lt__(self, other: object) -> bool:
        raise TypeError(f"{type(self).__name__} has no order")

    __le__ = __gt__ = __ge__ = __lt__

    def __hash__(self) -> int:
        return _hash(self)

    def __repr__(self) -> str:
        shown = [f"{field}={value!r}" for field, value in zip(self._fields, _plain(self), strict=True)]
        return f"{type(self).__qualname__}({', '.join(shown)})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), _plain(self)
