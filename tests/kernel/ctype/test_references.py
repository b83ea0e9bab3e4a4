# SPDX-License-Identifier: MIT
"""References of what is typed: used, refused or registered again, nothing is left."""

import ctypes
import gc
import weakref
from typing import Any

import pytest

import tinybpf
from support import traffic
from support.blocks import leaks
from support.objects import Find, Load, possible_cpus
from support.references import Table, Use, each
from tinybpf import BtfValidationError


class Flow(ctypes.Structure):
    """As struct flow."""

    _fields_ = (("saddr", ctypes.c_uint32), ("sport", ctypes.c_uint16))


class Stats(ctypes.Structure):
    """As struct stats."""

    _fields_ = (("bytes", ctypes.c_uint64), ("packets", ctypes.c_uint32))


class Other(ctypes.Structure):
    """As struct stats, with other names."""

    _fields_ = (("a", ctypes.c_uint64), ("b", ctypes.c_uint32))


class Event(ctypes.Structure):
    """As struct event."""

    _fields_ = (("pid", ctypes.c_uint32), ("comm", ctypes.c_char * 16))


u32, u64 = ctypes.c_uint32, ctypes.c_uint64

TABLE: Table = {
    "typed": Use(lambda o: o.maps["flows"].typed(key=Flow, value=Stats)),
    "typed again": Use(lambda o: o.maps["flows"].typed(key=Flow).typed(value=Stats)),
    "set": Use(lambda o: o.maps["flows"].typed(Flow, Stats).update(Flow(1, 2), Stats(3, 4))),
    "get": Use(lambda o: o.maps["flows"].typed(Flow, Stats).get(Flow(1, 2))),
    "items": Use(lambda o: list(o.maps["flows"].typed(Flow, Stats).items())),
    "numbers": Use(lambda o: o.maps["counts"].typed(u32, u64).update(1, 2**63)),
    "swapped": Use(lambda o: o.maps["counts"].typed(u32.__ctype_be__).update(2**31, 1)),
    "built-in": Use(lambda o: dict(o.maps["counts"].typed(int, bytes))),
    "sum": Use(lambda o: o.maps["sums"].typed(value=u64).lookup_percpu_sum(1)),
    "register": Use(lambda o: o.register_type("stats", Stats)),
    "look up": Use(lambda o: (o.lookup_type("stats"), o.lookup_btf_name(Other))),
    "size": Use(lambda o: o.maps["flows"].typed(value=Flow), BtfValidationError),
    "name": Use(lambda o: o.maps["flows"].typed(Flow, Other), BtfValidationError),
    "shapes": Use(lambda o: o.maps["shapes"].typed(value=u64 * 9), BtfValidationError),
    "no type": Use(lambda o: o.maps["flows"].typed(key=3), TypeError),
    "no value": Use(lambda o: o.maps["flows"].typed(Flow).get(object()), TypeError),
    "range": Use(lambda o: o.maps["counts"].typed(u32).get(-1), ValueError),
    "unknown": Use(lambda o: o.register_type("flaw", Flow), BtfValidationError),
    "event": Use(
        lambda o: tinybpf.BpfRingBuffer(
            o.maps["events"], event_type=Flow, validate_btf_struct="event"
        ),
        BtfValidationError,
    ),
}


@pytest.fixture
def obj(load: Load) -> Any:
    """Return typed.bpf.c with an entry in its maps."""
    loaded = load("typed")
    loaded.maps["flows"][Flow(1, 2)] = Stats(3, 4)
    loaded.maps["sums"][1] = [1] * possible_cpus()
    return loaded


@each(TABLE)
def test_typed_use_keeps_no_object(obj: Any, use: Use) -> None:
    """Neither what works nor what is refused leaves anything behind."""
    use.check(obj)


def test_typed_records_keep_no_object(obj: Any, trigger: traffic.Trigger) -> None:
    """Events come and go."""
    trigger.arm(obj)
    with obj.attach(), tinybpf.BpfRingBuffer(obj.maps["events"], event_type=Event) as ring:

        def read() -> None:
            trigger.fire()
            assert ring.poll() > 0
            assert [event.comm for event in ring] == [b"typed"]

        assert not leaks(read)


def test_class_goes_with_what_used_it(bpf: Find) -> None:
    """A class is kept by maps, buffers and the object, and by nothing else of ours."""

    class Mine(Flow):
        pass

    gone = weakref.ref(Mine)
    obj = tinybpf.load(bpf("typed"))
    obj.register_type("flow", Mine)
    typed = obj.maps["flows"].typed(key=Mine)
    with tinybpf.BpfRingBuffer(obj.maps["events"], event_type=Mine):
        pass
    obj.close()
    del Mine, typed
    gc.collect()
    assert gone() is not None
    del obj
    gc.collect()
    assert gone() is None
