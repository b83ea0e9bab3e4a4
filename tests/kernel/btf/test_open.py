# SPDX-License-Identifier: MIT
"""Where a Btf comes from, and what is said when there is none to be had."""

import pathlib
import random
import struct
from typing import Any, Callable

import pytest

import tinybpf
from support import btf, child
from support.gating import kernel
from support.objects import Find, Load
from tinybpf import Btf

KERNEL_BTF = kernel("5.4", "kernel BTF", config="CONFIG_DEBUG_INFO_BTF")

# Hides all places that the kernel's types can be in, in a mount namespace of its own.
HIDE = """
for place in /sys/kernel /boot /lib/modules /usr/lib/debug; do
    [ ! -d $place ] || mount -t tmpfs none $place
done
exec "$@"
"""
WITHOUT = """
import tinybpf
try:
    tinybpf.Btf.kernel()
except tinybpf.BpfNotSupportedError as error:
    print(error)
"""


@KERNEL_BTF
def test_all_ways_to_the_kernels_types_lead_there() -> None:
    """The kernel, its file, its bytes and its number give the same types."""
    types = Btf.kernel()
    path = "/sys/kernel/btf/vmlinux"
    others = [
        Btf.file(path),
        Btf.file(path.encode()),
        Btf.file(pathlib.Path(path)),
        Btf.parse(bytes(types)),
        Btf.parse(memoryview(bytes(types))),
    ]
    for other in others:
        assert len(other) == len(types)
        assert other["task_struct"] == types["task_struct"]
    assert types.name == "vmlinux"
    assert others[0].name == path
    assert others[3].name == "<bytes>"


@kernel("5.11", "names of BTF in the kernel")
def test_number_gives_what_the_kernel_keeps(load: Load) -> None:
    """The BTF of number 1 is the kernel's; that of a map has the map's types."""
    assert Btf.from_id(1).name == "vmlinux"
    assert "task_struct" in Btf.from_id(1)
    with pytest.raises(tinybpf.BpfError, match="id 4294967295 failed: No such file"):
        Btf.from_id(2**32 - 1)
    with pytest.raises(tinybpf.BpfError, match="failed: No such file"):
        Btf.from_id(2**40)


@kernel("5.11", "BTF of modules", config="CONFIG_DEBUG_INFO_BTF_MODULES")
def test_modules_go_on_from_the_kernel() -> None:
    """A module's types reach the kernel's; a module that is not there is named."""
    loaded = [p.name for p in pathlib.Path("/sys/kernel/btf").iterdir() if p.name != "vmlinux"]
    for name in loaded[:2]:
        found = Btf.module(name)
        assert found.base is not None
        assert (found.name, found.base.name) == (name, "vmlinux")
        assert "task_struct" in found
        assert len(found) < len(found.base)
    with pytest.raises(tinybpf.BpfError, match="no module 'no_such' with type information"):
        Btf.module("no_such")
    for wrong in ("", "a/b", "../vmlinux", "x" * 60):
        with pytest.raises(ValueError, match="no name of a module"):
            Btf.module(wrong)


def test_kernel_without_types_says_what_it_needs() -> None:
    """Without any BTF of the kernel: not supported, and the option's name."""
    done = child.finish(
        ["unshare", "--mount", "sh", "-ec", HIDE, "sh", *child.command(WITHOUT)]
    )
    assert done.returncode == 0, done.stderr
    assert "this kernel has no type information" in done.stdout
    assert "CONFIG_DEBUG_INFO_BTF" in done.stdout


def test_files_that_cannot_be_read_are_os_errors(tmp_path: pathlib.Path) -> None:
    """A missing file and a folder raise what open() raises, with the path."""
    for path, error in ((tmp_path / "none", FileNotFoundError), (tmp_path, IsADirectoryError)):
        with pytest.raises(error) as caught:
            Btf.file(path)
        assert str(caught.value.filename) == str(path)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "truncated: 0 bytes are less than a BTF header"),
        (b"\x9f\xeb\x01\x00", "truncated: 4 bytes"),
        (b"hello, world, this is text!", "no BTF: it begins with 0x6568 and not 0xeb9f"),
        (b"\x9f\xeb\x02" + b"\0" * 21, "its version is 2"),
        (btf.image([btf.integer()], b"\0int\0")[:-3], "truncated: 42 bytes of 45"),
        (b"\x7fELF" + b"\0" * 60, "an ELF file without a whole .BTF section"),
        (btf.image([btf.integer(name=99)], b"\0int\0"), "it is malformed"),
    ],
)
def test_bytes_that_are_no_types_are_explained(data: bytes, words: str) -> None:
    """Whatever is wrong with the bytes, the error says what, and of what name."""
    with pytest.raises(tinybpf.BpfError) as caught:
        Btf.parse(data, name="these")
    assert words in str(caught.value)
    assert "'these'" in str(caught.value)


