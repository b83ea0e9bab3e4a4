# SPDX-License-Identifier: MIT
"""Whole programs written for the public API of tinybpf 0.3 run unchanged.

They are text, as on a user's disk, and each runs in a process of its own, with every
warning an error. The last test counts that each name of that API is in one of them.
"""

import pathlib
import re

import pytest

import tinybpf
from support import child, host, pins
from support.gating import kernel
from support.objects import Find, cgroup_root, possible_cpus

LOOK_AROUND = """
import pathlib, sys
import tinybpf
from tinybpf import BpfError, BpfMapType, BpfObject, BpfProgType, BpfProgram
from tinybpf import MapInfo, ProgramInfo

tinybpf.init()
tinybpf.init(libbpf_path=None)
assert tinybpf.version() == tinybpf.__version__
assert tinybpf.libbpf_version()[0].isdigit()

obj = tinybpf.load(sys.argv[1])
assert isinstance(obj, BpfObject)
assert (obj.name, obj.path) == ("typed", pathlib.Path(sys.argv[1]))
assert "open" in repr(obj)
assert len(obj.programs) == 1 and "produce" in obj.programs and "flows" in obj.maps
assert list(obj.programs.keys()) == ["produce"]
assert dict(obj.maps.items())["flows"].name == obj.map("flows").name == "flows"
for collection, what in ((obj.programs, "produce"), (obj.maps, "flows")):
    try:
        collection["missing"]
    except KeyError as e:
        assert "missing" in str(e) and "not found" in str(e) and what in str(e)
    else:
        raise AssertionError
program = obj.program(name="produce")
assert obj.map(name="flows").name == "flows"
assert isinstance(program, BpfProgram) and program.fd > 0
assert program.section.startswith("tracepoint/")
assert program.type == BpfProgType.TRACEPOINT == 5
assert program.info == ProgramInfo("produce", program.section, BpfProgType.TRACEPOINT)
info = obj.maps["flows"].info
assert isinstance(info, MapInfo)
assert (info.name, info.type) == ("flows", BpfMapType.HASH)
assert (info.key_size, info.value_size) == (8, 16)
assert info.max_entries == obj.maps["flows"].max_entries == 64
assert obj.btf is not None
key, value = obj.maps["flows"].btf_key, obj.maps["flows"].btf_value
assert (key.name, value.name, value.kind) == ("flow", "stats", tinybpf.BtfKind.STRUCT)
assert (key.size, [(f.name, f.offset, f.size) for f in key.fields]) == (
    8, [("saddr", 0, 4), ("sport", 4, 2)])
assert isinstance(key, tinybpf.BtfType) and isinstance(key.fields[0], tinybpf.BtfField)
assert obj.maps["events"].btf_key is None
count = obj.maps["counts"].btf_value
assert (count.name, count.kind, count.size) == (
    "unsigned long long", tinybpf.BtfKind.INT, 8)
link = program.attach()
assert isinstance(link, tinybpf.BpfLink) and link.fd > 0 and "tracepoint" in repr(link)
link.destroy()
assert link.fd == -1
link.close()
with program.attach_tracepoint("syscalls", "sys_enter_getpgid"):
    pass
obj.close()
obj.close()
assert "closed" in repr(obj)
try:
    obj.maps["flows"]
except BpfError as e:
    assert "closed" in str(e) and e.errno == 0 and e.libbpf_log == ""
try:
    tinybpf.load("no_such.bpf.o")
except FileNotFoundError:
    print("done")
"""

