# SPDX-License-Identifier: MIT
"""A reader of Arrow's C data interface, by ctypes alone: what a consumer may do, it does.

A consumer takes the structs out of the capsules, may move children out of their parents,
and releases each once. What it reads is what any library would see.
"""

import ctypes
import struct
from typing import Any, Callable

_Release = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_api = ctypes.pythonapi
_api.PyCapsule_GetPointer.restype = ctypes.c_void_p
_api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]


class Schema(ctypes.Structure):
    """ArrowSchema."""


class Array(ctypes.Structure):
    """ArrowArray."""


class Stream(ctypes.Structure):
    """ArrowArrayStream."""


Schema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_char_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.POINTER(ctypes.POINTER(Schema))),
    ("dictionary", ctypes.POINTER(Schema)),
    ("release", ctypes.c_void_p),
    ("private_data", ctypes.c_void_p),
]
Array._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(Array))),
    ("dictionary", ctypes.POINTER(Array)),
    ("release", ctypes.c_void_p),
    ("private_data", ctypes.c_void_p),
]
_Get = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
Stream._fields_ = [
    ("get_schema", _Get),
    ("get_next", _Get),
    ("get_last_error", ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_void_p)),
    ("release", ctypes.c_void_p),
    ("private_data", ctypes.c_void_p),
]

NUMBERS = dict(zip("cCsSiIlLfg", "bBhHiIqQfd"))


def take(capsule: Any, name: str, kind: Any) -> Any:
    """Move a struct out of its capsule, which has nothing to release then."""
    address = _api.PyCapsule_GetPointer(capsule, name.encode())
    there = kind.from_address(address)
    moved = kind.from_buffer_copy(there)
    there.release = None
    return moved


def release(thing: Any) -> None:
    """Release a struct; it says so itself afterwards."""
    assert thing.release
    _Release(thing.release)(ctypes.addressof(thing))
    assert not thing.release


def _read(array: Any, index: int, size: int) -> bytes:
    return ctypes.string_at(array.buffers[index], size) if size else b""


def _texts(array: Any) -> list[str]:
    offsets = struct.unpack(f"{array.length + 1}i", _read(array, 1, 4 * array.length + 4))
    data = _read(array, 2, offsets[-1])
    return [data[a:b].decode() for a, b in zip(offsets, offsets[1:])]


def _bits(array: Any) -> list[bool]:
    data = _read(array, 1, (array.length + 7) // 8)
    return [bool(data[i // 8] >> i % 8 & 1) for i in range(array.length)]


def _in_parts(items: list[Any], size: int) -> list[Any]:
    return [items[at : at + size] for at in range(0, len(items), size)]


def values(schema: Any, array: Any) -> list[Any]:
    """Return the values of a node; nothing in it may be absent."""
    form, n = schema.format.decode(), array.length
    assert (array.null_count, array.offset, array.buffers[0]) == (0, 0, None)
    if schema.dictionary:
        names = values(schema.dictionary.contents, array.dictionary.contents)
        return [names[i] for i in struct.unpack(f"{n}i", _read(array, 1, 4 * n))]
    if form.startswith("+w:"):
        size = int(form[3:])
        inner = values(schema.children[0].contents, array.children[0].contents)
        assert len(inner) == n * size
        return _in_parts(inner, size)
    if form.startswith("w:"):
        size = int(form[2:])
        return _in_parts(_read(array, 1, n * size), size)  # type: ignore[arg-type]
    readers: dict[str, Callable[[Any], list[Any]]] = {"u": _texts, "b": _bits}
    if form in readers:
        return readers[form](array)
    letter = NUMBERS[form]
    return list(struct.unpack(f"{n}{letter}", _read(array, 1, n * struct.calcsize(letter))))


def table(schema: Any, array: Any) -> dict[str, list[Any]]:
    """Return the columns of a struct array by their names."""
    assert schema.format == b"+s"
    assert schema.n_children == array.n_children
    return {
        schema.children[i].contents.name.decode(): values(
            schema.children[i].contents, array.children[i].contents
        )
        for i in range(schema.n_children)
    }


def read(cols: Any) -> dict[str, list[Any]]:
    """Return what a consumer of __arrow_c_array__ sees, and give all back."""
    capsules = cols.__arrow_c_array__()
    schema = take(capsules[0], "arrow_schema", Schema)
    array = take(capsules[1], "arrow_array", Array)
    found = table(schema, array)
    release(schema)
    release(array)
    return found
