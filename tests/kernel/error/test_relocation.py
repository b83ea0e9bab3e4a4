# SPDX-License-Identifier: MIT
"""CO-RE relocations that fail: the error says what this kernel lacks, and what it has."""

import pathlib

import pytest

import tinybpf
from support import elf
from support.gating import kernel
from support.objects import Find

FIELD = "bpf_core_field_exists()"


def refusal(bpf: Find, folder: pathlib.Path, number: int) -> str:
    """Load misfits.bpf.c's program in raw_tp/<number>; return the error's explanation."""
    path = folder / "tool.bpf.o"
    path.write_bytes(elf.enable(bpf("misfits").read_bytes(), f"raw_tp/{number}"))
    with pytest.raises(tinybpf.BpfRelocationError) as caught:
        tinybpf.load(path)
    said, _, libbpf = str(caught.value).partition("\nlibbpf output:\n")
    assert "failed to resolve CO-RE relocation" in libbpf
    assert said.startswith(f"load '{path}' failed: ")
    return said


@kernel("5.14", "task_struct.__state")
def test_renamed_field_is_named_with_its_new_name(bpf: Find, tmp_path: pathlib.Path) -> None:
    """A field that was renamed: what it is called now, and since when."""
    lines = refusal(bpf, tmp_path, 1).splitlines()
    assert lines[0].endswith(
        "this kernel's task_struct has no field 'state'"
        " (CO-RE relocation <byte_off> of program 'a_renamed_field')"
    )
    assert lines[1].startswith("  nearest: '__state' (since 5.14)")
    assert FIELD in lines[2]


def test_nested_field_is_missed_in_the_type_that_lacks_it(
    bpf: Find, tmp_path: pathlib.Path
) -> None:
    """a.b: the error blames the type of `a` and offers its fields."""
    lines = refusal(bpf, tmp_path, 2).splitlines()
    assert "this kernel's list_head has no field 'nxet'" in lines[0]
    assert lines[1] == "  nearest: 'next'"


def test_unknown_type_is_named_with_the_nearest(bpf: Find, tmp_path: pathlib.Path) -> None:
    """A type that the kernel lacks: the nearest type, and the right question to ask."""
    lines = refusal(bpf, tmp_path, 3).splitlines()
    assert "this kernel has no type 'struct task_strukt'" in lines[0]
    assert lines[1] == "  nearest: 'task_struct'"
    assert "bpf_core_type_exists()" in lines[2]


def test_field_of_another_kind_is_said_to_be_there(bpf: Find, tmp_path: pathlib.Path) -> None:
    """A field that exists and does not fit is not called missing."""
    lines = refusal(bpf, tmp_path, 4).splitlines()
    assert "the 'comm' of this kernel's task_struct is of another kind" in lines[0]
    assert FIELD in lines[1]


def test_unknown_enumerator_is_named_with_the_nearest(
    bpf: Find, tmp_path: pathlib.Path
) -> None:
    """An enumerator that the kernel lacks: the nearest of its enum."""
    lines = refusal(bpf, tmp_path, 5).splitlines()
    assert "this kernel's bpf_map_type has no value 'BPF_MAP_TYPE_HUSH'" in lines[0]
    assert lines[1] == "  nearest: 'BPF_MAP_TYPE_HASH'"
    assert "bpf_core_enum_value_exists()" in lines[2]


def test_nothing_near_is_not_guessed(bpf: Find) -> None:
    """A name that nothing resembles gets no candidates."""
    with pytest.raises(tinybpf.BpfRelocationError) as caught:
        tinybpf.load(bpf("relocation"))
    assert "has no field 'no_such_field_anywhere'" in str(caught.value)
    assert "nearest" not in str(caught.value)
