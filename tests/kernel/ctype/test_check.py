# SPDX-License-Identifier: MIT
"""Classes of ctypes against BTF: what fits, what does not, and what the error says."""

import ctypes
import importlib.util
from typing import Any, Callable

import pytest

import tinybpf
from support import child
from support.objects import Find


def structure(*fields: Any, base: Any = ctypes.Structure, **more: Any) -> Any:
    """Return a class with these fields: (name, type) or (name, type, bits)."""
    return type("Mine", (base,), {**more, "_fields_": list(fields)})


u8, u16, u32, u64 = ctypes.c_uint8, ctypes.c_uint16, ctypes.c_uint32, ctypes.c_uint64
Inner = structure(("a", u8), ("b", u16 * 2))
Halves = structure(("low", u16), ("high", u16))
Word = structure(("word", u32), ("halves", Halves), base=ctypes.Union, _anonymous_=("halves",))
SHAPES = {
    "inner": Inner,
    "several": Inner * 2,
    "_pad": u8 * 2,
    "word": Word,
    "three": (u8, 3),
    "five": (u8, 5),
    "name": ctypes.c_char * 16,
    "_pad2": u8 * 7,
    "pointer": ctypes.c_void_p,
    "number": ctypes.c_double,
    "flag": ctypes.c_bool,
    "tight": structure(("big", ctypes.c_int64)),
    "_pad3": u8 * 7,
}


def shapes(**changes: Any) -> Any:
    """Return a class as struct shapes, with other types for some fields; None: without."""
    both = {**SHAPES, **changes}
    fields = [(k, *(v if isinstance(v, tuple) else (v,))) for k, v in both.items() if v]
    return structure(*fields, _pack_=1, _layout_="ms", _anonymous_=("word",))


@pytest.fixture
def maps(load: Callable[[str], Any]) -> Any:
    """Return the maps of typed.bpf.c."""
    return load("typed").maps


def test_every_shape_fits(maps: Any) -> None:
    """Nested, anonymous and packed members, bitfields and arrays are compared rightly."""
    shapes_map = maps["shapes"].typed(value=shapes())
    value = shapes()(number=0.5, five=17)
    value.several[1].b[1] = 7
    shapes_map[1] = value
    found = shapes_map[1]
    assert (found.number, found.five, found.several[1].b[1]) == (0.5, 17, 7)


def test_fields_of_base_classes_count(maps: Any) -> None:
    """A class that is derived from another has that one's fields first."""
    first = structure(("bytes", u64))
    maps["flows"].typed(value=structure(("packets", u32), base=first))
    with pytest.raises(tinybpf.BtfValidationError, match="Field name mismatch: field 0"):
        maps["flows"].typed(value=structure(("bytes", u32), base=structure(("packets", u64))))


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (structure(("bytes", u64)), "Size mismatch: class 'Mine' has 8 bytes, struct stats 16"),
        (structure(("bytes", u64 * 2)), "Field count mismatch: class 'Mine' has 1 fields"),
        (structure(("bytes", u64), ("packet", u32)), "Field name mismatch: field 1"),
        (structure(("packets", u64), ("bytes", u32)), "Field name mismatch: field 0"),
        (structure(("bytes", u32), ("packets", u64)), "Field size mismatch: field 'bytes'"),
        (structure(("bytes", u64), ("packets", u64)), "Field size mismatch: field 'packets'"),
    ],
)
def test_what_does_not_fit_is_said(maps: Any, kind: Any, message: str) -> None:
    """The first difference is named, as a BtfValidationError that is a ValueError."""
    with pytest.raises(tinybpf.BtfValidationError, match=message) as caught:
        maps["flows"].typed(value=kind)
    assert isinstance(caught.value, ValueError)
    assert "stats" in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"inner": structure(("a", u8), ("c", u16 * 2))},
            "is 'c', that of struct inner is 'b'",
        ),
        ({"several": structure(("a", u8), ("c", u16 * 2)) * 2}, "of struct inner is 'b'"),
        ({"three": (u8, 4), "five": (u8, 4)}, "field 'three' of class 'Mine' has 4 bits"),
        ({"tight": structure(("little", u64))}, "that of the struct of BTF's id"),
        ({"word": structure(("word", u32))}, "Field count mismatch"),
    ],
)
def test_nested_differences_are_found(maps: Any, changes: Any, message: str) -> None:
    """Structs in structs, in arrays and in anonymous members are compared too."""
    with pytest.raises(tinybpf.BtfValidationError, match=message):
        maps["shapes"].typed(value=shapes(**changes))


