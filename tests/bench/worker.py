# SPDX-License-Identifier: MIT
"""The Python half of the rates: what rates.c does in C, by tinybpf.

It loads rates.bpf.o, then reads the names of passes from standard input, one a line,
and answers each with the nanoseconds that it took. It runs in both forms, on an
interpreter of which nothing is known, and so uses the standard library only.
"""

import os
import sys
from collections.abc import Callable
from time import perf_counter_ns
from typing import Any

import tinybpf

ENTRIES = 100_000
RECORDS = 65_536
BATCH = 4096  # records of one read()


def handle(record: bytes) -> None:
    """Take a record and do nothing."""


def read_seq(record: Any) -> None:
    """Read the number of a record."""
    record.seq  # noqa: B018


def lookup(obj: tinybpf.BpfObject) -> int:
    """Look up every key of the hash."""
    counts = obj.maps["counts"]
    start = perf_counter_ns()
    for key in range(ENTRIES):
        counts[key]
    return perf_counter_ns() - start


def update(obj: tinybpf.BpfObject) -> int:
    """Set every key of the hash."""
    counts = obj.maps["counts"]
    start = perf_counter_ns()
    for key in range(ENTRIES):
        counts[key] = 1
    return perf_counter_ns() - start


def items(obj: tinybpf.BpfObject) -> int:
    """Make a dictionary of the hash."""
    counts = obj.maps["counts"]
    start = perf_counter_ns()
    copy = dict(counts.items())
    ns = perf_counter_ns() - start
    if len(copy) != ENTRIES:
        raise RuntimeError(f"the hash did not give {ENTRIES} entries")
    return ns


def columns(obj: tinybpf.BpfObject) -> int:
    """Read the hash into columns."""
    counts = obj.maps["counts"]
    start = perf_counter_ns()
    cols = counts.read_columns()
    ns = perf_counter_ns() - start
    if len(cols) != ENTRIES:
        raise RuntimeError(f"the hash did not give {ENTRIES} entries")
    return ns


def number(obj: tinybpf.BpfObject) -> int:
    """Read every element of an array that is memory."""
    numbers = obj.maps["numbers"]
    start = perf_counter_ns()
    for key in range(ENTRIES):
        numbers[key]
    return perf_counter_ns() - start


class Slots:
    """An object with a slot, which reads of attributes are compared with."""

    __slots__ = ("lots", "seq")

    def __init__(self) -> None:
        """Fill the slots."""
        self.lots = self.seq = 1


def slot(obj: tinybpf.BpfObject) -> int:
    """Read a slot."""
    slots = Slots()
    start = perf_counter_ns()
    for _ in range(ENTRIES):
        slots.lots  # noqa: B018
    return perf_counter_ns() - start


def read_global(obj: tinybpf.BpfObject) -> int:
    """Read a global variable of a section at hand."""
    bss = obj.bss
    start = perf_counter_ns()
    for _ in range(ENTRIES):
        bss.lots  # noqa: B018
    return perf_counter_ns() - start


def read_section(obj: tinybpf.BpfObject) -> int:
    """Read a global variable, and its section each time."""
    start = perf_counter_ns()
    for _ in range(ENTRIES):
        obj.bss.lots  # noqa: B018
    return perf_counter_ns() - start


def field(obj: tinybpf.BpfObject) -> int:
    """Read a field of a Record."""
    record = obj.types.record(seq=1)
    start = perf_counter_ns()
    for _ in range(ENTRIES):
        record.seq  # noqa: B018
    return perf_counter_ns() - start


def copy_bytes(obj: tinybpf.BpfObject) -> int:
    """Make 32 bytes."""
    return make(bytes, 32)


def copy_record(obj: tinybpf.BpfObject) -> int:
    """Make Records of 32 bytes."""
    return make(obj.types.record, bytes(32))


def make(kind: Callable[[Any], object], source: object) -> int:
    """Make objects of a kind from a source."""
    start = perf_counter_ns()
    for _ in range(ENTRIES):
        kind(source)
    return perf_counter_ns() - start


MAP_PASSES = {
    "lookup": lookup,
    "update": update,
    "items": items,
    "columns": columns,
    "number": number,
}
READ_PASSES = {
    "slot": slot,
    "global": read_global,
    "section": read_section,
    "field": field,
    "bytes": copy_bytes,
    "record": copy_record,
}


