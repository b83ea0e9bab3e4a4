# SPDX-License-Identifier: MIT
"""Keys and values that are numbers by BTF: ranges, types, and bytes instead."""

import array
import math
from typing import Any

import pytest

import tinybpf

# type: (smallest, largest) of tests/bpf/scalars.bpf.c
RANGES = {
    "u8": (0, 2**8 - 1),
    "s8": (-(2**7), 2**7 - 1),
    "u16": (0, 2**16 - 1),
    "s16": (-(2**15), 2**15 - 1),
    "u32": (0, 2**32 - 1),
    "s32": (-(2**31), 2**31 - 1),
    "u64": (0, 2**64 - 1),
    "s64": (-(2**63), 2**63 - 1),
    "u128": (0, 2**128 - 1),
    "s128": (-(2**127), 2**127 - 1),
    "pointer": (0, 2**64 - 1),
}
UNSIGNED = [name for name, (low, _) in RANGES.items() if low == 0]
SIZES = {"u8": 1, "s16": 2, "u32": 4, "s64": 8, "u128": 16, "bool": 1, "enum": 4}


@pytest.fixture(scope="module")
def scalars(kernel_host: None) -> Any:
    """Return the loaded object of scalars.bpf.c, shared: each test uses maps of its own."""
    from support import host

    with tinybpf.load(host.bpf_object("scalars")) as obj:
        yield obj


def sample(low: int, high: int) -> list[int]:
    """Return numbers at the ends, in the middle and around zero of a range."""
    middle = [n for n in (-1, 0, 1, 0x0102030405060708) if low <= n <= high]
    return [low, low + 1, *middle, high - 1, high]


@pytest.mark.parametrize("name", RANGES)
def test_integer_value_comes_back(scalars: Any, name: str) -> None:
    """Every number of the type's range is stored and read back as an int."""
    values = scalars.maps["v_" + name]
    for number in sample(*RANGES[name]):
        values[0] = number
        assert values[0] == number
        assert type(values[0]) is int


@pytest.mark.parametrize("name", RANGES)
def test_integer_key_comes_back(scalars: Any, name: str) -> None:
    """Every number of the type's range is a key, and iteration gives it back."""
    keys = scalars.maps["k_" + name]
    for number in sample(*RANGES[name]):
        keys[number] = 1
        assert list(keys) == [number]
        assert number in keys
        del keys[number]


@pytest.mark.parametrize("name", RANGES)
def test_integer_out_of_range_is_a_value_error(scalars: Any, name: str) -> None:
    """One below the smallest and one above the largest number are refused."""
    low, high = RANGES[name]
    for number in (low - 1, high + 1, 2**200, -(2**200)):
        with pytest.raises(ValueError):
            scalars.maps["v_" + name][0] = number
        with pytest.raises(ValueError):
            scalars.maps["k_" + name][number]


@pytest.mark.parametrize("name", UNSIGNED)
def test_negative_into_unsigned_says_so(scalars: Any, name: str) -> None:
    """A negative number for an unsigned type is ValueError with the word "unsigned"."""
    with pytest.raises(ValueError, match="unsigned"):
        scalars.maps["v_" + name][0] = -1
    with pytest.raises(ValueError, match="unsigned"):
        scalars.maps["k_" + name][-1]


@pytest.mark.parametrize("wrong", ["1", 1.5, None, [1], 1j, object()], ids=repr)
def test_wrong_type_for_an_integer_is_a_type_error(scalars: Any, wrong: Any) -> None:
    """What is neither a number nor bytes cannot be converted."""
    with pytest.raises(TypeError, match="Cannot convert"):
        scalars.maps["v_u32"][0] = wrong
    with pytest.raises(TypeError, match="Cannot convert"):
        scalars.maps["k_u32"][wrong]
    with pytest.raises(TypeError, match="Cannot convert"):
        scalars.maps["k_u32"].get(wrong)


def test_object_with_index_is_an_integer(scalars: Any) -> None:
    """Whatever says by __index__ that it is an integer is one; True is 1."""

    class Five:
        def __index__(self) -> int:
            return 5

    values = scalars.maps["v_u32"]
    values[0] = Five()
    assert values[0] == 5
    values[0] = True
    assert values[0] == 1
    values[0] = tinybpf.BpfMapType.RINGBUF
    assert values[0] == 27


def test_error_in_index_comes_through(scalars: Any) -> None:
    """An exception of __index__ is raised as it is."""

    class Broken:
        def __index__(self) -> int:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        scalars.maps["v_u32"][0] = Broken()


def test_bool_comes_back_as_bool(scalars: Any) -> None:
    """A _Bool is True or False in and out."""
    values, keys = scalars.maps["v_bool"], scalars.maps["k_bool"]
    for flag in (True, False):
        values[0] = flag
        assert values[0] is flag
        keys[flag] = 1
        assert list(keys) == [flag]
        del keys[flag]
    values[0] = 1
    assert values[0] is True


