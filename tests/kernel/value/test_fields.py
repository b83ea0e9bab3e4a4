# SPDX-License-Identifier: MIT
"""Fields as attributes: of classes that are changed while they are read, and derived from."""

import gc
import weakref
from typing import Any, Callable

import pytest

import tinybpf
from support.objects import Find

CHANGES = 3000  # more than CPython numbers the states of one class


@pytest.fixture
def flow(bpf: Find) -> Any:
    """Return a class that no other test has."""
    with tinybpf.open(bpf("records")) as obj:
        return obj.types.flow


def read(record: Any) -> object:
    """Read a field, always by the same bytecode."""
    return record.sport


def test_field_that_is_replaced_is_no_longer_read(flow: Any) -> None:
    """What a program puts in its place is found at once, and the field when it is back."""
    record, field = flow(sport=80), flow.__dict__["sport"]
    for _ in range(3):
        assert [read(record) for _ in range(20)] == [80] * 20
        flow.sport = property(lambda self: -self.saddr)
        assert [read(record) for _ in range(20)] == [0] * 20
        flow.sport = 7
        assert (read(record), getattr(record, "sp" + "ort")) == (7, 7)
        del flow.sport
        with pytest.raises(AttributeError, match="sport"):
            read(record)
        flow.sport = field


def test_field_is_read_however_often_its_class_changes(flow: Any) -> None:
    """CPython gives up on classes that change without end: their fields go on."""
    record = flow(sport=80)
    for number in range(CHANGES):
        flow.extra = number
        assert (read(record), record.extra) == (80, number)
    flow.sport = property(lambda self: 5)
    assert read(record) == 5


def test_field_of_another_name_is_the_one_that_stands_there(flow: Any) -> None:
    """Fields that change places are read by their places."""
    record = flow(saddr=1, sport=80)
    assert (record.saddr, read(record)) == (1, 80)
    flow.saddr, flow.sport = flow.__dict__["sport"], flow.__dict__["saddr"]
    assert (record.saddr, read(record)) == (80, 1)


def test_name_need_not_be_interned(flow: Any) -> None:
    """Names that are made while a program runs, and those of no field, are found as well."""
    record = flow(sport=80)
    names = ["".join(["sp", "ort"]), type("Name", (str,), {})("sport")]
    assert [getattr(record, name) for name in names] == [80, 80]
    assert not hasattr(record, "".join(["sp", "ortt"]))
    with pytest.raises(TypeError, match="must be string"):
        getattr(record, 5)  # type: ignore[call-overload]


def shadowing(flow: Any) -> Any:
    """Return a class with an attribute in a field's place."""
    return type("Shadow", (flow,), {"sport": 5})


def hooked(flow: Any) -> Any:
    """Return a class that is asked for what it does not have."""
    return type("Hook", (flow,), {"__getattr__": lambda self, name: f"no {name}"})


def asked_first(flow: Any) -> Any:
    """Return a class that is asked for everything."""

    def first(self: Any, name: str) -> Any:
        value = super(flow, self).__getattribute__(name)
        return value if name.startswith("_") else value + 1

    return type("First", (flow,), {"__getattribute__": first})


@pytest.mark.parametrize(
    ("derive", "sport", "other"),
    [
        (shadowing, 5, AttributeError),
        (hooked, 80, "no other"),
        (asked_first, 81, AttributeError),
    ],
)
def test_subclass_has_its_own_way(
    flow: Any, derive: Callable[[Any], Any], sport: int, other: Any
) -> None:
    """It is asked, and not the class that it is derived from; its siblings are not."""
    record, plain = derive(flow)(sport=80), flow(sport=80)
    for _ in range(20):
        assert (read(record), read(plain)) == (sport, 80)
    if isinstance(other, str):
        assert record.other == other
    else:
        with pytest.raises(other):
            record.other  # noqa: B018


def test_class_goes_with_its_last_record(bpf: Find) -> None:
    """What it knows of its fields keeps neither the class nor its type information."""
    with tinybpf.open(bpf("records")) as obj:
        record = obj.types.flow(sport=80)
    assert read(record) == 80
    gone = weakref.ref(type(record))
    del obj, record
    gc.collect()
    assert gone() is None
