# SPDX-License-Identifier: MIT
"""A reader under pressure: what pressure.c does in C, and more, by tinybpf.

    reader.py OBJECT latency BYTES      median ns from the write of a record to its reader
    reader.py OBJECT rate BYTES SHAPE   ns / 1000 for each record of a full ring
    reader.py OBJECT count BYTES S      produced, received, lost: of S seconds at full speed
    reader.py OBJECT memory BYTES N     bytes that the process has grown by over N records
    reader.py OBJECT interrupt BYTES    ns from SIGINT to KeyboardInterrupt at full speed

It runs in both forms, on an interpreter of which nothing is known, and so uses the
standard library only.
"""

import os
import signal
import statistics
import struct
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import tinybpf

LATENCIES = 1000
RATED = 32_768  # records: 256 bytes each are half of the ring
BURST = 64  # records of a system call at full speed
SMALL = 32


def configure(obj: tinybpf.BpfObject, pid: int, count: int, size: int) -> None:
    """Let the system calls of a process write so many records of so many bytes each."""
    obj.maps["config"][0] = struct.pack("=IIII", pid, count, size, 0)


@contextmanager
def caller(obj: tinybpf.BpfObject, count: int, size: int, pause: float) -> Iterator[None]:
    """Run a process whose system calls write records, on another CPU if it has no pause."""
    pid = os.fork()
    if pid == 0:
        others = set(range(os.cpu_count() or 1)) - os.sched_getaffinity(0)
        if pause == 0 and others:
            os.sched_setaffinity(0, others)
        while True:
            time.sleep(pause) if pause else os.getppid()
    configure(obj, pid, count, size)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def buffer(obj: tinybpf.BpfObject, size: int, callback: Any = None) -> Any:
    """Return a buffer of the ring; its records have the type of their size."""
    kind = "small" if size == SMALL else "record"
    return tinybpf.BpfRingBuffer(obj.maps["events"], callback, event_type=kind)


def latency(obj: tinybpf.BpfObject, size: int) -> Iterator[int]:
    """Give the median of LATENCIES wake-ups."""
    found: list[int] = []

    def note(record: Any) -> None:
        found.append(time.clock_gettime_ns(time.CLOCK_MONOTONIC) - record.sent)

    with buffer(obj, size, note) as ring, caller(obj, 1, size, 0.001):
        while len(found) < LATENCIES:
            ring.poll(1000)
    yield int(statistics.median(found))


def handle(record: Any) -> None:
    """Take a record and do nothing."""


SHAPES: dict[str, Callable[[Any], int]] = {
    "callback": lambda ring: int(ring.consume()),
    "read": lambda ring: len(ring.read(timeout=0)),
    "columns": lambda ring: len(ring.read_columns(timeout=0)),
}


def rate(obj: tinybpf.BpfObject, size: int, shape: str) -> Iterator[int]:
    """Give the time of a record, in thousandths of a nanosecond, of the second pass."""
    with buffer(obj, size, handle if shape == "callback" else None) as ring:
        for _ in range(2):
            configure(obj, os.getpid(), RATED, size)
            configure(obj, 0, 0, size)
            start = time.perf_counter_ns()
            if SHAPES[shape](ring) != RATED:
                raise RuntimeError(f"the ring did not hold {RATED} records")
            took = time.perf_counter_ns() - start
    yield took * 1000 // RATED


def count(obj: tinybpf.BpfObject, size: int, seconds: str) -> Iterator[int]:
    """Read at full speed for some seconds; give what was produced, received and lost."""
    received = 0
    with buffer(obj, size) as ring:
        with caller(obj, BURST, size, 0):
            end = time.monotonic() + float(seconds)
            while time.monotonic() < end:
                received += len(ring.read_columns(timeout=0.1))
        received += len(ring.read_columns(timeout=0))
        yield from (obj.maps["produced"][0], received, ring.stats().lost or 0)


def resident() -> int:
    """Return the bytes of memory that this process has."""
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def memory(obj: tinybpf.BpfObject, size: int, records: str) -> Iterator[int]:
    """Read so many records in all shapes; give what memory has grown by since a tenth."""
    received = warm = 0
    with buffer(obj, size) as ring, caller(obj, BURST, size, 0):
        while received < int(records):
            received += len(ring.read(max_events=4096, timeout=1))
            received += len(ring.read_columns(max_events=4096, timeout=1))
            if warm == 0 and received > int(records) // 10:
                warm = resident()
        yield resident() - warm


def interrupt(obj: tinybpf.BpfObject, size: int) -> Iterator[int]:
    """Give the time from a SIGINT to the end of the loop that it meets."""
    with buffer(obj, size) as ring, caller(obj, BURST, size, 0):
        sent, to_send = os.pipe()
        pid = os.fork()
        if pid == 0:
            time.sleep(0.3)
            now = time.monotonic_ns()
            os.kill(os.getppid(), signal.SIGINT)
            os.write(to_send, struct.pack("=q", now))
            os._exit(0)
        try:
            for record in ring.stream():
                handle(record)
        except KeyboardInterrupt:
            now = time.monotonic_ns()
        os.waitpid(pid, 0)
        yield now - int(struct.unpack("=q", os.read(sent, 8))[0])


MODES: dict[str, Callable[..., Iterator[int]]] = {
    "latency": latency,
    "rate": rate,
    "count": count,
    "memory": memory,
    "interrupt": interrupt,
}


def main() -> None:
    """Do what the command line says, and print the numbers."""
    path, mode, size, *more = sys.argv[1:]
    with tinybpf.load(path) as obj, obj.attach():
        print(*MODES[mode](obj, int(size), *more))


if __name__ == "__main__":
    main()