USE_MAPS = """
import ctypes, struct, sys
import tinybpf
from tinybpf import BPF_ANY, BPF_EXIST, BPF_NOEXIST

def fails(kind, words, function, *args, **kwargs):
    try:
        function(*args, **kwargs)
    except kind as e:
        assert words in str(e), str(e)
        return e
    raise AssertionError(words)

class Flow(ctypes.Structure):
    _fields_ = [("saddr", ctypes.c_uint32), ("sport", ctypes.c_uint16)]

class Stats(ctypes.Structure):
    _fields_ = [("bytes", ctypes.c_uint64), ("packets", ctypes.c_uint32)]

class Short(ctypes.Structure):
    _fields_ = [("bytes", ctypes.c_uint64)]

class Misspelt(ctypes.Structure):
    _fields_ = [("bytes", ctypes.c_uint64), ("packet", ctypes.c_uint32)]

class One(ctypes.Structure):
    _fields_ = [("both", ctypes.c_uint64 * 2)]

with tinybpf.load(sys.argv[1]) as obj:
    counts = obj.maps["counts"]
    assert not counts.is_percpu and not counts.is_standalone and counts.fd > 0
    assert counts.type == tinybpf.BpfMapType.HASH
    counts[1] = 10
    counts[struct.pack("=I", 2)] = struct.pack("=Q", 20)
    counts.update(3, 30, flags=BPF_NOEXIST)
    counts.update(3, 31, BPF_EXIST)
    counts.update(4, 40, flags=BPF_ANY)
    fails(tinybpf.BpfError, "", counts.update, 3, 0, flags=BPF_NOEXIST)
    assert counts[1] == 10 and 2 in counts and 9 not in counts
    assert counts.lookup(key=9) is None and counts.get(9, default=-1) == -1
    assert sorted(counts) == sorted(counts.keys()) == [1, 2, 3, 4]
    assert sorted(counts.values()) == [10, 20, 31, 40]
    assert dict(counts.items()) == {1: 10, 2: 20, 3: 31, 4: 40}
    assert next(counts.keys()) in counts and len(counts) == 4
    del counts[1]
    assert counts.delete(key=2) is True and counts.delete(2) is False
    try:
        counts[1]
    except KeyError:
        pass
    fails(ValueError, "unsigned", counts.update, -1, 0)
    fails(TypeError, "Cannot convert", counts.update, "a", 0)
    fails(ValueError, "Key size mismatch", counts.lookup, b"123")
    fails(ValueError, "Value size mismatch", counts.update, 1, b"123")

    flows = obj.maps["flows"].typed(key=Flow, value=Stats)
    flows[Flow(0x7F000001, 80)] = Stats(1500, 1)
    for flow, stats in flows.items():
        assert (flow.saddr, flow.sport, stats.bytes, stats.packets) == (0x7F000001, 80, 1500, 1)
    assert isinstance(obj.maps["flows"][Flow(0x7F000001, 80)], bytes)
    untyped = obj.maps["flows"]
    error = fails(tinybpf.BtfValidationError, "Size mismatch", untyped.typed, value=Short)
    assert isinstance(error, tinybpf.BpfError)
    error = fails(tinybpf.BtfValidationError, "Field name mismatch", untyped.typed,
                  key=Flow, value=Misspelt)
    assert any("packets" in suggestion for suggestion in error.suggestions)
    fails(tinybpf.BtfValidationError, "Field count mismatch", untyped.typed, value=One)
    obj.maps["flows"].typed(value=Misspelt, validate_field_names=False)

    assert obj.lookup_type("flow") is None and obj.lookup_btf_name(Flow) is None
    obj.register_type("flow", Flow)
    obj.register_type("stats", Misspelt, validate_field_names=False)
    fails(tinybpf.BtfValidationError, "not found", obj.register_type, "nothing", Flow)
    assert obj.lookup_type("flow") is Flow and obj.lookup_btf_name(Flow) == "flow"
    assert obj.lookup_type(btf_name="x") is None and obj.lookup_btf_name(py_type=int) is None

    sums = obj.maps["sums"]
    assert sums.is_percpu
    cpus = int(sys.argv[2])
    sums[1] = list(range(cpus))
    assert sums.lookup_percpu(1) == list(range(cpus)) and sums.lookup_percpu(2) is None
    assert sums.lookup_percpu_sum(key=1) == sum(range(cpus)) == sum(sums.lookup_percpu(key=1))
    assert list(sums.items_percpu()) == [(1, list(range(cpus)))]
    for method in (counts.lookup_percpu, counts.lookup_percpu_sum):
        fails(TypeError, "only valid for per-CPU", method, 1)
    fails(TypeError, "only valid for per-CPU", counts.items_percpu)

    signed = counts.typed(key=ctypes.c_int32, value=ctypes.c_int64)
    signed[-5] = -7
    assert signed[-5] == -7 and signed[ctypes.c_int32(-5)] == -7 and -5 in list(signed)
    key, value = signed.popitem()  # any of them
    assert type(key) is type(value) is int
    signed[key] = value

    path = sys.argv[3] + "/counts"
    counts.pin(path=path)
    pinned = tinybpf.open_pinned_map(path)
    assert pinned.is_standalone and pinned[3] == 31
    pinned.close()
    fails(tinybpf.BpfError, "closed", pinned.lookup, 3)
    u32, u64 = ctypes.c_uint32, ctypes.c_uint64
    with tinybpf.open_pinned_map(path, key_type=u32, value_type=u64) as m:
        assert m[u32(3)] == 31
        typed = m.typed(key=int)
    assert typed[3] == 31
    typed.close()
    fails(FileExistsError, path, counts.pin, path)
    fails(tinybpf.BpfError, path, counts.pin, path)
    with tinybpf.open_pinned_map(path, key_type=int, value_type=int) as m:
        assert m[3] == 31
    counts.unpin(path=path)
    for kind in (FileNotFoundError, tinybpf.BpfError):
        fails(kind, path, tinybpf.open_pinned_map, path)
        fails(kind, path, counts.unpin, path)
    fails(tinybpf.BpfError, "not a", tinybpf.open_pinned_map, sys.argv[4])
print("done")
"""

