# SPDX-License-Identifier: MIT
"""struct_ops maps: a table of programs that the kernel may call."""

import struct

import pytest

import tinybpf
from support.gating import kernel
from support.objects import Load


@kernel("5.6", "struct_ops")
def test_struct_ops_can_be_read(load: Load) -> None:
    """The one value begins with its references and its state: here none, and not in use."""
    found = load("struct_ops").maps["tiny_cc"]
    assert found.type is tinybpf.BpfMapType.STRUCT_OPS
    assert (found.max_entries, list(found)) == (1, [0])
    assert found.info.id == found.id
    value = found[0]
    assert len(value) == found.value_size
    references, state = struct.unpack_from("=II", value)
    assert (references, state) == (0, 0)
    assert 1 not in found


@kernel("5.6", "struct_ops")
def test_struct_ops_takes_no_foreign_bytes(load: Load) -> None:
    """The kernel checks what is set; the error names the map and what it takes."""
    found = load("struct_ops").maps["tiny_cc"]
    with pytest.raises(tinybpf.BpfError, match=r"'tiny_cc' failed: .*; a struct_ops takes the"):
        found[0] = b"\xff" * found.value_size