def test_names_need_not_be_the_same(maps: Any) -> None:
    """validate_field_names=False compares sizes, and the places of as many fields."""
    for kind in (structure(("a", u64), ("b", u32)), structure(("all", u64 * 2))):
        maps["flows"].typed(value=kind, validate_field_names=False)
    with pytest.raises(tinybpf.BtfValidationError, match="Size mismatch"):
        maps["flows"].typed(value=structure(("a", u64)), validate_field_names=False)
    moved = shapes(_pad2=u8 * 6, _pad3=u8 * 8)
    with pytest.raises(tinybpf.BtfValidationError, match="Field offset mismatch"):
        maps["shapes"].typed(value=moved, validate_field_names=False)


def test_suggestions_say_what_to_change(maps: Any) -> None:
    """A misspelt, a missing and an extra field are named; the message ends with that."""
    kinds = {
        "rename the field 'packet' to 'packets'": structure(("bytes", u64), ("packet", u32)),
        "add the field 'packets'": structure(("bytes", u64 * 2)),
        "remove the field 'more'": structure(("bytes", u64), ("packets", u32), ("more", u32)),
    }
    for hint, kind in kinds.items():
        with pytest.raises(tinybpf.BtfValidationError) as caught:
            maps["flows"].typed(value=kind)
        assert caught.value.suggestions[0] == hint
        assert str(caught.value).endswith("\n  " + hint)


@pytest.mark.parametrize(("name", "struct"), [("flows", "stats"), ("shapes", "shapes")])
def test_suggested_declaration_fits(maps: Any, name: str, struct: str) -> None:
    """The last suggestion is Python source of a class that passes."""
    with pytest.raises(tinybpf.BtfValidationError) as caught:
        maps[name].typed(value=structure(("x", u8)))
    names: dict[str, Any] = {"ctypes": ctypes}
    exec(caught.value.suggestions[-1], names)
    typed = maps[name].typed(value=names[struct])
    typed[bytes(typed.key_size)] = names[struct]()


def test_sizes_are_enough_for_what_is_no_struct(maps: Any) -> None:
    """A struct for a number, a number for a struct and an array for both need the size."""
    maps["counts"].typed(key=Halves, value=u32 * 2)
    maps["flows"].typed(key=u64, value=u8 * 16)
    with pytest.raises(tinybpf.BtfValidationError, match="Key size mismatch"):
        maps["counts"].typed(key=u64)


WITHOUT_MEMORY = """
import ctypes, sys
import _testcapi, tinybpf

class Config(ctypes.Structure):
    _fields_ = [("cookie", ctypes.c_uint64), ("count", ctypes.c_uint32),
                ("min_size", ctypes.c_uint32), ("step", ctypes.c_uint32),
                ("span", ctypes.c_uint32), ("flags", ctypes.c_uint64)]

obj = tinybpf.load(sys.argv[1])
config = obj.maps["config"]
calls = [lambda: config.typed(value=Config), lambda: obj.register_type("config", Config)]
failed = 0
for call in calls:
    for n in range(1, 250):
        _testcapi.set_nomemory(n, n + 1)
        try:
            call()
        except MemoryError:
            failed += 1
        finally:
            _testcapi.remove_mem_hooks()
obj.close()
print("failed", failed > 20)
"""


@pytest.mark.skipif(
    importlib.util.find_spec("_testcapi") is None, reason="the interpreter has no _testcapi"
)
def test_comparison_without_memory_says_so(bpf: Find) -> None:
    """Whichever allocation fails, the error is MemoryError, or none if it is not needed."""
    done = child.run(WITHOUT_MEMORY, bpf("ring"))
    assert (done.returncode, done.stdout) == (0, "failed True\n"), done.stderr
