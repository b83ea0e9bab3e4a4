# SPDX-License-Identifier: MIT
"""References of maps of every kind: whatever is done many times leaves nothing behind."""

import functools
import ipaddress
import os
import socket
import sys
from collections.abc import Iterator
from typing import Any

import pytest

import tinybpf
from support import pins
from support.gating import kernel
from support.objects import Load
from support.paths import FOLDER, MISSING, NO_PIN
from support.references import Table, Use, each
from tinybpf import BpfMap, BpfMapType


class Things:
    """Maps of several kinds, and what goes into them; loaded when they are first used."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.socket = socket.socket()
        self.network = ipaddress.ip_network("10.0.0.0/8")

    @functools.cached_property
    def counts(self) -> Any:
        """The maps of counts.bpf.c, with one entry."""
        found = self.load("counts").maps
        found["counts"][2**31] = 2**63
        return found

    @functools.cached_property
    def nested(self) -> Any:
        """Maps of maps, of programs, and queues."""
        return self.load("nested").maps

    @functools.cached_property
    def kinds(self) -> Any:
        """A map of each common kind."""
        return self.load("kinds").maps

    @functools.cached_property
    def records(self) -> Any:
        """Maps of structs."""
        return self.load("records").maps

    @functools.cached_property
    def memory(self) -> Any:
        """Maps whose memory is shared."""
        return self.load("memory").maps

    @functools.cached_property
    def drop(self) -> Any:
        """A program."""
        return self.load("run").programs["on_packet"]

    @functools.cached_property
    def table(self) -> BpfMap:
        """A map for maps of maps."""
        made: BpfMap = self.nested["outer"].create_inner()
        return made

    def close(self) -> None:
        """Close what the fixture of the objects does not."""
        self.socket.close()
        if "table" in vars(self):
            self.table.close()


@pytest.fixture
def things(load: Load) -> Iterator[Things]:
    """Return things to use."""
    found = Things(load)
    yield found
    found.close()


def put(m: Any, key: Any, value: Any) -> None:
    """Set and delete an entry."""
    m[key] = value
    del m[key]


def push_and_pop(m: Any) -> None:
    """Put a value into a queue and take it out."""
    m.push(2**40)
    m.pop()


def drop(m: Any) -> None:
    """Close a map."""
    m.close()


def update_many(maps: Any) -> None:
    """Set entries by a dict, by pairs, and by another map."""
    maps["counts"].update({2**31: 2**63, bytes(4): bytes(8)})
    maps["counts"].update([(2**31, 2**63), [2**30, 2**62]])
    maps["counts"].update(maps["table"])


def pin_and_open(m: BpfMap) -> None:
    """Pin a map, use it by its pin, and unpin it."""
    with pins.folder() as folder:
        path = str(folder / "counts")
        m.pin(path)
        with tinybpf.open_pinned_map(path) as again:
            again.update({1: 1})
        m.unpin(path)


def half_a_drain(m: Any) -> None:
    """Take one of two entries, and drop the drain."""
    m.update({1: 1, 2: 2})
    next(m.drain())


def few(do: Any, error: Any = ()) -> Use:
    """Return a use that takes its time."""
    return Use(do, error, rounds=100)


TABLE: Table = {
    "text": Use(lambda t: repr(t.counts["counts"])),
    "type": Use(lambda t: t.counts["counts"].type),
    "set": Use(lambda t: t.counts["counts"].update(2**31, 2**63)),
    "set bytes": Use(lambda t: t.counts["counts"].update(bytes(4), bytearray(8))),
    "get": Use(lambda t: t.counts["counts"][2**31]),
    "get default": Use(lambda t: t.counts["counts"].get(5, object())),
    "lookup": Use(lambda t: t.counts["counts"].lookup(5)),
    "in": Use(lambda t: 5 in t.counts["counts"]),
    "delete": Use(lambda t: t.counts["counts"].delete(5)),
    "len": Use(lambda t: len(t.counts["counts"])),
    "items": Use(lambda t: dict(t.counts["table"].items())),
    "drain": few(lambda t: (t.counts["tiny"].update({1: 1}), list(t.counts["tiny"].drain()))),
    "columns": Use(lambda t: t.kinds["hash"].read_columns()),
    "columns and their views": Use(lambda t: list(t.kinds["array"].read_columns().items())),
    "a column that there is not": Use(lambda t: t.counts["tiny"].read_columns()["x"], KeyError),
    "columns of a queue": Use(lambda t: t.kinds["queue"].read_columns(), tinybpf.BpfError),
    "half a drain": few(lambda t: half_a_drain(t.kinds["hash"])),
    "half a walk": Use(lambda t: next(iter(t.counts["table"].values()))),
    "next of a view": Use(lambda t: next(t.counts["table"].keys())),
    "pop": Use(lambda t: (t.counts["counts"].update(5, 2**40), t.counts["counts"].pop(5))),
    "pop default": Use(lambda t: t.counts["counts"].pop(6, object())),
    "popitem": Use(
        lambda t: (t.counts["tiny"].update({2**31: 2**31}), t.counts["tiny"].popitem())
    ),
    "setdefault": Use(lambda t: t.counts["counts"].setdefault(2**31, 2**63)),
    "update many": Use(lambda t: update_many(t.counts)),
    "clear": Use(lambda t: (t.counts["tiny"].update({1: 1}), t.counts["tiny"].clear())),
    "described": Use(lambda t: t.counts["counts"].info),
    "in a view": Use(lambda t: (1, 0) in t.counts["table"].items()),
    "pin": few(lambda t: pin_and_open(t.counts["counts"])),
    "program": few(lambda t: put(t.nested["progs"], 1, t.drop)),
    "map": few(lambda t: put(t.nested["outer"], 2, t.table)),
    "map read": few(lambda t: (t.nested["outer"].update(0, t.table), t.nested["outer"][0].id)),
    "maps walked": few(lambda t: list(t.nested["outer"].items())),
    "map popped": few(
        lambda t: (t.nested["outer"].update(1, t.table), t.nested["outer"].pop(1))
    ),
    "map set by default": few(lambda t: t.nested["outer"].setdefault(3, t.table)),
    "inner map": few(lambda t: drop(t.nested["by_key"].create_inner(name="x"))),
    "create": few(lambda t: drop(BpfMap.create(BpfMapType.HASH, 4, 4, 1, name="x"))),
    "from_fd": few(lambda t: drop(BpfMap.from_fd(t.table.fd))),
    "from_id": few(lambda t: drop(BpfMap.from_id(t.kinds["hash"].id))),
    "push and pop": few(lambda t: push_and_pop(t.nested["numbers"])),
    "peek": few(lambda t: t.nested["numbers"].peek()),
    "pop of an empty one": few(lambda t: t.nested["numbers"].pop(object())),
    "network as text": few(lambda t: put(t.kinds["lpm"], "10.0.0.0/8", 1)),
    "network": few(lambda t: put(t.kinds["lpm"], t.network, 2**40)),
    "pair": few(lambda t: put(t.kinds["lpm"], (8, b"\x0a"), 1)),
    "network of a key": few(lambda t: t.kinds["lpm"].network("10.0.0.0/8")),
    "delete_many": few(lambda t: t.kinds["hash"].delete_many([2**31, bytes(4)])),
    "per-CPU write": few(
        lambda t: t.kinds["percpu_array"].update_percpu(
            0, [2**40] * len(t.kinds["percpu_array"][0])
        )
    ),
    "lookup with flags": few(lambda t: t.kinds["hash"].lookup(2**31, flags=0)),
    "lookup_and_delete": few(lambda t: t.kinds["hash"].lookup_and_delete(2**31)),
    "memory": few(lambda t: t.memory["shared"].mmap()[8:16].cast("Q")[0]),
    "sum of numbers": few(lambda t: t.kinds["percpu_array"].lookup_percpu_sum(0)),
    "sum of structs": few(lambda t: t.records["per_cpu"].lookup_percpu_sum(0)),
    "info and id": few(lambda t: (t.table.info, t.table.id)),
    "no such key": Use(lambda t: t.counts["counts"][7], KeyError),
    "key of a wrong type": Use(lambda t: t.counts["counts"][[]], TypeError),
    "key of a wrong size": Use(lambda t: t.counts["counts"][b"xyz"], ValueError),
    "key out of range": Use(lambda t: t.counts["counts"][2**40], ValueError),
    "value of a wrong type": Use(lambda t: t.counts["counts"].update(1, "x"), TypeError),
    "value out of range": Use(lambda t: t.counts["counts"].update(1, -1), ValueError),
    "kernel's error": Use(lambda t: t.counts["table"].delete(1), tinybpf.BpfError),
    "pop of no key": Use(lambda t: t.counts["counts"].pop(7), KeyError),
    "popitem of none": Use(lambda t: t.counts["tiny"].popitem(), KeyError),
    "setdefault of None": Use(lambda t: t.counts["counts"].setdefault(7), TypeError),
    "update with no pairs": Use(lambda t: t.counts["counts"].update([2**31]), TypeError),
    "update with triples": Use(lambda t: t.counts["counts"].update([(1, 2, 3)]), ValueError),
    "drain of an array": few(lambda t: t.kinds["array"].drain(), tinybpf.BpfNotSupportedError),
    "per-CPU use": Use(lambda t: t.counts["counts"].lookup_percpu(1), TypeError),
    "pin elsewhere": Use(lambda t: t.counts["counts"].pin(MISSING), tinybpf.BpfError),
    "unpin of nothing": Use(lambda t: t.counts["counts"].unpin(NO_PIN), FileNotFoundError),
    "open of no pin": Use(lambda t: tinybpf.open_pinned_map(NO_PIN), FileNotFoundError),
    "open elsewhere": Use(lambda t: tinybpf.open_pinned_map(FOLDER), tinybpf.BpfError),
    "program of a wrong type": few(lambda t: put(t.nested["progs"], 1, "x"), TypeError),
    "map of a wrong shape": few(
        lambda t: put(t.nested["outer"], 1, t.kinds["hash"]), tinybpf.BpfError
    ),
    "no map": few(lambda t: t.nested["outer"][9], KeyError),
    "no network": few(lambda t: put(t.kinds["lpm"], "10.0.0.1/8", 1), ValueError),
    "no network of a key": few(lambda t: t.kinds["hash"].network(1), tinybpf.BpfError),
    "key of no map": few(lambda t: t.nested["numbers"][1], tinybpf.BpfError),
    "creation": few(lambda t: BpfMap.create(1, name="odd"), tinybpf.BpfError),
    "descriptor": few(lambda t: BpfMap.from_fd(t.socket.fileno()), tinybpf.BpfError),
    "id": few(lambda t: BpfMap.from_id(2**32 - 1), tinybpf.BpfError),
    "memory that is closed": few(lambda t: t.memory["closed"].mmap(), tinybpf.BpfError),
    "flags": few(
        lambda t: t.kinds["hash"].lookup(1, flags=tinybpf.BPF_F_LOCK), tinybpf.BpfError
    ),
    "inner": few(lambda t: t.table.create_inner(), tinybpf.BpfError),
}


@each(TABLE)
def test_use_of_maps_keeps_no_object(things: Things, use: Use) -> None:
    """Neither what succeeds nor what is refused leaves anything behind."""
    use.check(things)


@kernel("5.11", "values of storages")
def test_storages_keep_no_object(things: Things) -> None:
    """Keys that are opened for a call are closed behind it."""
    storages = things.load("storages").maps
    before = len(os.listdir("/proc/self/fd"))
    few(lambda t: put(storages["of_inode"], __file__, 1)).check(things)
    few(lambda t: put(storages["of_socket"], t.socket, 2**40)).check(things)
    assert len(os.listdir("/proc/self/fd")) == before


def test_names_and_singletons_keep_their_count(counts: tinybpf.BpfObject) -> None:
    """Objects that exist once are not counted up: None, True, a key, a callback."""
    numbers = counts.maps["counts"]
    key, default = 2**31 + 1, object()
    watched = [None, True, key, default, numbers, counts]
    before = [sys.getrefcount(each) for each in watched]
    for _ in range(1000):
        numbers.lookup(key)
        numbers.get(key, default)
        numbers.delete(key)
        numbers.update(key, 1)
        key in numbers  # noqa: B015
        counts.maps["counts"]
    del numbers[key]
    after = [sys.getrefcount(each) for each in watched]
    assert [b - a > 100 for a, b in zip(before, after)] == [False] * len(watched)
