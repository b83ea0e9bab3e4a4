# SPDX-License-Identifier: MIT
"""Typical use, as a program under mypy --strict sees it. Checked, never run."""

import ctypes
import pathlib
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any, Optional

from typing_extensions import assert_type

import tinybpf


def load_and_attach(path: pathlib.Path) -> None:
    """Load from any kind of path; both context managers give the thing itself."""
    with tinybpf.load(path) as obj, obj.attach() as links:
        assert_type(obj, tinybpf.BpfObject)
        assert_type(links, tinybpf.BpfLinks)
        assert_type(len(links), int)
        assert_type(links[0], tinybpf.BpfLink)
        for link in links:
            assert_type(link.fd, int)
    tinybpf.load("tool.bpf.o").close()
    tinybpf.load(b"tool.bpf.o").close()
    tinybpf.open(path, rodata={"x": 1}, maps={"m": {"max_entries": 1}}, autoload=["p"]).close()
    tinybpf.open_bytes(b"", rodata={"x": 1}, maps={}, autoload={"p": False}).close()


def look_around(obj: tinybpf.BpfObject) -> None:
    """The collections are mappings from names."""
    assert_type(obj.maps["counts"], tinybpf.BpfMap)
    assert_type(obj.map("counts"), tinybpf.BpfMap)
    assert_type(obj.programs["main"], tinybpf.BpfProgram)
    assert_type(obj.programs.get("main"), Optional[tinybpf.BpfProgram])
    names: list[str] = [*obj.programs, *obj.maps]
    maps: Mapping[str, tinybpf.BpfMap] = obj.maps
    for program in obj.programs.values():
        assert_type(program.type, tinybpf.BpfProgType)
        assert_type(program.section, str)
        with program.attach() as link:
            assert_type(link, tinybpf.BpfLink)
    print(names, maps, obj.name, obj.path)


def use_a_map(counts: tinybpf.BpfMap) -> None:
    """A map holds what its BTF says, which the stub cannot know."""
    counts[1234] = 0
    counts.update(1234, 1, flags=tinybpf.BPF_EXIST)
    del counts[1234]
    assert_type(counts.delete(1234), bool)
    assert_type(counts.type, tinybpf.BpfMapType)
    assert_type(counts.type is tinybpf.BpfMapType.HASH, bool)
    total: int = sum(counts.values())
    default: int = counts.get(1, 0)
    for pid, n in sorted(counts.items(), key=lambda kv: -kv[1])[:10]:
        print(pid, n, total, default)
    walk: Iterator[Any] = iter(counts)
    print(next(walk), next(counts.keys()), len(counts), 3 in counts)


def use_other_kinds_of_map(obj: tinybpf.BpfObject) -> None:
    """What is particular to kinds of map has methods; the rest is a mapping."""
    obj.maps["programs"][0] = obj.programs["drop"]
    with obj.maps["outer"].create_inner(max_entries=8) as inner:
        assert_type(inner, tinybpf.BpfMap)
        obj.maps["outer"][0] = inner
    queue = obj.maps["queue"]
    queue.push(1, flags=tinybpf.BPF_EXIST)
    print(queue.peek(), queue.pop(), queue.pop(None))
    obj.maps["routes"]["10.0.0.0/8"] = 1
    print([obj.maps["routes"].network(key).prefixlen for key in obj.maps["routes"]])
    with tinybpf.BpfMap.create(tinybpf.BpfMapType.HASH, 4, 8, 1024, name="mine") as mine:
        assert_type(mine.delete_many([b"key1"]), int)
        assert_type(mine.id, int)
        mine.lookup(b"key1", flags=tinybpf.BPF_F_LOCK)
    memory: memoryview = obj.maps["shared"].mmap(writable=False)
    print(memory[0], tinybpf.BpfMap.from_id(5), tinybpf.BpfMap.from_fd(5))


def use_a_map_as_a_mapping(counts: "tinybpf.BpfMap[int, int]") -> None:
    """A program that knows the types of its map can say them."""
    mapping: MutableMapping[int, int] = counts
    counts.update({1: 2})
    counts.update([(1, 2)], flags=tinybpf.BPF_NOEXIST)
    counts.update(counts)
    assert_type(counts[1], int)
    assert_type(counts.get(1), Optional[int])
    assert_type(counts.pop(1), int)
    assert_type(counts.pop(1, None), Optional[int])
    assert_type(counts.popitem(), tuple[int, int])
    assert_type(counts.setdefault(1, 0), int)
    assert_type(sorted(counts.items()), list[tuple[int, int]])
    assert_type(counts.lookup_percpu(1), Optional[list[Any]])
    with counts.drain() as drain:
        assert_type(next(drain), tuple[int, int])
        assert_type(list(drain), list[tuple[int, int]])
    cols = counts.read_columns()
    assert_type(cols["value.bytes"], "memoryview[Any]")
    assert_type(cols.schema, dict[str, str])
    assert_type(list(cols), list[str])
    mapping.clear()


def keep_a_map(counts: tinybpf.BpfMap, path: pathlib.Path) -> tinybpf.MapInfo:
    """A pinned map is opened by itself."""
    counts.pin(path)
    with tinybpf.open_pinned_map(path) as again:
        assert_type(again, tinybpf.BpfMap)
        assert_type(again.is_standalone, bool)
        assert_type(again.info.type, tinybpf.BpfMapType)
    counts.unpin(path)
    return counts.info


class Flow(ctypes.Structure):
    """A key, declared by hand."""

    _fields_ = (("saddr", ctypes.c_uint32), ("sport", ctypes.c_uint16))


