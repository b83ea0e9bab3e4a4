# SPDX-License-Identifier: MIT
"""Memory shared with the kernel: mmapable arrays and arenas."""

import errno
import gc
import mmap
import pathlib
import struct
from typing import Any

import pytest

import tinybpf
from support.gating import kernel
from support.objects import Load
from tinybpf import BpfMap, BpfMapType


def is_mapped() -> int:
    """Return how many mappings of maps this process has."""
    return pathlib.Path("/proc/self/maps").read_text().count("bpf-map")


@kernel("5.5", "mmapable arrays")
def test_program_and_user_share_the_memory(load: Load) -> None:
    """What one writes, the other sees, without a system call between."""
    obj = load("memory")
    shared = obj.maps["shared"]
    view = shared.mmap().cast("Q")
    assert len(view) == 4
    view[1] = 40
    obj.programs["add"].test_run(ctx=struct.pack("Q", 2))
    assert view[1] == 42 == shared[1]
    shared[3] = 2**63
    assert list(view) == [0, 42, 0, 2**63]


@kernel("5.5", "mmapable arrays")
def test_values_stand_at_multiples_of_eight(load: Load) -> None:
    """A value of 12 bytes takes 16, as in the kernel; many pages are one view."""
    wide = load("memory").maps["wide"]
    view = wide.mmap()
    assert len(view) == 2000 * 16
    wide[1999] = b"twelve bytes"
    assert bytes(view[1999 * 16 : 1999 * 16 + 12]) == b"twelve bytes"


@kernel("5.5", "mmapable arrays")
def test_readonly_memory(load: Load) -> None:
    """mmap(writable=False) cannot be written, and a frozen map gives no other."""
    shared = load("memory").maps["shared"]
    view: Any = shared.mmap(writable=False)
    assert view.readonly
    with pytest.raises(TypeError, match="read-only"):
        view[0] = 1
    shared.freeze()
    with pytest.raises(tinybpf.BpfError, match=r"mmap\(writable=False\)") as caught:
        shared.mmap()
    assert caught.value.errno == errno.EPERM
    assert shared.mmap(writable=False)[0] == 0


@kernel("5.5", "mmapable arrays")
def test_writable_memory_hinders_freezing(load: Load) -> None:
    """freeze() says so; once the memory is gone it works."""
    shared = load("memory").maps["shared"]
    view = shared.mmap()
    with pytest.raises(tinybpf.BpfError, match="mapped writable") as caught:
        shared.freeze()
    assert caught.value.errno == errno.EBUSY
    view.release()
    shared.freeze()


@kernel("5.5", "mmapable arrays")
def test_views_outlive_the_map(load: Load) -> None:
    """The memory stays until the last view of it is gone, whatever is closed."""
    obj = load("memory")
    view = obj.maps["shared"].mmap()
    part = view[8:16]
    view[8] = 77
    obj.close()
    assert part[0] == 77
    view.release()
    part[0] = 78
    assert part.cast("Q")[0] == 78
    gc.collect()
    before = is_mapped()
    del part, view
    gc.collect()
    assert is_mapped() == before - 1


def test_other_maps_have_no_memory(load: Load) -> None:
    """Without BPF_F_MMAPABLE, and for other kinds, mmap() says what is needed."""
    obj = load("memory")
    with pytest.raises(tinybpf.BpfError, match=r"'closed'.*BPF_F_MMAPABLE"):
        obj.maps["closed"].mmap()
    with BpfMap.create(BpfMapType.HASH, 4, 4, 4) as other:
        with pytest.raises(tinybpf.BpfError, match="only arenas, and arrays"):
            other.mmap()
    obj.close()
    with pytest.raises(tinybpf.BpfClosedError):
        obj.maps["shared"].mmap()


@kernel("6.9", "arena")
def test_arena_of_an_object(load: Load) -> None:
    """The memory is what libbpf has mapped; it outlives close() as long as it is seen."""
    obj = load("arena")
    arena = obj.maps["arena"]
    view = arena.mmap()
    assert len(view) == 2 * mmap.PAGESIZE
    view[mmap.PAGESIZE] = 9
    assert arena.mmap()[mmap.PAGESIZE] == 9
    assert arena.mmap(writable=False).readonly
    obj.close()
    assert view[mmap.PAGESIZE] == 9
    view[0] = 1


@kernel("6.9", "arena")
def test_created_arena() -> None:
    """Its pages have one address: all views are of one mapping, also after others went."""
    with BpfMap.create(BpfMapType.ARENA, max_entries=4) as arena:
        view = arena.mmap()
        assert len(view) == 4 * mmap.PAGESIZE
        view[5] = 55
        view.release()
        again = arena.mmap()
        assert again[5] == 55
        with BpfMap.from_fd(arena.fd) as other:
            with pytest.raises(tinybpf.BpfError, match="mapped the arena already"):
                other.mmap()
    assert again[5] == 55
    with pytest.raises(tinybpf.BpfClosedError):
        arena.mmap()


@kernel("6.9", "arena")
def test_arena_has_no_keys(load: Load) -> None:
    """Access by key names mmap()."""
    arena: Any = load("arena").maps["arena"]
    with pytest.raises(tinybpf.BpfError, match=r"arena has no keys; use mmap\(\)"):
        arena[0]
