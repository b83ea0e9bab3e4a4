# SPDX-License-Identifier: MIT
"""Flags of lookups and updates: locks, single CPUs; and per-CPU writes."""

import errno
import struct
from typing import Any, Callable

import pytest

import tinybpf
from support import host
from support.gating import kernel
from support.objects import Load, possible_cpus
from tinybpf import BPF_F_ALL_CPUS, BPF_F_CPU, BPF_F_LOCK

CPUS = possible_cpus()
HAS_CPU_FLAGS = host.kernel_version() >= (7, 0)
PERCPU = ["percpu_hash", "percpu_array", "lru_percpu"]


def locked(a: int, b: int) -> bytes:
    """Return a struct locked: the lock, which stays zero, and two numbers."""
    return struct.pack("=IIQ", 0, a, b)


@pytest.mark.parametrize("name", ["locked", "locked_array"])
@kernel("5.1", "BPF_F_LOCK")
def test_lookup_and_update_under_the_lock(load: Load, name: str) -> None:
    """With BPF_F_LOCK values of a bpf_spin_lock are read and written whole."""
    found = load("locked").maps[name]
    found.update(1, locked(0, 0))
    found.update(1, locked(7, 8), flags=BPF_F_LOCK)
    assert found.lookup(1, flags=BPF_F_LOCK) == locked(7, 8) == found.lookup(1)
    assert found.lookup(1, BPF_F_LOCK) == locked(7, 8)
    found.update({key: locked(key, 0) for key in range(4)}, flags=tinybpf.BPF_ANY)
    found.update({key: locked(key, 1) for key in range(4)}, flags=BPF_F_LOCK)
    assert found.lookup(3, flags=BPF_F_LOCK) == locked(3, 1)


@kernel("5.14", "lookup and delete of a hash")
def test_lookup_and_delete(load: Load) -> None:
    """It gives what lookup() gives, and the key is gone; flags reach the kernel."""
    found = load("locked").maps["locked"]
    found[1], found[2] = locked(1, 1), locked(2, 2)
    assert found.lookup_and_delete(1) == locked(1, 1)
    assert found.lookup_and_delete(1) is None
    assert found.lookup_and_delete(2, flags=BPF_F_LOCK) == locked(2, 2)
    assert len(found) == 0