READ_RINGS = """
import asyncio, ctypes, sys
import tinybpf
from tinybpf import BpfPerfBuffer, BpfRingBuffer, RingBufferEvent
from support import traffic

class Event(ctypes.Structure):
    _fields_ = [("pid", ctypes.c_uint32), ("comm", ctypes.c_char * 16)]

def fails(words, function, *args, kind=tinybpf.BpfError, **kwargs):
    try:
        function(*args, **kwargs)
    except kind as e:
        assert words in str(e), str(e)
        return
    raise AssertionError(words)

obj = tinybpf.load(sys.argv[1])
rings = tinybpf.load(sys.argv[2])
trigger = traffic.Trigger()
trigger.arm(obj)
trigger.arm(rings)
links = [obj.programs["produce"].attach(), rings.programs["produce"].attach()]
events, perf = obj.maps["events"], obj.maps["perf"]
even, odd = rings.maps["even"], rings.maps["odd"]

seen = []
def handle(data):
    seen.append(data)
    return 0

with BpfRingBuffer(events, handle) as rb:
    trigger.fire(2)
    assert rb.poll(timeout_ms=1000) == 2 and rb.consume() == 0
    assert [type(data) for data in seen] == [bytes, bytes] and rb.epoll_fd() == rb.fileno()
    fails("Cannot iterate on callback-mode", lambda: iter(rb))
    fails("Cannot mix callback and iterator", rb.add, even)
    fails("Cannot mix memoryview and bytes", rb.add, even, handle, as_memoryview=True)
    fails("already added", rb.add, events, handle)
fails("closed", rb.poll, 0)

def stop(data):
    seen.append(data)
    return -1

with BpfRingBuffer(events, callback=stop) as rb:
    trigger.fire(3)
    rb.poll(0)
    assert len(seen) == 3
    rb.consume()

def fail(event):
    raise ZeroDivisionError(event.comm)

with BpfRingBuffer(events, fail, event_type=Event, validate_btf_struct="event") as rb:
    trigger.fire(1)
    fails("typed", rb.poll, 1000, kind=ZeroDivisionError)

sizes = []
with BpfRingBuffer(events, lambda view: sizes.append(len(view)), True) as rb:
    rb.add(even, lambda view: sizes.append(20), as_memoryview=None)
    trigger.fire(1)
    rb.poll(1000)
assert sizes and set(sizes) == {20}

first = []
with BpfRingBuffer(event_type=Event, validate_btf_struct="event") as rb:
    rb.add(events, first.append)
    rb.add(even, first.append, event_type=bytes)
    trigger.fire(2)
    rb.poll(1000)
assert {type(event) for event in first} == {Event, bytes}

class Long(ctypes.Structure):
    _fields_ = [("all", ctypes.c_uint8 * 24)]

with BpfRingBuffer(events, print, event_type=Long) as rb:
    trigger.fire(1)
    fails("Event size mismatch", rb.poll, 1000)

rb = BpfRingBuffer()
assert "(no maps)" in repr(rb)
for method in (rb.consume, rb.epoll_fd, rb.fileno):
    fails("No maps added", method)
fails("No maps added", rb.poll, 0)
rb.add(even)
rb.add(odd)
fails("Cannot use as_memoryview", rb.add, events, as_memoryview=True)
fails("Cannot mix event types", rb.add, events, event_type=Event)
for data in rb:
    assert len(data) >= 8
trigger.fire(4)
rb.poll(1000)
assert len([data for data in rb]) == 4
assert "'even', 'odd'" in repr(rb) and "iterator" in repr(rb)
fails("callback requires map", BpfRingBuffer, None, handle, kind=ValueError)
fails("expected RINGBUF", BpfRingBuffer, obj.maps["counts"], handle)

async def main():
    async with rb:
        trigger.fire(4)
        async for data in rb:
            assert isinstance(data, bytes)
            break
        async for event in rb.events():
            assert isinstance(event, RingBufferEvent)
            assert event.map_name in ("even", "odd") and isinstance(event.data, bytes)
            break
    async with BpfRingBuffer(
        events, handle, event_type=Event, validate_field_names=False
    ) as typed:
        trigger.fire(1)
        assert await typed.poll_async(timeout_ms=1000) >= 1
        assert seen[-1].comm == b"typed"

asyncio.run(main())
rb.close()
fails("closed", rb.poll, 0)

rb = BpfRingBuffer(even)
trigger.fire(2)
queued = rb.poll(1000)
rb.close()
assert queued >= 1 and len([data for data in rb]) == queued and not [data for data in rb]
error = tinybpf.BtfValidationError("message", ["suggestion"])
assert error.suggestions == ["suggestion"] and error.errno == 0
assert tinybpf.BpfError(message="message", errno=7).errno == 7

samples, lost = [], []
with BpfPerfBuffer(
    perf,
    sample_callback=lambda cpu, data: samples.append((cpu, data)),
    lost_callback=lambda cpu, count: lost.append(count),
    page_count=8,
) as pb:
    trigger.fire(1)
    pb.poll(1000)
    pb.consume()
    assert pb.epoll_fd() > 0 and samples and isinstance(samples[0][1], bytes)
with BpfPerfBuffer(perf, lambda cpu, event: samples.append(event.comm), event_type=Event,
                   validate_btf_struct="event") as pb:
    trigger.fire(1)
    pb.poll(timeout_ms=1000)
assert samples[-1] == b"typed"
fails("power of 2", BpfPerfBuffer, perf, print, page_count=3, kind=ValueError)
fails("PERF_EVENT_ARRAY", BpfPerfBuffer, events, print)
with BpfPerfBuffer(perf, None, event_type=Event) as pb:  # 0.3: "requires a callback"
    trigger.fire(1)
    assert pb.poll(timeout_ms=1000) == 1 and next(pb).comm == b"typed"
for link in links:
    link.destroy()
obj.close()
rings.close()
print("done")
"""

