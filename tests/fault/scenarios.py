# SPDX-License-Identifier: MIT
"""What is done while something fails: together they touch everything that there is.

Each takes the folder of test objects and an empty folder on the BPF file system, closes
what it opens, and returns a value that is the same each time: what failed and was not
said would show there. What has already failed once is not to be caught in here.
"""

import argparse
import asyncio
import contextlib
import copy
import ctypes
import functools
import io
import mmap
import os
import pickle
import struct
import sys
import warnings
from pathlib import Path
from typing import Any, Callable

import tinybpf
from support import traffic
from tinybpf import _core

Scenario = Callable[[Path, Path], Any]

PACKET = bytes(range(64))


class Flow(ctypes.Structure):
    """As struct flow of shapes.h."""

    _fields_ = [("saddr", ctypes.c_uint32), ("sport", ctypes.c_uint16)]


class Stats(ctypes.Structure):
    """As struct stats of shapes.h."""

    _fields_ = [("bytes", ctypes.c_uint64), ("packets", ctypes.c_uint32)]


def settings(objects: Path, pins: Path) -> Any:
    """Open, set, prepare, load and close; what all of it is."""
    path = objects / "settings.bpf.o"
    with tinybpf.open(path, pin_root=pins, log_level=1) as obj:
        small, odd, count = obj.maps["small"], obj.maps["odd"], obj.programs["count"]
        odd.autocreate = False
        obj.programs["hook"].autoload = False
        small.max_entries, small.numa_node = 10, 0
        count.log_level = 1
        with tinybpf.BpfMap.create(tinybpf.BpfMapType.ARRAY, 4, 8, 2) as pattern:
            obj.maps["outer"].inner_map = pattern
        obj.programs["hook"].set_attach_target("sys_enter")
        said = [repr(obj), obj.state, len(obj.maps), list(obj.programs), len(obj.btf or ())]
        obj.prepare()
        obj.load()
        info = small.info
        said += [obj.state, info.max_entries, info.type.name, count.info.name, repr(odd)]
    data = (objects / "counts.bpf.o").read_bytes()
    with tinybpf.open_bytes(data, name="counts") as obj:
        said += [repr(obj.load()), list(obj.maps)]
    return said


def records(objects: Path, pins: Path) -> Any:
    """Records as keys and values, whole maps at once, and what a record can do."""
    with tinybpf.load(objects / "records.bpf.o") as obj:
        flows, things, per_cpu = obj.maps["flows"], obj.maps["things"], obj.maps["per_cpu"]
        flow = obj.types.flow
        flows.update({flow(saddr=i, sport=1): {"bytes": i, "packets": 2} for i in range(9)})
        flows[(9, 2)] = (1, 1)
        said = [sorted(k.saddr for k in flows), sum(v.bytes for v in flows.values())]
        things[0] = {"name": b"x", "grid": [[1, 2, 3]] * 2, "number": {"whole": 7}}
        thing = things[0]
        said += [thing._json(), thing.grid[1][2], repr(thing), len(thing._asdict())]
        copies = copy.copy(thing), copy.deepcopy(thing), pickle.loads(pickle.dumps(thing))
        said += [all(c == thing for c in copies), thing._replace(count=3).count]
        per_cpu.update_percpu(0, [{"bytes": 1}] * len(per_cpu.lookup_percpu(0) or ()))
        said += [repr(per_cpu.lookup_percpu_sum(0)), len(list(per_cpu.items_percpu()))]
        columns = flows.read_columns()
        said += [list(columns), sorted(columns["value.packets"])]
        said += [
            flows.delete_many([(i, 1) for i in range(4)]),
            len(flows),
            flows.pop((9, 2)).bytes,
        ]
        with flows.drain() as drain:
            said.append(len(list(drain)))
    return said


