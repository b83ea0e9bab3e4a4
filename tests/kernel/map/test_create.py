# SPDX-License-Identifier: MIT
"""Maps made by themselves, and maps opened by descriptor or id."""

import errno
import gc
import os
import pathlib
from typing import Any

import pytest

import tinybpf
from support import child
from support.gating import kernel
from support.objects import Load
from tinybpf import BpfMap, BpfMapType

KINDS = ("HASH", "LRU_HASH", "PERCPU_HASH", "LRU_PERCPU_HASH", "ARRAY", "PERCPU_ARRAY")


def small(kind: str = "HASH", **more: Any) -> BpfMap:
    """Create a map u32 -> 8 bytes of 16 entries."""
    sizes = {"key_size": 4, "value_size": 8, "max_entries": 16, **more}
    return BpfMap.create(BpfMapType[kind], **sizes)


@pytest.mark.parametrize("kind", KINDS)
def test_created_map_is_what_was_asked_for(kind: str) -> None:
    """The kernel has a map of that kind, name and size."""
    with small(kind, name="mine") as m:
        assert (m.name, m.type, m.is_standalone) == ("mine", BpfMapType[kind], True)
        assert (m.key_size, m.value_size, m.max_entries) == (4, 8, 16)
        key: Any = 1 if "ARRAY" in kind else b"key1"
        value: Any = b"12345678"
        if m.is_percpu:
            value = [value] * len(m.setdefault(key, [bytes(8)] * len(cpus())))
        m[key] = value
        assert m[key] == value
        info = m.info
        assert info.id == m.id
        assert info.id is not None
        assert info.id > 0


def cpus() -> range:
    """Return the possible CPUs."""
    last = pathlib.Path("/sys/devices/system/cpu/possible").read_text().strip()
    return range(int(last.rpartition("-")[2]) + 1)


def test_what_has_one_choice_is_filled_in() -> None:
    """Indices have 4 bytes, descriptors too; tries and arenas have flags that they need."""
    with BpfMap.create(BpfMapType.PROG_ARRAY, max_entries=2) as m:
        assert (m.key_size, m.value_size) == (4, 4)
    with BpfMap.create(BpfMapType.ARRAY, value_size=1, max_entries=2) as m:
        assert m.key_size == 4
    with BpfMap.create(BpfMapType.LPM_TRIE, 8, 1, 2) as m:
        assert m.info.flags == tinybpf.BPF_F_NO_PREALLOC
    with BpfMap.create(BpfMapType.RINGBUF, max_entries=4096) as m:
        assert (m.key_size, m.value_size) == (0, 0)


def test_flags_and_node_reach_the_kernel() -> None:
    """info.flags are those given; numa_node sets its own."""
    bpf_f_numa_node = 4
    with small(flags=tinybpf.BPF_F_NO_PREALLOC, numa_node=0) as m:
        assert m.info.flags == tinybpf.BPF_F_NO_PREALLOC | bpf_f_numa_node
    with small("LRU_HASH", flags=tinybpf.BPF_F_NO_COMMON_LRU) as m:
        assert m.info.flags == tinybpf.BPF_F_NO_COMMON_LRU


HINTS = {
    "no entries": ({"type": 1, "key_size": 4, "value_size": 4}, "max_entries must not be 0"),
    "no key": ({"type": 1, "value_size": 4, "max_entries": 1}, "key_size must not be 0"),
    "no value": ({"type": 1, "key_size": 4, "max_entries": 1}, "value_size must not be 0"),
    "index": (
        {"type": 2, "key_size": 8, "value_size": 4, "max_entries": 1},
        "key_size must be 4",
    ),
    "queue": (
        {"type": 22, "key_size": 4, "value_size": 4, "max_entries": 1},
        "key_size must be 0",
    ),
    "ring": ({"type": 27, "max_entries": 5000}, "power of 2"),
    "nested": ({"type": 12, "max_entries": 1}, "inner_map is missing"),
}


@pytest.mark.parametrize(("how", "match"), HINTS.values(), ids=HINTS.keys())
def test_refused_creation_says_why(how: dict[str, int], match: str) -> None:
    """The kernel only says EINVAL; the error names what is wrong."""
    words = rf"creation of map 'odd' .* failed: Invalid argument\n  .*{match}"
    with pytest.raises(tinybpf.BpfError, match=words) as caught:
        BpfMap.create(name="odd", **how)
    assert caught.value.errno == errno.EINVAL


@pytest.mark.parametrize("name", ["x" * 16, "a b", "a/b", "ä"])
def test_name_must_be_one_of_the_kernel(name: str) -> None:
    """A name that the kernel would refuse or cut is a ValueError."""
    with pytest.raises(ValueError, match="not a map's name"):
        small(name=name)


@pytest.mark.parametrize(
    "wrong", [{"type": "hash"}, {"inner_map": "x"}, {"numa_node": -1}, {"key_size": None}]
)
def test_wrong_arguments_are_refused(wrong: dict[str, Any]) -> None:
    """Arguments of a wrong type are TypeError, out of range OverflowError."""
    arguments = {"type": 1, "key_size": 4, "value_size": 4, "max_entries": 1, **wrong}
    with pytest.raises((TypeError, OverflowError)):
        BpfMap.create(**arguments)


