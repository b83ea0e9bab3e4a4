# SPDX-License-Identifier: MIT
"""Per-CPU maps: a list of values for each key."""

import os
from typing import Any, Callable

import pytest

import tinybpf
from support.objects import Load, possible_cpus
from tinybpf import BpfMap, BpfMapType

PERCPU = ["percpu_hash", "percpu_array", "lru_percpu"]
OTHERS = ["hash", "array", "lru", "lpm", "queue", "ring", "sizes"]
CPUS = possible_cpus()


@pytest.mark.parametrize("name", PERCPU)
def test_percpu_map_says_so(load: Load, name: str) -> None:
    """is_percpu is True for the kinds that the kernel names so."""
    assert load("kinds").maps[name].is_percpu is True


@pytest.mark.parametrize("name", OTHERS)
def test_other_maps_are_not_percpu(load: Load, name: str) -> None:
    """is_percpu is False; the methods for per-CPU maps are refused by name."""
    found: Any = load("kinds").maps[name]
    assert found.is_percpu is False
    for method in ("lookup_percpu", "lookup_percpu_sum"):
        with pytest.raises(TypeError, match=f"{method}.*only valid for per-CPU.*{name}"):
            getattr(found, method)(1)
    with pytest.raises(TypeError, match="items_percpu"):
        found.items_percpu()


@pytest.mark.parametrize("name", PERCPU)
def test_each_cpu_has_its_value(load: Load, name: str) -> None:
    """What was set for each CPU is read back by it, as a list of plain numbers."""
    found = load("kinds").maps[name]
    values = [2**63 + cpu for cpu in range(CPUS)]
    found[1] = values
    assert found.lookup_percpu(1) == found[1] == found.lookup(1) == values
    assert len(values) == CPUS >= (os.cpu_count() or 1)


@pytest.mark.parametrize("name", PERCPU)
def test_sum_over_the_cpus(load: Load, name: str) -> None:
    """The sum is exact, also beyond 64 bits."""
    found = load("kinds").maps[name]
    found[1] = [2**64 - 1] * CPUS
    assert found.lookup_percpu_sum(1) == (2**64 - 1) * CPUS


@pytest.mark.parametrize("name", ["percpu_hash", "lru_percpu"])
def test_absent_key_is_none(load: Load, name: str) -> None:
    """As lookup(), both methods give None for an absent key."""
    found = load("kinds").maps[name]
    assert found.lookup_percpu(1) is None
    assert found.lookup_percpu_sum(1) is None


@pytest.mark.parametrize("name", PERCPU)
def test_items_are_keys_and_lists(load: Load, name: str) -> None:
    """items_percpu() walks all entries."""
    found = load("kinds").maps[name]
    expected = {key: [key * 100 + cpu for cpu in range(CPUS)] for key in range(16)}
    found.update(expected)
    assert dict(found.items_percpu()) == expected
    assert dict(found.items()) == expected


def test_wrong_number_of_values_is_refused(load: Load) -> None:
    """There must be one value for each possible CPU."""
    found = load("kinds").maps["percpu_hash"]
    for values in ([], [1] * (CPUS + 1)):
        with pytest.raises(ValueError, match=f"expected {CPUS} values"):
            found[1] = values
    with pytest.raises(TypeError):
        found[1] = 1
    assert len(found) == 0


USES: dict[str, Callable[[Any], Any]] = {
    "lookup_percpu": lambda m: m.lookup_percpu(1),
    "lookup_percpu_sum": lambda m: m.lookup_percpu_sum(1),
    "items_percpu": lambda m: list(m.items_percpu()),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
def test_closed_percpu_map_is_a_closed_error(load: Load, use: Callable[[Any], Any]) -> None:
    """What is_percpu tells stays; what asks the kernel is BpfClosedError."""
    obj = load("kinds")
    found = obj.maps["percpu_hash"]
    obj.close()
    assert found.is_percpu
    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        use(found)


def test_sum_of_structs(load: Load) -> None:
    """The sum of Records is a Record, each field the sum of the CPUs'."""
    obj = load("records")
    found = obj.maps["per_cpu"]
    found[0] = [{"bytes": 2**40 + cpu, "packets": cpu} for cpu in range(CPUS)]
    total: Any = found.lookup_percpu_sum(0)
    assert isinstance(total, obj.types.stats)
    cpus = sum(range(CPUS))
    assert (total.bytes, total.packets) == (2**40 * CPUS + cpus, cpus)


def test_sum_that_does_not_fit_is_no_number(load: Load) -> None:
    """A field that overflows is an OverflowError that names it, never a smaller number."""
    found: Any = load("records").maps["per_cpu"]
    found[0] = [{"bytes": 2**64 - 1}] + [{"bytes": 1}] * (CPUS - 1)
    if CPUS == 1:
        assert found.lookup_percpu_sum(0).bytes == 2**64 - 1
        return
    with pytest.raises(OverflowError, match="sum of field 'bytes' in map 'per_cpu'"):
        found.lookup_percpu_sum(0)


def test_sum_of_what_is_no_number_is_refused() -> None:
    """Bytes have no sum; lookup_percpu() gives them."""
    with BpfMap.create(BpfMapType.PERCPU_ARRAY, 4, 24, 1) as found:
        with pytest.raises(TypeError, match="adds numbers, and Records of them"):
            found.lookup_percpu_sum(0)