def typed(objects: Path, pins: Path) -> Any:
    """Classes of ctypes as keys, values and events, registered and given."""
    with tinybpf.load(objects / "typed.bpf.o") as obj:
        flows = obj.maps["flows"].typed(Flow, Stats)
        flows[Flow(1, 2)] = Stats(3, 4)
        said: list[Any] = [(k.saddr, v.packets) for k, v in flows.items()]
        obj.register_type("flow", Flow)
        said += [obj.lookup_btf_name(Flow), obj.lookup_type("flow") is Flow]
        said += [
            type(next(iter(obj.maps["flows"]))) is Flow,
            obj.maps["counts"].typed(int, int),
        ]
        types = obj.types
        said += [list(types), repr(types.event), repr(types.shapes(three=2).three)]
    return repr(said)


def memory(objects: Path, pins: Path) -> Any:
    """Global variables, runs without a hook, memory that is mapped."""
    path = objects / "globals.bpf.o"
    with tinybpf.load(path, rodata={"target_pid": 5, "start": {"limit": 2}}) as obj:
        obj.data.cfg.limit = 12
        obj.data.cfg.at[1] = {"x": 1, "y": 2}
        ran = obj.program("bump").test_run()
        said = [ran.retval > 7, obj.bss.seen, obj.bss.last, repr(obj.data.cfg), obj.sections]
        said += [
            obj.rodata.start.copy().limit,
            repr(obj.data),
            list(obj.bss.hits),
            len(obj.kconfig),
        ]
    with tinybpf.load(objects / "run.bpf.o") as obj:
        out = obj.program("on_packet").test_run(PACKET, repeat=2)
        said += [out.retval, out.data]
    with tinybpf.load(objects / "call.bpf.o") as obj:
        said += [obj.program("on_call").test_run(ctx=struct.pack("=3Q", 1, 2, 0)).ctx]
    kind = tinybpf.BpfMapType.ARRAY
    with tinybpf.BpfMap.create(kind, 4, 8, 4, flags=tinybpf.BPF_F_MMAPABLE) as m:
        with m.mmap() as view:
            view[8] = 3
        said += [m[1]]
        m.freeze()
    return said


def streams(objects: Path, pins: Path) -> Any:
    """A ring buffer read by callbacks, by a loop, in lists and in columns."""
    said: list[Any] = []
    with tinybpf.load(objects / "ring.bpf.o") as obj:
        producer = traffic.Producer(obj).setup(count=3, size=32)
        with obj.attach() as links:
            said += [len(links), links[0].fd > 0]
            with tinybpf.BpfRingBuffer() as ring:
                ring.add(obj.maps["events"], lambda event: said.append(len(bytes(event))))
                producer.fire()
                said += [ring.poll(1000), ring.consume(), repr(ring)]
            with tinybpf.BpfRingBuffer(obj.maps["events"], event_type="config") as ring:
                producer.fire()
                said += [ring.poll(1000), next(ring).count >= 0, next(ring).cookie >= 0]
                producer.fire(2)
                said.append(len(ring.read(max_events=3, timeout=1.0)))
                columns = ring.read_columns(timeout=1.0)
                said += [len(columns), list(columns), list(columns["count"])[:0]]
    return said


def awaited(objects: Path, pins: Path) -> Any:
    """A ring buffer read in asyncio."""
    with tinybpf.load(objects / "ring.bpf.o") as obj, obj.attach():
        producer = traffic.Producer(obj).setup(count=3, size=32)
        with tinybpf.BpfRingBuffer(obj.maps["events"], event_type="config") as ring:
            producer.fire()
            return in_loop(next_size(ring))


def in_loop(coroutine: Any) -> Any:
    """Run in a loop that is closed whatever fails; asyncio.run() may leave its own open."""
    with contextlib.closing(coroutine):
        loop = asyncio.new_event_loop()
        try:
            return loop.run_until_complete(coroutine)
        finally:
            loop.close()


async def next_size(ring: Any) -> int:
    """Return the size of the next event in asyncio."""
    async for event in ring:
        return len(bytes(event))
    return 0