def test_unclosed_map_warns() -> None:
    """A created map that is dropped open is closed with a ResourceWarning."""
    with pytest.warns(ResourceWarning, match="unclosed <BpfMap 'left'"):
        small(name="left")
        gc.collect()


def test_map_by_descriptor_is_a_second_handle(load: Load) -> None:
    """from_fd() duplicates: each handle is closed by itself."""
    counts = load("counts").maps["counts"]
    with BpfMap.from_fd(counts.fd) as other:
        assert other.fd != counts.fd
        assert other.id == counts.id
        assert not os.get_inheritable(other.fd)
        other[1] = 7
    assert counts[1] == 7
    with pytest.raises(tinybpf.BpfClosedError):
        other[1]


def test_map_by_descriptor_has_the_kernels_types(load: Load) -> None:
    """The BTF that the kernel keeps with the map gives keys and values their types."""
    counts = load("counts").maps["counts"]
    with BpfMap.from_fd(counts.fd) as by_fd, BpfMap.from_id(counts.id) as by_id:
        for found in (by_fd, by_id):
            found[2] = 2**40
            assert dict(found) == {2: 2**40}
            found.clear()


def test_map_by_id_outlives_its_object(load: Load) -> None:
    """A map opened by id is kept in the kernel by its own descriptor."""
    obj = load("counts")
    obj.maps["counts"][5] = 6
    with BpfMap.from_id(obj.maps["counts"].id) as found:
        obj.close()
        assert found[5] == 6


def test_id_that_is_gone() -> None:
    """An id without a map is BpfError with ENOENT, named by the id."""
    with small() as m:
        number = m.id
    with pytest.raises(tinybpf.BpfError, match="no map 4294967295") as caught:
        BpfMap.from_id(2**32 - 1)
    assert caught.value.errno == errno.ENOENT
    assert number > 0


@pytest.mark.parametrize("wrong", [-1, 2**32, "1", None, 1.5])
def test_what_is_no_id_is_refused(wrong: Any) -> None:
    """Ids are numbers of 32 bits."""
    with pytest.raises((ValueError, TypeError, OverflowError)):
        BpfMap.from_id(wrong)


def test_descriptor_of_something_else(load: Load) -> None:
    """Files, programs and closed descriptors are told apart from maps."""
    obj = load("run")
    with open("/dev/null") as file:
        for fd in (file.fileno(), obj.programs["on_packet"].fd):
            with pytest.raises(tinybpf.BpfError, match="not a map"):
                BpfMap.from_fd(fd)
    with pytest.raises(OSError, match="descriptor"):
        BpfMap.from_fd(10**6)
    with pytest.raises(ValueError, match="not a descriptor"):
        BpfMap.from_fd(-1)


def test_info_of_the_kernel(load: Load) -> None:
    """info tells id, memory and BTF of an open map; of a closed one what stays true."""
    obj = load("counts")
    counts = obj.maps["counts"]
    info = counts.info
    assert info.memlock is not None
    assert info.memlock > 0
    assert info.frozen is False
    assert info.btf_id is not None
    assert info.btf_id > 0
    assert info.btf_key_type_id
    obj.close()
    assert counts.info == info
    assert counts.info.id is None


@kernel("5.2", "frozen maps")
def test_frozen_map_is_read_only() -> None:
    """freeze() ends writing by user space, for good, and info shows it."""
    with small("ARRAY") as m:
        m[0] = b"12345678"
        m.freeze()
        assert m.info.frozen is True
        assert m[0] == b"12345678"
        for use in (m.freeze, lambda: m.update({0: bytes(8)})):
            with pytest.raises(tinybpf.BpfError, match="frozen") as caught:
                use()
            assert caught.value.errno == errno.EPERM


def test_map_for_reading_or_writing_only() -> None:
    """What BPF_F_RDONLY and BPF_F_WRONLY forbid is refused with their name."""
    with small(flags=tinybpf.BPF_F_RDONLY) as m:
        with pytest.raises(tinybpf.BpfError, match="BPF_F_RDONLY"):
            m[b"key1"] = bytes(8)
        assert m.lookup(b"key1") is None
    with small(flags=tinybpf.BPF_F_WRONLY) as m:
        m[b"key1"] = bytes(8)
        with pytest.raises(tinybpf.BpfError, match="BPF_F_WRONLY"):
            m[b"key1"]


def test_map_of_all_cpus_needs_sysfs(tmp_path: pathlib.Path) -> None:
    """Where it is not mounted, the error says what to mount."""
    code = """
    import os, sys
    from tinybpf import BpfError, BpfMap, BpfMapType
    kind = BpfMapType.PERCPU_ARRAY
    os.chroot(sys.argv[1])
    try:
        BpfMap.create(kind, 4, 8, 1)
    except BpfError as e:
        print(type(e).__name__, str(e).partition(": ")[2])
    """
    said = child.output(code, tmp_path)
    assert "BpfError" in said
    assert "/sys/devices/system/cpu/possible is missing\n  mount -t sysfs sysfs /sys" in said