USES: dict[str, Callable[[Any], Any]] = {
    "lookup": lambda m: m.lookup(1, flags=BPF_F_LOCK),
    "update": lambda m: m.update(1, 1, flags=BPF_F_LOCK),
    "update many": lambda m: m.update({1: 1}, flags=BPF_F_LOCK),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
@kernel("5.1", "BPF_F_LOCK")
def test_lock_of_a_value_without_one(load: Load, use: Callable[[Any], Any]) -> None:
    """The error says what the flag needs."""
    with pytest.raises(tinybpf.BpfError, match=r"BPF_F_LOCK needs.*bpf_spin_lock") as caught:
        use(load("kinds").maps["hash"])
    assert caught.value.errno == errno.EINVAL


@pytest.mark.parametrize("name", PERCPU)
def test_values_of_all_cpus_are_written(load: Load, name: str) -> None:
    """m[k] = list and update_percpu() set a value for each possible CPU."""
    found = load("kinds").maps[name]
    found[1] = list(range(CPUS))
    found.update_percpu(2, tuple(range(100, 100 + CPUS)))
    assert found[1] == list(range(CPUS))
    assert found.lookup_percpu(2) == list(range(100, 100 + CPUS))
    found.update({3: [3] * CPUS, 4: [4] * CPUS})
    assert (found[3], found.lookup_percpu_sum(4)) == ([3] * CPUS, 4 * CPUS)


def test_update_percpu_keeps_to_its_flags(load: Load) -> None:
    """BPF_NOEXIST means what it means elsewhere."""
    found = load("kinds").maps["percpu_hash"]
    found.update_percpu(1, [1] * CPUS, flags=tinybpf.BPF_NOEXIST)
    with pytest.raises(tinybpf.BpfError) as caught:
        found.update_percpu(1, [2] * CPUS, flags=tinybpf.BPF_NOEXIST)
    assert caught.value.errno == errno.EEXIST
    assert found[1] == [1] * CPUS


def test_update_percpu_is_for_percpu_maps(load: Load) -> None:
    """Other maps refuse by name."""
    with pytest.raises(TypeError, match=r"update_percpu.*per-CPU.*hash"):
        load("kinds").maps["hash"].update_percpu(1, [1])


CPU_USES: dict[str, Callable[[Any], Any]] = {
    "lookup": lambda m: m.lookup(1, flags=BPF_F_CPU),
    "update": lambda m: m.update(1, 5, flags=BPF_F_CPU),
    "update_percpu": lambda m: m.update_percpu(1, 5, flags=BPF_F_ALL_CPUS),
    "update many": lambda m: m.update({1: 5}, flags=BPF_F_ALL_CPUS),
}


@pytest.mark.skipif(HAS_CPU_FLAGS, reason="this kernel has the flags")
@pytest.mark.parametrize("use", CPU_USES.values(), ids=CPU_USES.keys())
def test_flags_of_one_cpu_need_a_new_kernel(load: Load, use: Callable[[Any], Any]) -> None:
    """An older kernel's EINVAL becomes the version that is needed."""
    found = load("kinds").maps["percpu_array"]
    with pytest.raises(tinybpf.BpfNotSupportedError, match=r"BPF_F_CPU.*Linux 7\.0"):
        use(found)
    assert found[1] == [0] * CPUS


@pytest.mark.parametrize("name", PERCPU)
@kernel("7.0", "BPF_F_CPU")
def test_value_of_one_cpu(load: Load, name: str) -> None:
    """With BPF_F_CPU one value is read or written, with BPF_F_ALL_CPUS it is for all."""
    found = load("kinds").maps[name]
    found.update(1, 5, flags=BPF_F_ALL_CPUS)
    assert found[1] == [5] * CPUS
    last = CPUS - 1
    found.update(1, 9, flags=BPF_F_CPU | last << 32)
    assert found.lookup(1, flags=BPF_F_CPU | last << 32) == 9
    assert found[1] == [5] * last + [9]
    found.update({2: 6, 3: 7}, flags=BPF_F_ALL_CPUS)
    assert (found[2], found[3]) == ([6] * CPUS, [7] * CPUS)


@pytest.mark.parametrize("flags", [BPF_F_CPU | CPUS << 32, BPF_F_CPU | 2**31 << 32])
def test_cpu_that_cannot_be(load: Load, flags: int) -> None:
    """A CPU beyond the possible ones is a ValueError."""
    with pytest.raises(ValueError, match=f"{CPUS} possible CPUs"):
        load("kinds").maps["percpu_hash"].lookup(1, flags=flags)


def test_flags_of_one_cpu_are_for_percpu_maps(load: Load) -> None:
    """Other maps have one value."""
    with pytest.raises(ValueError, match="per-CPU maps; map 'hash' is none"):
        load("kinds").maps["hash"].update(1, 1, flags=BPF_F_CPU)


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [((), {}), ((1, 2, 3), {}), ((1,), {"flag": 1}), ((1, 0), {"flags": 0}), ((1, "x"), {})],
)
def test_lookup_with_wrong_arguments(load: Load, args: Any, kwargs: Any) -> None:
    """A key and flags, nothing else."""
    with pytest.raises(TypeError):
        load("kinds").maps["hash"].lookup(*args, **kwargs)


def test_delete_many(load: Load) -> None:
    """Keys of any iterable go in batches; the count is of those that were there."""
    big = load("big").maps["big"]
    big.update({key: key for key in range(20_000)})
    assert big.delete_many(range(0, 40_000, 2)) == 10_000
    assert big.delete_many(iter([1, 1, 1, 99_999])) == 1
    assert len(big) == 9_999
    assert big.delete_many([]) == 0
    with pytest.raises(TypeError):
        big.delete_many([3, "x", 5])
    assert 3 not in big
    assert 5 in big


@pytest.mark.parametrize("name", ["array", "percpu_array"])
def test_delete_many_of_an_array_is_refused(load: Load, name: str) -> None:
    """An array's entries cannot be deleted."""
    with pytest.raises(tinybpf.BpfError) as caught:
        load("kinds").maps[name].delete_many([1])
    assert caught.value.errno == errno.EINVAL