def perf(objects: Path, pins: Path) -> Any:
    """A perf buffer, read by a callback."""
    said: list[Any] = []
    with tinybpf.load(objects / "perf.bpf.o") as obj, obj.attach():
        producer = traffic.Producer(obj).setup(count=2, size=16)

        def seen(cpu: int, data: bytes) -> None:
            said.append(len(data) >= 16)

        with tinybpf.BpfPerfBuffer(obj.maps["events"], seen) as buffer:
            producer.fire()
            said += [buffer.poll(1000), buffer.consume(), buffer.lost]
    return said


def made(objects: Path, pins: Path) -> Any:
    """Maps of many kinds, made, opened again, and put into one another."""
    kinds = tinybpf.BpfMapType
    said: list[Any] = []
    with tinybpf.BpfMap.create(kinds.HASH, 4, 8, 99, name="mine") as raw:
        m = raw.typed(int, int)
        m.update({i: i for i in range(50)})
        with tinybpf.BpfMap.from_id(m.id) as again, tinybpf.BpfMap.from_fd(m.fd) as third:
            said += [again[bytes([3, 0, 0, 0])], third.name, len(dict(again.items()))]
        said += [m.setdefault(3, 4), m.lookup_and_delete(4), len(m.keys()), m.get(999)]
        m.clear()
        said += [len(m), sum(1 for _ in m)]
    with tinybpf.BpfMap.create(kinds.QUEUE, 0, 8, 4) as queue:
        queue.push(bytes(8))
        said += [queue.peek(), queue.pop()]
    with tinybpf.BpfMap.create(kinds.LPM_TRIE, 8, 4, 4, flags=tinybpf.BPF_F_NO_PREALLOC) as lpm:
        lpm["10.0.0.0/8"] = bytes(4)
        said += [lpm["10.1.1.1/32"], repr(lpm.network(next(iter(lpm))))]
    with tinybpf.load(objects / "nested.bpf.o") as obj:
        outer = obj.maps["outer"]
        with outer.create_inner() as inner:
            outer[0] = inner
            inner[1] = 6
        obj.maps["progs"][0] = obj.program("drop")
        said += [obj.program("jump").test_run(PACKET).retval, outer[0][1]]
        said += [obj.program("count").test_run(PACKET).retval]
    return repr(said)


def pinned(objects: Path, pins: Path) -> Any:
    """Pins of maps and links, and what is opened by them."""
    path = objects / "typed.bpf.o"
    with tinybpf.load(path) as obj, obj.program("produce").attach() as link:
        flows = obj.maps["flows"]
        flows.pin(pins / "flows")
        link.pin(pins / "link")
        flows[(1, 2)] = (3, 4)
        with tinybpf.open_pinned_map(pins / "flows") as again:
            said: list[Any] = [repr(next(iter(again))), again.info.name]
        with tinybpf.open_pinned_map(pins / "flows", key_type=Flow, value_type=Stats) as again:
            said += [again[Flow(1, 2)].packets]
        with tinybpf.open(path) as other:
            other.maps["flows"].reuse(flows)
            said += [other.load().maps["flows"].id == flows.id]
        link.unpin()
        flows.unpin(pins / "flows")
        said += [repr(link)[:16], list(pins.iterdir())]
    return said


def types(objects: Path, pins: Path) -> Any:
    """BTF of the kernel and of files, as types, as C, as classes, and for a load."""
    path = objects / "btf_core.bpf.o"
    small = tinybpf.Btf.kernel().minimize(path)
    btf = tinybpf.Btf.file(path)
    said: list[Any] = [btf.names()[:4], btf["upid"].fields, btf.find("no such"), len(btf)]
    said += [btf.dump("upid"), small.dump(), btf.classes.upid(nr=4).nr, len(list(btf.types()))]
    again = tinybpf.Btf.parse(bytes(small))
    said += [[t.name for t in again][:5], repr(again)]
    with tinybpf.load(path, btf=bytes(small)) as obj, obj.attach():
        said += [obj.program("on_trigger").info.name]
    return said


