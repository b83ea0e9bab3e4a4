# SPDX-License-Identifier: MIT
"""Kinds of map and memory: whatever is done many times leaves nothing behind."""

import ipaddress
import os
import socket
from collections.abc import Iterator
from typing import Any, Callable

import pytest

import tinybpf
from support.blocks import Errors, leaks
from support.gating import kernel
from support.objects import Load
from tinybpf import BpfMap, BpfMapType


class Things:
    """Maps of several kinds, and what goes into them."""

    def __init__(self, load: Load) -> None:
        """Load the objects; the fixture closes what is not an object's."""
        self.nested, self.kinds = load("nested").maps, load("kinds").maps
        self.memory, self.storages = load("memory").maps, load("storages").maps
        self.drop = load("run").programs["on_packet"]
        self.socket = socket.socket()
        self.table = self.nested["outer"].create_inner()
        self.network = ipaddress.ip_network("10.0.0.0/8")

    def close(self) -> None:
        """Close them."""
        self.socket.close()
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


USES: dict[str, Callable[[Things], object]] = {
    "program": lambda t: put(t.nested["progs"], 1, t.drop),
    "map": lambda t: put(t.nested["outer"], 2, t.table),
    "map read": lambda t: (t.nested["outer"].update(0, t.table), t.nested["outer"][0].id),
    "maps walked": lambda t: list(t.nested["outer"].items()),
    "map popped": lambda t: (t.nested["outer"].update(1, t.table), t.nested["outer"].pop(1)),
    "map set by default": lambda t: t.nested["outer"].setdefault(3, t.table),
    "inner map": lambda t: drop(t.nested["by_key"].create_inner(name="x")),
    "create": lambda t: drop(BpfMap.create(BpfMapType.HASH, 4, 4, 1, name="x")),
    "from_fd": lambda t: drop(BpfMap.from_fd(t.table.fd)),
    "from_id": lambda t: drop(BpfMap.from_id(t.kinds["hash"].id)),
    "push and pop": lambda t: push_and_pop(t.nested["numbers"]),
    "peek": lambda t: t.nested["numbers"].peek(),
    "pop of an empty one": lambda t: t.nested["numbers"].pop(object()),
    "network as text": lambda t: put(t.kinds["lpm"], "10.0.0.0/8", 1),
    "network": lambda t: put(t.kinds["lpm"], t.network, 2**40),
    "pair": lambda t: put(t.kinds["lpm"], (8, b"\x0a"), 1),
    "network of a key": lambda t: t.kinds["lpm"].network("10.0.0.0/8"),
    "delete_many": lambda t: t.kinds["hash"].delete_many([2**31, bytes(4)]),
    "per-CPU write": lambda t: t.kinds["percpu_array"].update_percpu(
        0, [2**40] * len(t.kinds["percpu_array"][0])
    ),
    "lookup with flags": lambda t: t.kinds["hash"].lookup(2**31, flags=0),
    "lookup_and_delete": lambda t: t.kinds["hash"].lookup_and_delete(2**31),
    "memory": lambda t: t.memory["shared"].mmap()[8:16].cast("Q")[0],
    "info": lambda t: (t.table.info, t.table.id),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
def test_use_leaves_nothing(things: Things, use: Callable[[Things], object]) -> None:
    """What succeeds gives back what it took."""
    assert not leaks(lambda: use(things), rounds=100)


@kernel("5.11", "values of storages")
def test_storages_leave_nothing(things: Things) -> None:
    """Keys that are opened for a call are closed behind it."""
    before = len(os.listdir("/proc/self/fd"))
    of_inode, of_socket = things.storages["of_inode"], things.storages["of_socket"]
    assert not leaks(lambda: put(of_inode, __file__, 1), rounds=100)
    assert not leaks(lambda: put(of_socket, things.socket, 2**40), rounds=100)
    assert len(os.listdir("/proc/self/fd")) == before


REFUSED: dict[str, tuple[Callable[[Things], object], Errors]] = {
    "value of a wrong type": (lambda t: put(t.nested["progs"], 1, "x"), TypeError),
    "map of a wrong shape": (
        lambda t: put(t.nested["outer"], 1, t.kinds["hash"]),
        tinybpf.BpfError,
    ),
    "no map": (lambda t: t.nested["outer"][9], KeyError),
    "no network": (lambda t: put(t.kinds["lpm"], "10.0.0.1/8", 1), ValueError),
    "no network of a key": (lambda t: t.kinds["hash"].network(1), tinybpf.BpfError),
    "key of no map": (lambda t: t.nested["numbers"][1], tinybpf.BpfError),
    "creation": (lambda t: BpfMap.create(1, name="odd"), tinybpf.BpfError),
    "descriptor": (lambda t: BpfMap.from_fd(t.socket.fileno()), tinybpf.BpfError),
    "id": (lambda t: BpfMap.from_id(2**32 - 1), tinybpf.BpfError),
    "memory": (lambda t: t.memory["closed"].mmap(), tinybpf.BpfError),
    "flags": (lambda t: t.kinds["hash"].lookup(1, flags=tinybpf.BPF_F_LOCK), tinybpf.BpfError),
    "inner": (lambda t: t.table.create_inner(), tinybpf.BpfError),
}


@pytest.mark.parametrize(("use", "error"), REFUSED.values(), ids=REFUSED.keys())
def test_refused_use_leaves_nothing(
    things: Things, use: Callable[[Things], object], error: Errors
) -> None:
    """So does what is refused."""
    assert not leaks(lambda: use(things), error, rounds=100)
