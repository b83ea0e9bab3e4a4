# SPDX-License-Identifier: MIT
"""Objects of valid parts, and far more of them than anybody writes: work has bounds."""

import time
from typing import Any

import pytest

import tinybpf
from support import btf, elf
from support.scale import SCALE

STRINGS = b"\0socket\0s\0m\0int\0" + b"0:0\0"
SOCKET, NAME, MEMBER, INT, WAY = (
    STRINGS.index(b"\0" + name + b"\0") + 1 for name in (b"socket", b"s", b"m", b"int", b"0:0")
)
FIELD = 0  # BPF_CORE_FIELD_BYTE_OFFSET
SECONDS = 5.0 / SCALE  # of the processor


def structs(count: int) -> bytes:
    """Return types: an int, and so many structs of one name, each larger than the last."""
    types = [btf.integer(INT)]
    types += [
        btf.record(btf.STRUCT, NAME, 4 + i % 64, MEMBER, 1, 0, vlen=1) for i in range(count)
    ]
    return btf.image(types, STRINGS)


def refusal(image: bytes) -> str:
    """Open an object, which must be refused; return the reason."""
    with pytest.raises(tinybpf.BpfError) as caught:
        tinybpf.open_bytes(image)
    return str(caught.value)


@pytest.mark.parametrize(("functions", "relocations"), [(1, 1 << 20), (1 << 13, 1 << 15)])
def test_relocations_that_can_be_looked_for_are_read(functions: int, relocations: int) -> None:
    """So many times so many is the most: 2^28."""
    ext = btf.extension(functions, [(0, 2, WAY, FIELD)] * relocations)
    tinybpf.open_bytes(elf.typed(structs(1), ext)).close()


def test_more_relocations_than_can_be_looked_for_are_refused() -> None:
    """The function of each is looked for among all: work that is a product."""
    ext = btf.extension(1 << 15, [(0, 2, WAY, FIELD)] * (1 << 14))
    assert "are more than can be looked for among so many functions" in refusal(
        elf.typed(structs(1), ext)
    )
    with pytest.raises(tinybpf.BpfError, match="relocations"):
        tinybpf.Btf.kernel().minimize(elf.typed(structs(1), ext))


@pytest.mark.parametrize("count", [4096, 4097])
def test_types_that_relocations_begin_at_are_counted(count: int) -> None:
    """For each one the kernel's types are gone through: 4,096 of them may be."""
    ext = btf.extension(1, [(0, 2 + i, WAY, FIELD) for i in range(count)])
    image = elf.typed(structs(count), ext)
    if count == 4096:
        tinybpf.open_bytes(image).close()
    else:
        assert "they are of more than 4096 types" in refusal(image)


MATCHES = 12  # BPF_CORE_TYPE_MATCHES


@pytest.mark.parametrize(
    ("relocations", "kind", "types"), [(1 << 14, FIELD, 1 << 15), (1 << 15, MATCHES, 1 << 13)]
)
def test_given_types_of_one_name_are_counted(relocations: int, kind: int, types: int) -> None:
    """libbpf tries each relocation with all types of the name, part by part: 2^30 at most."""
    few = elf.typed(structs(1), btf.extension(1, [(0, 2, WAY, kind)] * 100))
    tinybpf.open_bytes(few, btf=structs(types)).close()
    many = elf.typed(structs(1), btf.extension(1, [(0, 2, WAY, kind)] * relocations))
    tinybpf.open_bytes(many, btf=structs(1)).close()
    tinybpf.open_bytes(many, btf="/sys/kernel/btf/vmlinux").close()
    with pytest.raises(
        tinybpf.BpfError, match="could mean too many of the types that are given"
    ):
        tinybpf.open_bytes(many, btf=structs(types))


def test_members_that_have_to_match_are_counted() -> None:
    """Each is compared with all members of the kernel's type: there are 2^16 at most."""
    ext = btf.extension(1, [(0, 2, WAY, MATCHES)] * ((1 << 15) + 1))
    assert "want to match more than 65536 members" in refusal(elf.typed(structs(1), ext))


def test_relocations_are_followed_through_so_many_types() -> None:
    """minimize() looks for what a relocation could mean once for each type, and follows it
    through 2^26 of them: not through 5,000 for each of 20,000 relocations."""
    parsed = tinybpf.Btf.parse(structs(5_000))
    few = elf.typed(structs(1), btf.extension(1, [(0, 2, WAY, FIELD)] * 100))
    assert len(parsed.minimize(few)) > 5_000
    many = elf.typed(structs(1), btf.extension(1, [(0, 2, WAY, FIELD)] * 20_000))
    with pytest.raises(tinybpf.BpfError, match="relocations"):
        parsed.minimize(many)


@pytest.mark.parametrize("extra", [0, 1])
def test_types_of_an_object_are_counted(extra: int) -> None:
    """Names are looked for from the first type on: an object has 32,768 at most."""
    image = elf.typed(structs((1 << 15) - 1 + extra))
    if extra:
        assert "has more than 32768 types" in refusal(image)
    else:
        tinybpf.open_bytes(image).close()


def test_many_types_of_one_name_are_found_soon() -> None:
    """Listing them, and looking for the last ones, takes no time that grows as a square."""
    count = 100_000
    parsed = tinybpf.Btf.parse(structs(count))
    types: Any = parsed.classes
    began = time.process_time()
    names = list(types)
    assert names[-1] == f"s___{count}"
    assert len(set(names)) == len(names) > count * 9 // 10
    for number in range(count - 20, count):
        assert parsed[f"s___{number}"].id == number + 1
    assert time.process_time() - began < SECONDS
