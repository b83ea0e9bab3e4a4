# SPDX-License-Identifier: MIT
"""Hostile object files: refused with a reason before anything believes them.

Each is a file of these tests with one thing changed. A child opens it, for what is tested
has crashed or hung the process that did.
"""

import pathlib
from typing import Any, Callable

import pytest

import tinybpf
from support import child, patch
from support.gating import kernel
from support.objects import Find, Load
from support.patch import Patch

TAKE = """
import sys, tinybpf
try:
    with tinybpf.open(sys.argv[1]) as obj:
        print("opened")
except tinybpf.BpfError as error:
    print(error)
"""


def told(data: bytes, folder: pathlib.Path) -> str:
    """Return what a child says of opening an object."""
    path = folder / "hostile.bpf.o"
    path.write_bytes(data)
    return child.output(TAKE, path, timeout_s=20)


def _operations(obj: Patch) -> "tuple[list[int], int]":
    """Return where the variables of struct_ops begin, and the number of their struct."""
    section = next(i for i, t in obj.types.items() if t.name.startswith(".struct_ops"))
    variables = obj.parts(section)
    return variables, obj.get(obj.types[obj.get(variables[0])].at + 8)


def variable_wraps(obj: Patch) -> None:
    """Let a variable begin 2^32 less its size: offset and size add up to nothing."""
    variables, _ = _operations(obj)
    obj.put(variables[0] - 4, 1)
    obj.put(variables[0] + 4, 2**32 - obj.get(variables[0] + 8))


def member_far_away(obj: Patch) -> None:
    """Let a member begin at 512 MiB."""
    _, value = _operations(obj)
    obj.put(obj.parts(value)[-1] + 8, 0xFFFFFFF8)


def value_ends_early(obj: Patch) -> None:
    """Let a struct end within its last function pointer, which a relocation writes."""
    _, value = _operations(obj)
    obj.put(obj.types[value].at + 8, 17)


def bitfield_of_operations(obj: Patch) -> None:
    """Let a struct have bitfields where libbpf reads offsets without thinking of them."""
    _, value = _operations(obj)
    name = obj.parts(value)[-1]
    obj.put(obj.types[value].at + 4, obj.get(obj.types[value].at + 4) | 1 << 31)
    obj.put(name + 4, obj.find(1))
    obj.put(name + 8, 3 << 24 | 24 * 8)


def bitfield_of_array(obj: Patch) -> None:
    """Let bitfields be of arrays, whose size is 0."""
    structs = [i for i, t in obj.types.items() if t.kind == patch.STRUCT]
    flagged = [i for i in structs if obj.get(obj.types[i].at + 4) >> 31]
    for member in [at for i in flagged for at in obj.parts(i)]:
        if obj.get(member + 8) >> 24:
            obj.put(member + 4, obj.find(patch.ARRAY))


def typedef_of_itself(obj: Patch) -> None:
    """Let the type of max_entries be a typedef of itself."""
    typedef = obj.find(patch.TYPEDEF)
    for member in obj.member("max_entries"):
        obj.put(member + 4, typedef)
    obj.put(obj.types[typedef].at + 8, typedef)


def index_of_itself(obj: Patch) -> None:
    """Let the index type of an array be the array."""
    array = obj.find(patch.ARRAY)
    obj.put(obj.types[array].at + 16, array)


def part_that_is_no_variable(obj: Patch) -> None:
    """Let a section hold a typedef."""
    obj.put(obj.parts(obj.find(patch.DATASEC, ".maps"))[0], obj.find(patch.TYPEDEF))


def map_named_as_a_path(obj: Patch) -> None:
    """Let a map be named as a file elsewhere."""
    obj.rename(b"flows", b"../fl")


def huge_setting(obj: Patch) -> None:
    """Let a setting of the kernel be an array of 8 MiB."""
    array = obj.get(obj.at(patch.VAR, "hits"))
    obj.put(obj.at(patch.VAR, "CONFIG_HZ"), array)
    obj.put(obj.types[array].at + 20, 1 << 20)


