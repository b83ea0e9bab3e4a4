# SPDX-License-Identifier: MIT
"""Perf buffers on a machine whose CPUs come and go."""

import contextlib
import errno
import os
import pathlib
from collections.abc import Iterator

import pytest

import tinybpf
from support.objects import DEADLINE_S, Load
from support.traffic import Producer

pytestmark = pytest.mark.skipif(
    "VM_NONCE=" not in pathlib.Path("/proc/cmdline").read_text(),
    reason="takes a CPU away from the machine: only from one of ./dev vm",
)
ONLINE = pathlib.Path("/sys/devices/system/cpu/cpu1/online")
NOT_PADDED = 12  # 8 * n + 4 bytes fill what the kernel reserves for a record


@contextlib.contextmanager
def offline() -> Iterator[None]:
    """Take CPU 1 away, and bring it back."""
    before = os.sched_getaffinity(0)
    ONLINE.write_text("0")
    try:
        yield
    finally:
        ONLINE.write_text("1")
        os.sched_setaffinity(0, before)


@pytest.fixture
def producer(load: Load) -> Iterator[Producer]:
    """Return the attached producer, set to 3 records for a trigger."""
    obj = load("perf")
    with obj.attach():
        yield Producer(obj).setup(count=3, size=NOT_PADDED)


def fire_on(producer: Producer, cpu: int) -> None:
    """Trigger once on a CPU."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {cpu})
    producer.fire()
    os.sched_setaffinity(0, before)


def test_cpu_that_is_offline_is_passed_over(producer: Producer) -> None:
    """The others are read; the events of a CPU that is asked for by name cannot be had."""
    with offline():
        with tinybpf.BpfPerfBuffer(producer.events) as buffer:
            assert "cpus=1," in repr(buffer)
            fire_on(producer, 0)
            assert buffer.read(timeout=DEADLINE_S) == [producer.record(n) for n in range(3)]
        with pytest.raises(tinybpf.BpfError, match="on CPU 1 ") as caught:
            tinybpf.BpfPerfBuffer(producer.events, cpus=[0, 1])
        assert caught.value.errno == errno.ENODEV
    with tinybpf.BpfPerfBuffer(producer.events) as buffer:
        assert "cpus=2," in repr(buffer)


@pytest.mark.parametrize("order", ["cpu", "time"])
def test_cpu_that_goes_leaves_what_it_wrote(producer: Producer, order: str) -> None:
    """Its records are read behind it, those of others go on, and the buffer closes."""
    with tinybpf.BpfPerfBuffer(producer.events, order=order) as buffer:  # type: ignore[call-overload]
        fire_on(producer, 1)
        with offline():
            fire_on(producer, 0)
            records = buffer.read(timeout=DEADLINE_S)
            assert sorted(records) == [producer.record(n) for n in range(6)]
            assert buffer.read(timeout=0) == []
            fire_on(producer, 0)
            assert len(buffer.read(timeout=DEADLINE_S)) == 3
        fire_on(producer, 0)
        assert len(buffer.read(timeout=DEADLINE_S)) == 3


def test_cpu_that_comes_back_is_read_by_new_buffers(producer: Producer) -> None:
    """The kernel has ended its events: a buffer that is made then has it again."""
    with tinybpf.BpfPerfBuffer(producer.events):
        with offline():
            pass
    with tinybpf.BpfPerfBuffer(producer.events) as buffer:
        fire_on(producer, 1)
        assert len(buffer.read(timeout=DEADLINE_S)) == 3