def commands(objects: Path, pins: Path) -> Any:
    """What `python -m tinybpf` prints of an object."""
    from tinybpf import __main__ as main

    path = str(objects / "typed.bpf.o")
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        for words in (["inspect", path], ["stubs", path], ["btf", "pid"]):
            args: argparse.Namespace = main._parser().parse_args(words)
            args.run(args)
    return out.getvalue()


def rows(objects: Path, pins: Path) -> Any:
    """Records as lines: what the source says by tags, fields, filters, a function."""
    with tinybpf.open(objects / "direct.bpf.o") as obj:
        assert obj.btf is not None
        event = obj.types.event
        said: list[Any] = [len(_core._tags(obj.btf)), [f[0] for f in _core._fields(event)]]
        said.append(_core._kind(obj.maps["events"]))
        events = [event(comm=name, color=7) for name in ("x", "yy", "\x1b")]
        for is_json in (True, False):
            lines = _core.Rows(
                event,
                [(b"<", "comm", 9, None), (b"|", "from.pid", 0, str), (b"|", "from", 0, None)],
                b">\n",
                [("color", "==", "GREEN", None), ("comm", "~", "*", None)],
                is_json,
            )
            said.append(lines.format(events))
    return said


def linked(objects: Path, pins: Path) -> Any:
    """Link objects that are files and bytes, and load what comes out."""
    data = tinybpf.link(objects / "linked.bpf.o", (objects / "linked_with.bpf.o").read_bytes())
    with tinybpf.open_bytes(data) as obj:
        return [len(data), list(obj.load().maps), list(obj.programs)]


def system(objects: Path, pins: Path) -> Any:
    """Features, of which a failure makes no wrong "no", and an object tried out."""
    from tinybpf._command import caps, doctor

    features = tinybpf.Features()
    asked = [features.map_types[name] for name in ("HASH", "RINGBUF", "SK_STORAGE")]
    asked += [features.program_types[name] for name in ("XDP", "TRACING")]
    asked += [features.attach_kinds["raw_tracepoint"], features.attach_kinds["iter"]]
    asked += [features.helpers["XDP"]["redirect"]]
    said: list[Any] = [found.name for found in asked if found.supported is not False]
    said += [features.kernel.machine, sorted(features.kernel.mounts)]
    with tinybpf.open(objects / "counts.bpf.o") as obj:
        said += [caps.describe(obj, str(objects / "counts.bpf.o"))["capabilities"]]
    found = doctor.examine(str(objects / "core.bpf.o"))
    return [*said, bool(found["rows"]), found["object"] is not None]


def listed(objects: Path, pins: Path) -> Any:
    """Find what was loaded in the kernel's lists, use it, and ask who holds it."""
    with tinybpf.load(objects / "typed.bpf.o") as obj, obj.attach():
        flows, program = obj.maps["flows"], obj.programs["produce"]
        flows[(1, 2)] = (3, 4)
        flows.pin(pins / "flows")
        found = next(m for m in tinybpf.iter_maps() if m.id == flows.id)
        said: list[Any] = [len(found.holders()), len(found.pins()), found.info.max_entries]
        # bytes, where the map's types are not to be had
        said += [getattr(key, "saddr", None) for key in found]
        same = next(p for p in tinybpf.iter_programs() if p.id == program.id)
        said += [same.info.name, same.fd >= 0, len(same.holders())]
        wanted = flows.info.btf_id
        btf = next(btf for btf in tinybpf.iter_btfs() if btf.id == wanted)
        said += [btf.load()["flow"].size, len(str(obj.stats()).splitlines())]
        flows.unpin(pins / "flows")
        return said


@functools.cache
def places() -> "tuple[int, int, ctypes.c_char]":
    """Return functions of the kernel and of this interpreter, and room for compiled code."""
    with open("/proc/kallsyms") as lines:
        kernel = next(
            int(line.split()[0], 16) for line in lines if line.endswith(" vfs_read\n")
        )
    user = ctypes.cast(ctypes.pythonapi.Py_IncRef, ctypes.c_void_p).value or 0
    mode = mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
    return kernel, user, ctypes.c_char.from_buffer(mmap.mmap(-1, mmap.PAGESIZE, prot=mode))


