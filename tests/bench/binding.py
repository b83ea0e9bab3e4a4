# SPDX-License-Identifier: MIT
"""What worker.py does, by a plain binding of ctypes over the shared libbpf, as 0.3 was one.

It loads rates.bpf.o, then reads the names of passes from standard input, one a line,
and answers each with the nanoseconds that it took.
"""

import ctypes
import os
import sys
from collections.abc import Callable
from time import perf_counter_ns
from typing import Any

RECORDS = 65_536
SAMPLE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
POINTERS: dict[str, tuple[Any, ...]] = {
    "bpf_object__open_file": (ctypes.c_char_p, ctypes.c_void_p),
    "bpf_object__find_program_by_name": (ctypes.c_void_p, ctypes.c_char_p),
    "bpf_program__attach": (ctypes.c_void_p,),
    "ring_buffer__new": (ctypes.c_int, SAMPLE, ctypes.c_void_p, ctypes.c_void_p),
}
NUMBERS: dict[str, tuple[Any, ...]] = {
    "bpf_object__load": (ctypes.c_void_p,),
    "bpf_object__find_map_fd_by_name": (ctypes.c_void_p, ctypes.c_char_p),
    "bpf_map_update_elem": (ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint64),
    "ring_buffer__consume": (ctypes.c_void_p,),
}


class Event(ctypes.Structure):
    """A record of rates.bpf.c."""

    _fields_ = (("seq", ctypes.c_uint64), ("zero", ctypes.c_uint64 * 3))


def handle(event: object) -> None:
    """Take an event and do nothing."""


def by(make: Callable[[bytes], object], handler: Callable[[Any], object]) -> Any:
    """Return a function for libbpf that hands what is made of each record to a handler."""

    def on_sample(ctx: int, data: int, size: int) -> int:
        answer = handler(make(ctypes.string_at(data, size)))
        return answer if isinstance(answer, int) else 0

    return SAMPLE(on_sample)


class Binding:
    """The ring of an object that is loaded, and its readers."""

    def __init__(self, path: str) -> None:
        """Load the object and attach the writer."""
        self.lib = ctypes.CDLL("libbpf.so.1")
        for name, arguments in POINTERS.items():
            getattr(self.lib, name).restype = ctypes.c_void_p
            getattr(self.lib, name).argtypes = arguments
        for name, arguments in NUMBERS.items():
            getattr(self.lib, name).argtypes = arguments
        obj = self.lib.bpf_object__open_file(path.encode(), None)
        if not obj or self.lib.bpf_object__load(obj) != 0:
            raise RuntimeError(f"the shared libbpf does not load {path}")
        program = self.lib.bpf_object__find_program_by_name(obj, b"write_records")
        if not self.lib.bpf_program__attach(program):
            raise RuntimeError("the shared libbpf does not attach the writer")
        self.writer = self.lib.bpf_object__find_map_fd_by_name(obj, b"writer")
        events = self.lib.bpf_object__find_map_fd_by_name(obj, b"events")
        self.samples = {
            "ring": by(bytes, handle),
            "ctypes_class": by(Event.from_buffer_copy, handle),
        }
        self.rings = {
            name: self.lib.ring_buffer__new(events, sample, None, None)
            for name, sample in self.samples.items()
        }

    def run(self, name: str) -> int:
        """Have the records written; then hand each over."""
        pid = ctypes.byref(ctypes.c_uint32(os.getpid()))
        self.lib.bpf_map_update_elem(self.writer, ctypes.byref(ctypes.c_uint32(0)), pid, 0)
        start = perf_counter_ns()
        handled = self.lib.ring_buffer__consume(self.rings[name])
        ns = perf_counter_ns() - start
        if handled != RECORDS:
            raise RuntimeError(f"the ring did not hold {RECORDS} records")
        return ns


def main() -> None:
    """Serve passes until standard input ends."""
    binding = Binding(sys.argv[1])
    for line in sys.stdin:
        print(binding.run(line.strip()), flush=True)


if __name__ == "__main__":
    main()