def map_of_operations(obj: Patch) -> None:
    """Let a map's type be STRUCT_OPS, of which libbpf makes the maps itself."""
    pointer = obj.get(obj.member("type")[0] + 4)
    array = obj.get(obj.types[pointer].at + 8)
    obj.put(obj.types[array].at + 20, tinybpf.BpfMapType.STRUCT_OPS)


def types_twice(obj: Patch) -> None:
    """Let another section have the name of the types."""
    header = obj.sections["license"].header
    obj.put(header, obj.get(obj.sections[".BTF"].header))


def license_twice(obj: Patch) -> None:
    """Let another section have the name of the license."""
    obj.put(obj.sections[".data"].header, obj.get(obj.sections["license"].header))


def jump_tables_twice(obj: Patch) -> None:
    """Let two sections have the name of the jump tables: libbpf forgot the first."""
    obj.rename(b".rodata.more", b".jumptables\0")
    obj.put(obj.sections[".data.more"].header, obj.get(obj.sections[".rodata.more"].header))


def compressed_types(obj: Patch) -> None:
    """Say that the types are compressed: libbpf does not ask."""
    obj.put_long(obj.sections[".BTF"].header + 8, 0x800)


def huge_section(obj: Patch) -> None:
    """Let a section without bytes be larger than 4 GiB."""
    obj.put_long(obj.sections[".bss"].header + 32, 1 << 33)


def _symbols(obj: Patch, kind: int) -> "list[int]":
    """Return where the symbols of that kind begin."""
    table = obj.sections[".symtab"]
    places = range(table.at, table.at + table.size, 24)
    return [at for at in places if obj.data[at + 4] & 15 == kind]


def symbol_outside(obj: Patch) -> None:
    """Let a variable be larger than its section."""
    obj.put_long(_symbols(obj, 1)[0] + 16, 1 << 20)


def symbol_beyond_32_bits(obj: Patch) -> None:
    """Let a variable begin where 32 bits end."""
    obj.put_long(_symbols(obj, 1)[0] + 8, 2**32 - 8)


def half_an_instruction(obj: Patch) -> None:
    """Let a function end in the first half of an instruction of 16 bytes."""
    at = _symbols(obj, 2)[0]
    section = int.from_bytes(obj.data[at + 6 : at + 8], "little")
    place = list(obj.sections.values())[section]
    value, size = (int.from_bytes(obj.data[at + n : at + n + 8], "little") for n in (8, 16))
    obj.data[place.at + value + size - 8] = 0x18


def relocation_outside(obj: Patch) -> None:
    """Let a relocation begin 8 bytes before the end of all addresses."""
    obj.put_long(obj.sections[".rel.struct_ops"].at, 2**64 - 8)


def _relocation(obj: Patch) -> int:
    """Return where the first CO-RE relocation begins."""
    ext = obj.sections[".BTF.ext"].at
    return ext + obj.get(ext + 4) + obj.get(ext + 24) + 12


def way_with_a_sign(obj: Patch) -> None:
    """Let the way to a member lead to the one before the first."""
    at = obj.strings + obj.get(_relocation(obj) + 8)
    obj.data[at : at + 2] = b"-9"


def relocation_of_no_type(obj: Patch) -> None:
    """Let a relocation be of a type that is not there."""
    obj.put(_relocation(obj) + 4, 1 << 20)


def relocations_cut(obj: Patch) -> None:
    """Let there be more relocations than bytes: libbpf would load without them."""
    obj.put(_relocation(obj) - 4, 1 << 20)


# (object, change): words of the error
HOSTILE: "dict[tuple[str, Callable[[Patch], None]], str]" = {
    ("struct_ops", variable_wraps): "has a part outside of it",
    ("struct_ops", member_far_away): "has a part outside of it",
    ("struct_ops", value_ends_early): "has a part outside of it",
    ("struct_ops", bitfield_of_operations): "has a bitfield, which libbpf does not support",
    ("btf_core", bitfield_of_array): "has a bitfield that is no integer",
    ("records", typedef_of_itself): "holds itself",
    ("records", index_of_itself): "holds itself",
    ("records", part_that_is_no_variable): "has a part that is no variable",
    ("records", map_named_as_a_path): "is a map whose name is a path",
    ("records", map_of_operations): "is a map of type STRUCT_OPS",
    ("globals", huge_setting): "has a size that no setting has",
    ("records", types_twice): "has the name of another one",
    ("globals", license_twice): "has the name of another one",
    ("globals", jump_tables_twice): "has the name of another one",
    ("globals", compressed_types): "is compressed",
    ("globals", huge_section): "is larger than 2 GiB",
    ("globals", symbol_outside): "lies outside of its section",
    ("globals", symbol_beyond_32_bits): "is larger than 2 GiB",
    ("core", half_an_instruction): "ends in half of an instruction",
    ("struct_ops", relocation_outside): "lies outside of its section",
    ("core", way_with_a_sign): "says no way to what it is of",
    ("core", relocation_of_no_type): "is of a type that does not exist",
    ("core", relocations_cut): "is not whole",
}