# One type each that C cannot have; strings: 1 "int", 5 "a".
HOSTILE = {
    "a struct in itself": (btf.record(btf.STRUCT, 5, 4, 5, 2, 0, vlen=1), "holds itself"),
    "a typedef of itself": (btf.record(btf.TYPEDEF, 5, 2), "holds itself"),
    "an array of itself": (btf.record(btf.ARRAY, 0, 0, 2, 1, 4), "holds itself"),
    "a pointer to itself": (btf.record(btf.PTR, 0, 2), "holds itself"),
    "an int of no size": (btf.integer(5, 0), "has a size that no such type has"),
    "a field of type void": (
        btf.record(btf.STRUCT, 5, 4, 5, 0, 0, vlen=1),
        "has a part without a size",
    ),
    "an array of functions": (btf.record(btf.ARRAY, 0, 0, 3, 1, 4), "without a size"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_impossible_types_are_refused(name: str) -> None:
    """Types that hold themselves or have no size are refused before anybody walks them."""
    hostile, words = HOSTILE[name]
    types = [btf.integer(), hostile, btf.record(btf.FUNC_PROTO, 0, 1)]
    with pytest.raises(tinybpf.BpfError, match=f"malformed: type 2 .*{words}"):
        Btf.parse(btf.image(types, b"\0int\0a\0"))


def test_types_nested_without_end_are_refused() -> None:
    """A chain of pointers that would exhaust a stack is refused; a long one is not."""

    def chain(n: int) -> bytes:
        pointers = [btf.record(btf.PTR, 0, i + 1) for i in range(n)]
        return btf.image([btf.integer(), *pointers], b"\0int\0")

    assert len(Btf.parse(chain(100))) == 101
    with pytest.raises(tinybpf.BpfError, match="nested too deep"):
        Btf.parse(chain(100_000))


def walk(types: Btf) -> None:
    """Use all that a Btf can say of its types."""
    for found in types:
        repr(found)
    types.names()
    types.dump()
    bytes(types)


def attempt(make: Callable[[bytes], Btf], data: bytes) -> bool:
    """Tell whether bytes were taken for types; then they can be walked."""
    try:
        walk(make(data))
    except tinybpf.BpfError:
        return False
    return True


def test_cut_files_are_refused_or_read(bpf: Find) -> None:
    """An object that ends anywhere is refused, or its types are whole."""
    whole = bpf("btf_shapes").read_bytes()
    types = bytes(Btf.parse(whole))
    assert not any(attempt(Btf.parse, types[:end]) for end in range(0, len(types), 7))
    for end in range(0, len(whole), 97):
        attempt(Btf.parse, whole[:end])


def test_damaged_types_never_crash(bpf: Find) -> None:
    """Whatever bits of a BTF are flipped: it is refused, or what it says can be read."""
    source = random.Random(20261123)
    types = bytes(Btf.parse(bpf("btf_shapes").read_bytes()))
    taken = 0
    for _ in range(500):
        data = bytearray(types)
        for _ in range(source.randrange(1, 4)):
            at = source.randrange(len(data))
            data[at] ^= 1 << source.randrange(8)
        taken += attempt(Btf.parse, bytes(data))
    assert taken > 0


def test_base_must_be_a_btf() -> None:
    """Another base is a TypeError."""
    parse: Any = Btf.parse
    with pytest.raises(TypeError, match="base is a Btf or None"):
        parse(b"", base="vmlinux")


def test_types_of_the_other_byte_order_are_read_and_give_no_values() -> None:
    """What a big-endian machine wrote can be looked at; its values are not these here."""
    head = struct.pack(">HBBIIIII", btf.MAGIC, 1, 0, 24, 0, 40, 40, 12)
    number = struct.pack(">4I", 1, btf.INT << 24, 4, 32)
    pair = struct.pack(">3I3I", 5, btf.STRUCT << 24 | 1, 4, 10, 1, 0)
    types = Btf.parse(head + number + pair + b"\0int\0pair\0x\0")
    found = types["pair"]
    assert [field.name for field in found.fields] == ["x"]
    assert found.size == 4
    with pytest.raises(tinybpf.BpfNotSupportedError, match="byte order"):
        types.classes["pair"]