@pytest.mark.parametrize("number", [2, -1, 256])
def test_number_that_is_no_bool_is_a_value_error(scalars: Any, number: int) -> None:
    """A _Bool takes no other number than 0 and 1."""
    with pytest.raises(ValueError):
        scalars.maps["v_bool"][0] = number


def test_char_is_a_number(scalars: Any) -> None:
    """A plain char is an int."""
    scalars.maps["v_char"][0] = 65
    assert scalars.maps["v_char"][0] == 65
    with pytest.raises(ValueError):
        scalars.maps["v_char"][0] = 256


@pytest.mark.parametrize(
    ("name", "number"), [("enum", 7), ("senum", -1), ("senum", 1), ("enum64", 2**64 - 1)]
)
def test_enum_is_a_number(scalars: Any, name: str, number: int) -> None:
    """An enum is an int of its size and sign."""
    values, keys = scalars.maps["v_" + name], scalars.maps["k_" + name]
    values[0] = number
    assert values[0] == number
    keys[number] = 1
    assert list(keys) == [number]
    del keys[number]


def test_enum_takes_numbers_without_a_name(scalars: Any) -> None:
    """An enum holds any number of its width, as in C."""
    scalars.maps["v_enum"][0] = 1000
    assert scalars.maps["v_enum"][0] == 1000


@pytest.mark.parametrize("name", ["float", "double"])
def test_float_comes_back(scalars: Any, name: str) -> None:
    """Floats are floats; ints are taken for them."""
    values = scalars.maps["v_" + name]
    for number in (0.0, -1.5, 1e30, math.inf, -math.inf):
        values[0] = number
        assert values[0] == pytest.approx(number, rel=1e-6)
    values[0] = 2
    assert values[0] == 2.0
    assert type(values[0]) is float
    values[0] = math.nan
    assert math.isnan(values[0])


def test_double_is_exact(scalars: Any) -> None:
    """A double keeps every bit."""
    scalars.maps["v_double"][0] = math.pi
    assert scalars.maps["v_double"][0] == math.pi


def test_number_too_large_for_a_float_is_a_value_error(scalars: Any) -> None:
    """A finite number that a C float cannot hold is refused."""
    with pytest.raises(ValueError):
        scalars.maps["v_float"][0] = 1e39


def test_typedefs_and_const_are_seen_through(scalars: Any) -> None:
    """A typedef of a typedef of a const integer is that integer."""
    named = scalars.maps["named"]
    named[0] = 65535
    assert named[0] == 65535
    with pytest.raises(ValueError):
        named[0] = 65536


def test_aggregates_are_bytes(scalars: Any) -> None:
    """Structs are bytes of their size, in and out."""
    pair = scalars.maps["pair"]
    key, value = b"\1\0\0\0\2\0\0\0", bytes(range(12))
    pair[key] = value
    assert bytes(pair[key]) == value
    assert isinstance(pair[key], bytes)
    assert [bytes(k) for k in pair] == [key]
    del pair[key]


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bytes_like_is_always_taken(scalars: Any, kind: Any) -> None:
    """bytes, bytearray and memoryview of the right size are keys and values of any map."""
    values = scalars.maps["v_u32"]
    values[kind(b"\x01\0\0\0")] = kind(b"\x02\x01\0\0")
    assert values[1] == 0x102
    assert values[kind(b"\x01\0\0\0")] == 0x102


def test_array_module_is_bytes_like(scalars: Any) -> None:
    """An array.array counts by its bytes, not its items."""
    scalars.maps["v_u64"][0] = array.array("I", [1, 2])
    assert scalars.maps["v_u64"][0] == 1 + (2 << 32)


def test_bytes_that_do_not_lie_together_are_refused(scalars: Any) -> None:
    """A view with gaps is no run of bytes."""
    with pytest.raises((TypeError, ValueError, BufferError)):
        scalars.maps["v_u32"][0] = memoryview(bytes(8))[::2]


@pytest.mark.parametrize(("name", "size"), SIZES.items())
def test_bytes_of_a_wrong_size_are_a_value_error(scalars: Any, name: str, size: int) -> None:
    """The messages say "Key size mismatch" and "Value size mismatch", and both sizes."""
    for wrong in (size - 1, size + 1, 0):
        numbers = rf".*\b{size}\b.*\b{wrong}\b|.*\b{wrong}\b.*\b{size}\b"
        with pytest.raises(ValueError, match="Value size mismatch(" + numbers + ")"):
            scalars.maps["v_" + name][0] = bytes(wrong)
        with pytest.raises(ValueError, match="Key size mismatch(" + numbers + ")"):
            scalars.maps["k_" + name][bytes(wrong)]


def test_refused_value_leaves_the_old_one(scalars: Any) -> None:
    """A value that cannot be converted changes nothing."""
    values = scalars.maps["v_s32"]
    values[0] = -7
    for wrong in (2**40, "x", b"123"):
        with pytest.raises((ValueError, TypeError)):
            values[0] = wrong
    assert values[0] == -7