@pytest.mark.parametrize(("name", "change"), HOSTILE)
def test_hostile_object_is_refused(
    bpf: Find, tmp_path: pathlib.Path, name: str, change: Callable[[Patch], None]
) -> None:
    """One lie in a file of ours, and it is a BpfError that says where."""
    obj = Patch(bpf(name))
    tinybpf.open_bytes(bytes(obj.data)).close()
    change(obj)
    words = told(bytes(obj.data), tmp_path)
    assert "failed: it" in words
    assert HOSTILE[name, change] in words


def test_kernel_types_that_are_given_are_checked(bpf: Find) -> None:
    """btf= refuses what Btf.parse() refuses, at once, and in the same words."""
    from support import btf

    types = [btf.integer(), btf.record(btf.TYPEDEF, 5, 2)]
    image = btf.image(types, b"\0int\0a\0")
    with pytest.raises(tinybpf.BpfError, match=r"'<bytes>' failed: it is malformed: type 2"):
        tinybpf.open(bpf("core"), btf=image)
    with pytest.raises(tinybpf.BpfError, match=r"an ELF file without a whole \.BTF section"):
        tinybpf.open(bpf("core"), btf=b"\x7fELF" + bytes(60))


def test_kernel_types_of_a_file_are_read_when_they_are_given(
    load: Load, bpf: Find, tmp_path: pathlib.Path
) -> None:
    """A file that changes after open() changes nothing: what was checked is what is used."""
    path = tmp_path / "small.btf"
    path.write_bytes(bytes(tinybpf.Btf.kernel().minimize(bpf("core"))))
    with tinybpf.open(bpf("core"), btf=path) as obj:
        path.write_bytes(b"something else")
        obj.load()


@kernel("6.9", "arena")
def test_arena_is_not_mapped_over_the_process(bpf: Find) -> None:
    """An arena that wants the place of the stack is refused, and one of a free place not."""
    lines = pathlib.Path("/proc/self/maps").read_text().splitlines()
    stack = next(line for line in lines if line.endswith("[stack]"))
    with tinybpf.open(bpf("arena")) as obj:
        obj.maps["arena"].map_extra = int(stack.partition("-")[0], 16)
        with pytest.raises(tinybpf.BpfError, match=r"arena 'arena' cannot lie at 0x.* does"):
            obj.load()
    with tinybpf.open(bpf("arena")) as obj:
        obj.maps["arena"].map_extra = 1 << 46
        obj.prepare()
        obj.load()
        assert obj.maps["arena"].mmap()


def test_names_that_are_no_text_are_shown_and_found(bpf: Find) -> None:
    """Names of maps, programs, types and fields may be any bytes: others are escapes."""
    changed = Patch(bpf("records"))
    changed.rename(b"flows", b"fl\xffws")
    changed.rename(b"stats", b"st\xe2\x82s")
    obj: Any = tinybpf.open_bytes(bytes(changed.data))
    assert "fl\\xffws" in list(obj.maps)
    assert obj.maps["fl\\xffws"].name == "fl\\xffws"
    assert repr("fl\\xffws") in repr(obj.maps)
    assert "fl\\xffws" in dict(obj.maps)
    with pytest.raises(KeyError, match=r"there are: fl\\\\xffws, things"):
        obj.maps["none"]
    assert "st\\xe2\\x82s" in list(obj.types)
    assert repr(obj.types["st\\xe2\\x82s"]()).startswith("st\\xe2\\x82s(")
    obj.close()