ATTACH = """
import os, sys
import tinybpf

with tinybpf.load(sys.argv[1]) as obj:
    with obj.program("on_raw_tracepoint").attach_raw_tracepoint(name="sys_enter") as link:
        assert "raw_tracepoint" in repr(link)
    with obj.program("on_xdp").attach_xdp("lo") as link:
        assert "xdp:lo" in repr(link)
    obj.program("on_xdp").attach_xdp(interface=1).destroy()
    for kind in (OSError, tinybpf.BpfError):
        try:
            obj.program("on_xdp").attach_xdp("no_such_if")
        except kind:
            continue
        raise AssertionError
    with obj.program("on_cgroup").attach_cgroup(sys.argv[2]) as link:
        assert "cgroup:" + sys.argv[2] in repr(link)
    fd = os.open(sys.argv[2], os.O_RDONLY)
    link = obj.program("on_cgroup").attach_cgroup(cgroup=fd)
    assert "cgroup:fd" in repr(link)
    os.close(fd)
    link.close()
    uprobe = obj.program("on_uprobe")
    for link in (
        uprobe.attach_uprobe(
            binary_path=sys.argv[3], offset=int(sys.argv[4]), pid=-1, retprobe=False),
        uprobe.attach_uprobe(sys.argv[3], int(sys.argv[4])),
        obj.program("on_uretprobe").attach_uretprobe(sys.argv[3], int(sys.argv[4])),
    ):
        assert link.fd >= 0
        link.destroy()
    try:
        obj.program("on_cgroup").attach_cgroup("/no/such/cgroup")
    except FileNotFoundError as e:
        assert isinstance(e, tinybpf.BpfError)
    try:
        obj.program("on_tracepoint").attach_tracepoint(
            category="syscalls", name="no_such_event")
    except tinybpf.BpfError as e:
        assert e.errno and "libbpf output:" in str(e) and e.libbpf_log
    forgotten = obj.program("on_tracepoint").attach_tracepoint("syscalls", "sys_enter_getpgid")
assert forgotten.fd == -1
print("done")
"""

KPROBES = """
import sys
import tinybpf

with tinybpf.load(sys.argv[1]) as obj:
    with obj.program("on_kprobe").attach_kprobe("do_sys_openat2") as link:
        assert "kprobe" in repr(link)
    obj.program("on_kretprobe").attach_kprobe("do_sys_openat2", retprobe=True).destroy()
    with obj.program("on_kretprobe").attach_kretprobe(func_name="do_sys_openat2") as link:
        assert "kretprobe" in repr(link)
print("done")
"""