def named(objects: Path, pins: Path) -> Any:
    """Name addresses of the kernel, of files, and of what a compiler wrote."""
    symbols, (kernel, user, room) = tinybpf.Symbols(), places()
    said: list[Any] = [str(symbol) for symbol in symbols.kernel([kernel + 2, 5])]
    said += [symbols.user(os.getpid(), [user + 1])[0].name]
    said += [symbols.file(sys.executable, [2**62])[0].name]
    compiled, written = ctypes.addressof(room), Path(f"/tmp/perf-{os.getpid()}.map")
    try:
        written.write_text(f"{compiled:x} 10 compiled\n")
        said += [symbols.observe(os.getpid()), symbols.user(os.getpid(), [compiled])[0].name]
    finally:
        written.unlink()
    return said


def first(objects: Path, pins: Path) -> Any:
    """What a process does once: the kernel's types, the enums, a first object."""
    btf = tinybpf.Btf.kernel()
    said = [btf["upid"].kind.name, "task_struct" in btf, tinybpf.BpfMapType.HASH.name]
    with tinybpf.load(objects / "btf_core.bpf.o") as obj, obj.attach():
        said += [type(obj.types.upid(nr=1)).__name__, obj.program("on_trigger").type.name]
    return said


def standing() -> list[Any]:
    """Return who this thread is, and which capabilities it has in which set."""
    text = Path("/proc/thread-self/status").read_text()
    rows = dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)
    ids = [rows[name].split() for name in ("Uid", "Gid", "Groups", "NoNewPrivs")]
    return [*ids, [int(rows[f"Cap{name}"], 16) for name in ("Inh", "Prm", "Eff", "Bnd", "Amb")]]


def drop() -> None:
    """Keep CAP_PERFMON alone, as nobody; an error that says so has left all as it was."""
    before = standing()
    try:
        tinybpf.drop_privileges(("perfmon",), "nobody")
    except tinybpf.BpfPermissionError as error:
        if "did nothing" in str(error) and standing() != before:
            raise AssertionError(standing()) from error
        raise


def dropped(objects: Path, pins: Path) -> Any:
    """Give up privileges: what is left is what was said, and what is open works."""
    keep, more = 1 << 38, 1 << 39  # CAP_PERFMON; CAP_BPF, where a warning tells of it
    got: list[bytes] = []
    with tinybpf.load(objects / "ring.bpf.o") as obj, obj.attach():
        producer = traffic.Producer(obj).setup(count=3, size=32)
        with tinybpf.BpfRingBuffer(obj.maps["events"], got.append) as ring:
            with warnings.catch_warnings(record=True) as warned:
                warnings.simplefilter("always")
                drop()
            left = standing()
            keep |= more if warned else 0
            assert left[3:] == [["1"], [0, keep, keep, keep, 0]], left
            producer.fire()
            return [left, ring.poll(1000), len(got)]


# Those of a process that has done nothing yet, and those of one that has done all once.
COLD: dict[str, Scenario] = {"first": first}
SCENARIOS: dict[str, Scenario] = {
    scenario.__name__: scenario
    for scenario in (
        settings,
        records,
        typed,
        memory,
        streams,
        awaited,
        perf,
        rows,
        linked,
        listed,
        named,
        pinned,
        types,
        commands,
        system,
        # Behind those that list all maps: Linux 6.18 was seen to keep a prog array for ever
        # that was opened by its id while it was released (prog_array_map_clear of
        # kernel/bpf/arraymap.c may take a reference for work that is under way already).
        made,
    )
}
# What no other can come behind in a process: it is not warmed up.
LAST: dict[str, Scenario] = {"dropped": dropped}
ALL = {**COLD, **SCENARIOS, **LAST}
# asyncio logs what a step of a task raises, and then waits for ever.
NOT_OF_PYTHON = ("awaited",)
