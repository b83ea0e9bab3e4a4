# SPDX-License-Identifier: MIT
"""Btf.minimize(): the few types that objects need, and that they load with them."""

import pathlib
import random
from typing import Any

import pytest

import tinybpf
from support import btf, elf
from support.gating import kernel
from support.objects import Find, wait_for
from support.traffic import Trigger
from tinybpf import Btf, _core

pytestmark = kernel("5.7", "kernel BTF with what the program reads")


def answers(path: pathlib.Path, types: Any) -> list[int]:
    """Return what the program of btf_core found, relocated by these types."""
    trigger = Trigger()
    with tinybpf.load(path, btf=types) as obj:
        trigger.arm(obj)
        seen = obj.maps["btf_core.bss"]
        with obj.attach():
            trigger.fire()
            wait_for("the program's run", lambda: bytes(seen[0])[:8] != bytes(8))
        data = bytes(seen[0])
    return [int.from_bytes(data[at : at + 8], "little") for at in range(0, len(data), 8)]


def test_object_loads_with_its_part_of_the_types(bpf: Find) -> None:
    """With the minimised types a program reads what it reads with all of them."""
    path = bpf("btf_core")
    small = Btf.kernel().minimize(path)
    assert len(bytes(small)) < 4096
    found = answers(path, bytes(small))
    assert found == answers(path, None)
    assert found[7] == 16


def test_structs_keep_what_is_accessed(bpf: Find) -> None:
    """A struct keeps its size and the accessed members at their places, and no other."""
    kernel_types = Btf.kernel()
    small = kernel_types.minimize(bpf("core"))
    whole = kernel_types["task_struct"]
    kept = small["task_struct"]
    assert (kept.size, kept.c_name) == (whole.size, whole.c_name)
    assert {f.name for f in kept.fields} == {"pid", "tgid"}
    places = {f.name: f.bit_offset for f in whole.fields}
    assert all(places[f.name] == f.bit_offset for f in kept.fields)
    assert (small.name, small.base) == ("vmlinux", None)


def test_types_of_several_objects_are_united(bpf: Find) -> None:
    """Objects are paths or contents; what one of them needs is there; twice changes nothing."""
    kernel_types = Btf.kernel()
    both = kernel_types.minimize(bpf("core"), bpf("btf_core").read_bytes())
    assert {"pid", "thread_pid"} <= {f.name for f in both["task_struct"].fields}
    again = kernel_types.minimize(str(bpf("btf_core")), bpf("core"), bpf("core"))
    assert bytes(again) == bytes(both)
    assert "enum pid_type" in both
    assert "PIDTYPE_SID" in dict(both["pid_type"].values)


def test_object_without_relocations_needs_nothing(bpf: Find) -> None:
    """An object that reads nothing of the kernel's keeps no type."""
    assert len(Btf.kernel().minimize(bpf("counts"))) == 0
    assert len(Btf.kernel().minimize()) == 0


def test_what_is_no_object_is_refused(tmp_path: pathlib.Path) -> None:
    """A missing file is an OSError, other bytes a BpfError, another type a TypeError."""
    types = Btf.parse(btf.image([btf.integer()], b"\0int\0"))
    with pytest.raises(FileNotFoundError):
        types.minimize(tmp_path / "none")
    with pytest.raises(tinybpf.BpfError, match="is not an ELF file"):
        types.minimize(b"text")
    call: Any = types.minimize
    with pytest.raises(TypeError):
        call(1.5)


def test_relocations_say_where_and_what(bpf: Find) -> None:
    """Each relocation names its section, function, type and way."""
    path = bpf("core")
    types = Btf.file(path)
    found = _core._relocations(path)
    assert {(one[0].split("/")[0], one[1]) for one in found} == {("tracepoint", "on_trigger")}
    assert {types[one[3]].name for one in found} == {"task_struct"}
    assert sorted(one[4] for one in found) == ["0:0", "0:1"]


def test_damaged_relocations_never_crash(bpf: Find) -> None:
    """Whatever bits of an object are flipped: a BpfError, or an answer."""
    source = random.Random(20261123)
    whole = bpf("btf_core").read_bytes()
    types = Btf.file(bpf("btf_core"))
    for _ in range(1500):
        data = bytearray(whole)
        for _ in range(source.randrange(1, 6)):
            data[source.randrange(len(data))] ^= 1 << source.randrange(8)
        try:
            _core._relocations(data)
            types.minimize(data)
        except tinybpf.BpfError:
            pass


@pytest.mark.parametrize("kind", [btf.FUNC, btf.VAR, btf.TYPEDEF])
def test_types_that_no_value_has_are_left_out(kind: int) -> None:
    """What a relocation could mean by its name, and never means, leaves no number behind
    that is of no type: the result is one that can be read."""
    strings = b"\0socket\0s\0f\0int\0"
    socket, name, f, integer = (
        strings.index(b"\0" + n + b"\0") + 1 for n in (b"socket", b"s", b"f", b"int")
    )
    assert socket == 1
    more = {btf.FUNC: (), btf.VAR: (0,), btf.TYPEDEF: ()}[kind]
    to = {btf.FUNC: 2, btf.VAR: 1, btf.TYPEDEF: 4}[kind]
    types = [
        btf.integer(integer),
        btf.record(btf.FUNC_PROTO, 0, 1),
        btf.record(kind, name, to, *more),
        btf.record(btf.FUNC, f, 2),
    ]
    image = btf.image(types, strings + b"0\0")
    ext = btf.extension(1, [(0, 3, len(strings), 8)])  # BPF_CORE_TYPE_EXISTS
    small = Btf.parse(image).minimize(elf.typed(image, ext))
    again = Btf.parse(bytes(small))
    assert [t.name for t in again] == (["s"] if kind == btf.TYPEDEF else [])
    assert again.dump() == small.dump()