NAMES = """
load open_pinned_map version libbpf_version init __version__ name path programs maps btf program
map close register_type lookup_type lookup_btf_name section type fd info attach attach_kprobe
attach_kretprobe attach_tracepoint attach_raw_tracepoint attach_uprobe attach_uretprobe
attach_xdp attach_cgroup destroy keys values items lookup get update delete typed
is_percpu lookup_percpu lookup_percpu_sum items_percpu pin unpin key_size value_size
max_entries is_standalone add poll consume poll_async events epoll_fd fileno map_name data
suggestions errno libbpf_log btf_key btf_value fields kind offset size
"""
CLASSES = """
BpfObject BpfProgram BpfLink BpfRingBuffer BpfPerfBuffer MapInfo ProgramInfo RingBufferEvent
BtfType BtfField BtfKind BpfMapType BpfProgType BPF_ANY BPF_NOEXIST BPF_EXIST BpfError
BtfValidationError
"""
WORDS = (
    *("closed", "expected RINGBUF", "PERF_EVENT_ARRAY", "callback requires map"),
    *("No maps added", "already added", "Cannot mix callback and iterator"),
    *("Cannot iterate on callback-mode", "requires a callback", "not found"),
    *("Cannot mix memoryview and bytes", "Cannot use as_memoryview", "Cannot mix event types"),
    *("Size mismatch", "Field name mismatch", "Field count mismatch", "Key size mismatch"),
    *("Value size mismatch", "Cannot convert", "unsigned", "power of 2", "not a"),
    "libbpf output:",
)
ARGUMENTS = """
libbpf_path key_type value_type validate_field_names retprobe offset pid flags key value
timeout_ms callback event_type as_memoryview validate_btf_struct sample_callback lost_callback
page_count func_name category name binary_path interface cgroup message path default btf_name
py_type
"""


def run(program: str, *args: object) -> None:
    """Run a program to its end: it prints "done", and nothing else happens."""
    assert child.output(program, *args, flags=("-W", "error")) == "done\n"


def test_program_that_looks_around(bpf: Find) -> None:
    """Objects, collections, programs, links and what they say of themselves."""
    run(LOOK_AROUND, bpf("typed"))


def test_program_that_uses_maps(bpf: Find) -> None:
    """Maps as dictionaries, with ctypes, with CPUs, and pinned."""
    with pins.folder() as folder, tinybpf.load(bpf("typed")) as obj:
        pins.pin(obj.programs["produce"].fd, folder / "program")
        run(USE_MAPS, bpf("typed"), possible_cpus(), folder, folder / "program")


def test_program_that_reads_events(bpf: Find) -> None:
    """Ring buffers by callbacks, loops and asyncio; perf buffers."""
    run(READ_RINGS, bpf("typed"), bpf("rings"))


@kernel("5.9", "xdp link")
def test_program_that_attaches(bpf: Find, tmp_path: pathlib.Path) -> None:
    """Every kind of hook that needs no probe of the kernel."""
    binary = host.directory_from("TINYBPF_BUILD") / "kernel_ids"
    run(ATTACH, bpf("hooks"), cgroup_root(), binary, 4096)


@kernel("4.17", "kprobe", config="CONFIG_KPROBES")
def test_program_with_kprobes(bpf: Find) -> None:
    """Functions of the kernel."""
    with tinybpf.load(bpf("hooks")) as obj:  # so that what lacks is found in this process
        obj.program("on_kprobe").attach_kprobe("do_sys_openat2").destroy()
    run(KPROBES, bpf("hooks"))


@pytest.mark.parametrize("kind", ["attribute", "class", "words", "argument"])
def test_every_name_is_used(kind: str) -> None:
    """The programs use each public name, argument and message word of 0.3."""
    programs = "".join((LOOK_AROUND, USE_MAPS, READ_RINGS, ATTACH, KPROBES))
    wanted = {
        "attribute": [rf"\.{name}\b" for name in NAMES.split()],
        "class": [rf"\b{name}\b" for name in CLASSES.split()],
        "words": [re.escape(words) for words in WORDS],
        "argument": [rf"\b{name}=" for name in ARGUMENTS.split()],
    }[kind]
    assert [pattern for pattern in wanted if not re.search(pattern, programs)] == []
