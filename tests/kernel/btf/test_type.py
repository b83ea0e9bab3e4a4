# SPDX-License-Identifier: MIT
"""Btf: types by number, by name and by kind, and what is said of each."""

import dataclasses
from typing import Any

import pytest

import tinybpf
from support import btf, child, host
from support.gating import kernel
from support.objects import Find, Load, wait_for
from support.traffic import Trigger
from tinybpf import BtfKind

KERNEL_BTF = kernel("5.4", "kernel BTF", config="CONFIG_DEBUG_INFO_BTF")


@pytest.fixture(scope="module")
def vmlinux() -> tinybpf.Btf:
    """Return the types of the running kernel."""
    return tinybpf.Btf.kernel()


@pytest.fixture(scope="module")
def shapes() -> tinybpf.Btf:
    """Return the types of btf_shapes.bpf.c."""
    return tinybpf.Btf.file(host.bpf_object("btf_shapes"))


def field(parent: tinybpf.BtfType, name: str) -> tinybpf.BtfField:
    """Return the field of that name."""
    return next(f for f in parent.fields if f.name == name)


@KERNEL_BTF
def test_offsets_are_those_that_programs_read(
    vmlinux: tinybpf.Btf, load: Load, trigger: Trigger
) -> None:
    """A program that reads task_struct at the offset of Btf finds what CO-RE finds."""
    obj = load("btf_offset")
    task = vmlinux["task_struct"]
    trigger.arm(obj)
    obj.maps["offset"][0] = field(task, "tgid").offset
    with obj.attach():
        trigger.fire()
        wait_for("the program's run", lambda: bool(obj.maps["seen"][0]))
    assert obj.maps["seen"][0] == obj.maps["seen"][1] != 0
    assert field(task, "tgid").size == 4
    assert field(task, "tgid").type == "pid_t"


@KERNEL_BTF
def test_name_number_and_kind_find_the_same(vmlinux: tinybpf.Btf) -> None:
    """A type is found by name, by C name, by name and kind, by number; `in` agrees."""
    found = vmlinux["task_struct"]
    assert found == vmlinux["struct task_struct"] == vmlinux[found.id]
    assert found == vmlinux.find("task_struct") == vmlinux.find("task_struct", BtfKind.STRUCT)
    for name in ("task_struct", "struct task_struct", found.id):
        assert name in vmlinux
    for other in ("union task_struct", "no_such_type", 0, -1, 10**30, 1.5, None):
        assert other not in vmlinux
    assert vmlinux.find("task_struct", BtfKind.UNION) is None


@KERNEL_BTF
def test_iteration_goes_over_all_types(vmlinux: tinybpf.Btf) -> None:
    """Types of one kind are those of all types that are of it; numbers ascend from 1."""
    enums = list(vmlinux.types(BtfKind.ENUM))
    assert [t.id for t in enums] == sorted(t.id for t in enums)
    assert {t.kind for t in enums} <= {BtfKind.ENUM, BtfKind.ENUM64}
    assert [t.name for t in enums if t.name] == vmlinux.names(BtfKind.ENUM)
    assert next(iter(vmlinux)).id == 1
    assert vmlinux[len(vmlinux)].id == len(vmlinux)
    with pytest.raises(KeyError, match="numbers are 1 to"):
        vmlinux[len(vmlinux) + 1]


def test_unknown_name_says_what_comes_near(shapes: tinybpf.Btf) -> None:
    """KeyError names what was asked, where, and the nearest name; of that kind only."""
    with pytest.raises(KeyError, match=r"type 'shapes' not found in .*; did you mean 'shape'"):
        shapes["shapes"]
    with pytest.raises(KeyError) as caught:
        shapes["union shape"]
    assert "did you mean" not in str(caught.value)
    with pytest.raises(TypeError, match="a str, an int or a BtfType"):
        shapes[1.5]  # type: ignore[index]


def test_fields_say_where_they_lie(shapes: tinybpf.Btf) -> None:
    """Offsets, sizes and spellings are those of C; anonymous members have no name."""
    found = {f.name: (f.offset, f.size, f.type) for f in shapes["shape"].fields}
    assert found == {
        "next": (0, 8, "struct shape *"),
        "name": (8, 16, "char[16]"),
        "grid": (24, 24, "int[2][3]"),
        "apply": (48, 8, "int (*)(struct shape *, const char *)"),
        "": (56, 8, "union {...}"),
        "fixed": (64, 8, "int *const"),
        "table": (72, 8, "long (*)[4]"),
        "tail": (80, 0, "struct point[0]"),
    }


def test_bit_fields_have_bits(shapes: tinybpf.Btf) -> None:
    """A bit field has its place and width in bits, and the byte that it begins in."""
    found = {f.name: (f.offset, f.bit_offset, f.bit_size) for f in shapes["bits"].fields}
    assert found == {"a": (0, 0, 3), "b": (0, 3, 13), "c": (4, 32, 0), "d": (8, 64, 1)}


def test_enums_have_values(shapes: tinybpf.Btf) -> None:
    """Values of enums have their sign and all 64 bits."""
    assert shapes["color"].values == (("RED", 0), ("GREEN", 5))
    assert shapes["enum level"].values == (("LOW", -1), ("HIGH", 1))
    assert shapes["level"].encoding == "signed"
    assert shapes["wide"].values == (("WIDE", 2**64 - 1),)
    assert shapes["wide"].kind == BtfKind.ENUM64