def walk(ready: list[Any], call: Callable[[Any], None]) -> int:
    """Call a function for each object of a list."""
    start = perf_counter_ns()
    for record in ready:
        call(record)
    return perf_counter_ns() - start


class Rings:
    """A ring buffer that is filled outside the measured time."""

    def __init__(self, obj: tinybpf.BpfObject) -> None:
        """Attach the writer, and keep one lot of records as bytes for bare()."""
        self.events, self.writer = obj.maps["events"], obj.maps["writer"]
        self.link = obj.programs["write_records"].attach()
        self.ready: list[bytes] = []
        with tinybpf.BpfRingBuffer(self.events, self.ready.append) as rb:
            self.consume(rb)
        self.ring_buffer = tinybpf.BpfRingBuffer(self.events, handle)
        self.typed = tinybpf.BpfRingBuffer(self.events, read_seq, event_type="record")
        self.slots = [Slots() for _ in self.ready]
        self.plain = tinybpf.BpfRingBuffer(self.events)
        self.batches = tinybpf.BpfRingBuffer(self.events, event_type="record")

    def consume(self, rb: tinybpf.BpfRingBuffer) -> int:
        """Have the records written; then hand each to the buffer's callback."""
        self.writer[0] = os.getpid()
        handled = 0
        start = perf_counter_ns()
        while handled < RECORDS:
            taken = rb.consume()
            if taken == 0:
                break
            handled += taken
        ns = perf_counter_ns() - start
        if handled != RECORDS:
            raise RuntimeError(f"the ring did not hold {RECORDS} records")
        return ns

    def ring(self) -> int:
        """Hand every record to a callback."""
        return self.consume(self.ring_buffer)

    def records(self) -> int:
        """Hand every record to a callback that reads a field of it."""
        return self.consume(self.typed)

    def ctypes_class(self) -> int:
        """Hand every record as an instance of a class of ctypes to a callback."""
        import ctypes

        fields = [("seq", ctypes.c_uint64), ("zero", ctypes.c_uint64 * 3)]
        kind: Any = type("Event", (ctypes.Structure,), {"_fields_": fields})
        with tinybpf.BpfRingBuffer(self.events, handle, event_type=kind) as rb:
            return self.consume(rb)

    def read_bytes(self) -> int:
        """Read every record as bytes, a list of BATCH at a time."""
        self.writer[0] = os.getpid()
        handled = 0
        start = perf_counter_ns()
        while handled < RECORDS:
            handled += len(self.plain.read(BATCH, 0))
        return perf_counter_ns() - start

    def read_records(self) -> int:
        """Read every record as a Record, and one field of each."""
        self.writer[0] = os.getpid()
        handled = 0
        start = perf_counter_ns()
        while handled < RECORDS:
            batch = self.batches.read(BATCH, 0)
            handled += len(batch)
            for record in batch:
                record.seq  # noqa: B018
        return perf_counter_ns() - start

    def stream(self) -> int:
        """Hand every record to the same function in a loop over stream()."""
        self.writer[0] = os.getpid()
        start = perf_counter_ns()
        for record in self.plain.stream(0):
            handle(record)
        return perf_counter_ns() - start

    def ring_columns(self) -> int:
        """Take every record apart into columns."""
        with tinybpf.BpfRingBuffer(self.events, event_type="record") as rb:
            self.writer[0] = os.getpid()
            start = perf_counter_ns()
            cols = rb.read_columns(timeout=0)
            ns = perf_counter_ns() - start
        if len(cols) != RECORDS:
            raise RuntimeError(f"the ring did not hold {RECORDS} records")
        return ns

    def bare(self) -> int:
        """Hand every record to the same function in a loop over ready bytes."""
        return walk(self.ready, handle)

    def bare_slots(self) -> int:
        """Hand ready objects with slots to a function that reads one."""
        return walk(self.slots, read_seq)


def main() -> None:
    """Serve passes until standard input ends."""
    rings = None
    with tinybpf.load(sys.argv[1]) as obj:
        update(obj)
        for line in sys.stdin:
            name = line.strip()
            if name in MAP_PASSES:
                ns = MAP_PASSES[name](obj)
            elif name in READ_PASSES:
                ns = READ_PASSES[name](obj)
            else:
                rings = rings or Rings(obj)
                ns = getattr(rings, name)()
            print(ns, flush=True)


if __name__ == "__main__":
    main()