def type_a_map(flows: tinybpf.BpfMap, path: pathlib.Path) -> None:
    """What typed() is given is what the map is a mapping of."""
    both = flows.typed(key=Flow, value=ctypes.c_uint64)
    assert_type(both, tinybpf.BpfMap[Flow, int])
    assert_type(flows.typed(ctypes.c_int32, ctypes.c_double), tinybpf.BpfMap[int, float])
    assert_type(flows.typed(key=ctypes.c_int32), tinybpf.BpfMap[int, Any])
    assert_type(flows.typed(Flow), tinybpf.BpfMap[Flow, Any])
    assert_type(both.typed(value=int), tinybpf.BpfMap[Flow, int])
    with tinybpf.open_pinned_map(path, ctypes.c_uint32, ctypes.c_bool) as numbers:
        assert_type(numbers, tinybpf.BpfMap[int, bool])
    with tinybpf.open_pinned_map(path, key_type=Flow, value_type=int) as pinned:
        assert_type(pinned, tinybpf.BpfMap[Flow, int])
        for flow, count in pinned.items():
            print(flow.saddr, count + 1)


def read_events(obj: tinybpf.BpfObject) -> int:
    """Callbacks take bytes and return an int or nothing."""

    def count(data: bytes) -> Optional[int]:
        return -1 if data else None

    def ignore(data: bytes) -> None:
        print(data)

    with tinybpf.BpfRingBuffer(obj.maps["events"], count) as ring:
        ring.add(obj.maps["more"], ignore)
        ring.add(obj.maps["others"], callback=lambda data: None)
        assert_type(ring.poll(timeout_ms=100), int)
        assert_type(ring.consume(), int)
        assert_type(ring.fileno(), int)
        return ring.poll()


def iterate_events(ring: tinybpf.BpfRingBuffer) -> None:
    """A buffer without callbacks is an iterator of bytes."""
    for data in ring:
        assert_type(data, bytes)
    assert_type(next(ring), bytes)


def view_events(obj: tinybpf.BpfObject) -> None:
    """Callbacks of a buffer with as_memoryview take memoryviews."""

    def look(data: memoryview) -> None:
        print(data.nbytes)

    with tinybpf.BpfRingBuffer(obj.maps["events"], look, as_memoryview=True) as ring:
        ring.add(obj.maps["more"], look, as_memoryview=True)


def read_typed_events(obj: tinybpf.BpfObject) -> None:
    """What event_type says is what callbacks and loops get."""

    def look(flow: Flow) -> None:
        print(flow.saddr)

    def look_at(cpu: int, flow: Flow) -> None:
        print(cpu, flow.saddr)

    ring = tinybpf.BpfRingBuffer(
        obj.maps["events"], event_type=Flow, validate_btf_struct="flow"
    )
    assert_type(ring, tinybpf.BpfRingBuffer[Flow])
    for flow in ring:
        assert_type(flow, Flow)
    calling = tinybpf.BpfRingBuffer(obj.maps["events"], look, event_type=Flow)
    calling.add(obj.maps["more"], look)
    tinybpf.BpfPerfBuffer(obj.maps["perf"], look_at, event_type=Flow)


async def await_typed_events(ring: "tinybpf.BpfRingBuffer[Flow]") -> None:
    """The same in asyncio."""
    async for flow in ring:
        assert_type(flow, Flow)
    async for event in ring.events():
        assert_type(event, "tinybpf.RingBufferEvent[Flow]")
        assert_type(event.data, Flow)


def register_types(obj: tinybpf.BpfObject) -> None:
    """Names of C and classes of Python."""
    obj.register_type("flow", Flow, validate_field_names=False)
    assert_type(obj.lookup_type("flow"), Optional[type[Any]])
    assert_type(obj.lookup_btf_name(Flow), Optional[str])


def read_perf_events(obj: tinybpf.BpfObject) -> None:
    """Callbacks of a perf buffer take the CPU's number, too."""

    def sample(cpu: int, data: bytes) -> None:
        print(cpu, data)

    def lost(cpu: int, count: int) -> None:
        print(cpu, count)

    with tinybpf.BpfPerfBuffer(obj.maps["perf"], sample, lost, page_count=8) as buffer:
        assert_type(buffer.poll(100), int)
        assert_type(buffer.lost, int)


async def await_events(ring: tinybpf.BpfRingBuffer) -> None:
    """The same in asyncio."""
    async with ring as same:
        assert_type(same, tinybpf.BpfRingBuffer)
        assert_type(await ring.poll_async(timeout_ms=100), int)
        async for data in ring:
            assert_type(data, bytes)
        async for event in ring.events():
            assert_type(event, tinybpf.RingBufferEvent)
            assert_type(event.map_name, str)
            assert_type(event.data, bytes)


def handle_errors(path: str) -> str:
    """Each class carries errno and the log."""
    try:
        tinybpf.load(path)
    except tinybpf.BpfVerifierError as error:
        assert_type(error.libbpf_log, str)
        return error.libbpf_log
    except tinybpf.BpfPermissionError as error:
        assert_type(error.errno, int)
        permission: PermissionError = error
        return str(permission)
    except tinybpf.BtfValidationError as error:
        assert_type(error.suggestions, list[str])
    except tinybpf.BpfError as error:
        assert_type(error.errno, int)
    raise tinybpf.BpfError("message", errno=1, libbpf_log="log")


def say_versions() -> str:
    """Versions are text."""
    assert_type(tinybpf.version(), str)
    assert_type(tinybpf.libbpf_version(), str)
    assert_type(tinybpf.__version__, str)
    return tinybpf.__version__