def test_typedefs_functions_and_sections_refer_to_types(shapes: tinybpf.Btf) -> None:
    """What a type refers to is named as in C and by its number."""
    assert (shapes["number"].type, shapes["number"].size) == ("const int", 4)
    assert shapes[shapes["number"].type_id].kind == BtfKind.CONST
    work = shapes.find("work", BtfKind.FUNC)
    assert work is not None
    assert work.parameters == (("p", "struct point *"), ("n", "number"))
    assert (work.type, shapes[work.type_id].kind) == ("long", BtfKind.FUNC_PROTO)
    section = shapes.find(".bss", BtfKind.DATASEC)
    assert section is not None
    assert {f.name: f.type for f in section.fields}["counter"] == "int"


def test_types_are_values(shapes: tinybpf.Btf) -> None:
    """BtfType and BtfField are frozen dataclasses with the fields of 0.3 in front."""
    point = shapes["point"]
    assert point == shapes["point"]
    assert hash(point) == hash(shapes["point"])
    names = [f.name for f in dataclasses.fields(tinybpf.BtfType)]
    assert names[:4] == ["name", "kind", "size", "fields"]
    names = [f.name for f in dataclasses.fields(tinybpf.BtfField)]
    assert names[:3] == ["name", "offset", "size"]
    with pytest.raises(dataclasses.FrozenInstanceError):
        point.size = 1  # type: ignore[misc]
    assert tinybpf.BtfField("x", 0, 4) == tinybpf.BtfField(name="x", offset=0, size=4)


def test_kind_of_a_call_is_checked(shapes: tinybpf.Btf) -> None:
    """A kind that is none is a ValueError, another type a TypeError."""
    for wrong in (0, 20, -1):
        with pytest.raises(ValueError, match="no BtfKind"):
            shapes.types(wrong)
    call: Any = shapes.find
    with pytest.raises(TypeError, match="BtfKind or None"):
        call("point", "struct")


def test_types_of_an_object_outlive_it(load: Load) -> None:
    """obj.btf is a Btf of the object's name that stays when the object is closed."""
    obj = load("core")
    found = obj.btf
    assert found is not None
    obj.close()
    assert "struct task_struct" in found
    assert repr(found) == f"<Btf 'core', types={len(found)}>"


def test_maps_say_what_btf_says_of_them(bpf: Find) -> None:
    """btf_key and btf_value are types of the object's BTF, behind typedefs, or None."""
    with tinybpf.open(bpf("records")) as obj:
        flows = obj.maps["flows"]
        assert flows.btf_key is not None
        assert flows.btf_value is not None
        assert (flows.btf_key.name, flows.btf_key.kind) == ("flow", BtfKind.STRUCT)
        assert [f.name for f in flows.btf_value.fields] == ["bytes", "packets"]
    with tinybpf.open(bpf("counts")) as obj:
        count = obj.maps["counts"].btf_value
        assert count is not None
        assert (count.name, count.kind, count.size) == ("unsigned long long", BtfKind.INT, 8)
        assert count.c_name == "__u64"
    with tinybpf.open(bpf("ring")) as obj:
        assert obj.maps["events"].btf_key is None
        assert obj.maps["events"].btf_value is None


def test_split_types_go_on_from_their_base(bpf: Find) -> None:
    """Names and numbers of a split BTF reach its base; len() and iteration do not."""
    base = tinybpf.Btf.parse(btf.image([btf.integer()], b"\0int\0"), name="base")
    strings = b"mine_t\0"
    data = btf.image([btf.record(btf.TYPEDEF, 5, 1)], strings)
    split = tinybpf.Btf.parse(data, base, name="split")
    assert (split.base, base.base) == (base, None)
    assert (len(split), [t.id for t in split]) == (1, [2])
    assert (split["mine_t"].type, split["int"].id, split[1].name) == ("int", 1, "int")
    assert "mine_t" not in base
    assert split.names() == ["mine_t"]
    assert bytes(split) == data
    assert split.dump("mine_t") == "typedef int mine_t;\n"


def test_btf_is_made_by_its_class_methods_only() -> None:
    """Btf() is a TypeError."""
    make: Any = tinybpf.Btf
    with pytest.raises(TypeError, match="cannot create"):
        make()


INTERRUPTED = """
import signal, time
import tinybpf

class Interrupt(Exception):
    pass

def interrupt(*_):
    raise Interrupt

types = tinybpf.Btf.kernel()
next(types.types(tinybpf.BtfKind.STRUCT)), next(types.types(tinybpf.BtfKind.ENUM))
signal.signal(signal.SIGALRM, interrupt)
n, end = 0, time.monotonic() + 3
while time.monotonic() < end:
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.0007)
        for _ in types.types():
            pass
    except Interrupt:
        n += 1
signal.setitimer(signal.ITIMER_REAL, 0)
print("interrupted", n > 100)
"""


@KERNEL_BTF
def test_signal_while_a_type_is_made_is_the_handlers_exception() -> None:
    """What a signal's handler raises between two parts of a type comes out as it is."""
    done = child.run(INTERRUPTED)
    assert (done.returncode, done.stdout) == (0, "interrupted True\n"), done.stderr
