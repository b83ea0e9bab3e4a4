# SPDX-License-Identifier: MIT
"""Annotations and classes for the types of C: what `stubs` writes of them."""

from __future__ import annotations

import keyword
import re

from tinybpf import BtfKind, Record
from tinybpf._command import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator

    from tinybpf import Btf, BtfField, BtfType

AGGREGATES = (BtfKind.STRUCT, BtfKind.UNION)
ENUMS = (BtfKind.ENUM, BtfKind.ENUM64)
QUALIFIERS = (BtfKind.CONST, BtfKind.VOLATILE, BtfKind.RESTRICT, BtfKind.TYPE_TAG)
SIZES = (1, 2, 4, 8, 16)
# What is taken for a struct or an array.
PARTS = (
    "builtins.bytes",
    "builtins.tuple[typing.Any, ...]",
    "typing.Mapping[builtins.str, typing.Any]",
)
# Names that the module itself needs.
TAKEN = (
    *(
        "Record",
        "Self",
        "Maps",
        "Programs",
        "Types",
        "Object",
        "Rodata",
        "Data",
        "Bss",
        "Kconfig",
        "Constants",
        "EventMap",
        "TypedMap",
        "PATH",
    ),
    *("annotations", "builtins", "enum", "load", "open", "os", "pathlib", "tinybpf", "typing"),
)


def quoted(text: str) -> str:
    """Return a text as it can stand in a docstring, whatever the file has for a name."""
    return plain(text).replace("\\", "\\\\").replace('"', '\\"')


class Types:
    """The classes that a module needs, found while annotations are asked for."""

    def __init__(self, btf: Btf | None) -> None:
        self._btf = btf
        self._classes: dict[int, str] = {}  # id -> name of the class
        self._lines: dict[int, list[str]] = {}
        self._names = set(TAKEN)
        self._counts: dict[str, int] = {}  # how many classes wanted a name that is taken

    def records(self) -> Iterator[str]:
        """Yield the Record classes, in the order in which they were found."""
        return self._written(lambda line: "(Record)" in line)

    def enums(self) -> Iterator[str]:
        """Yield the enums, in the order in which they were found."""
        return self._written(lambda line: "(enum.IntEnum)" in line)

    def record_names(self) -> Iterator[str]:
        """Yield the names of the Record classes."""
        for id, lines in self._lines.items():
            if "(Record)" in lines[0]:
                yield self._classes[id]

    def _written(self, is_wanted: Callable[[str], bool]) -> Iterator[str]:
        """Yield the classes of one sort, each with its alias."""
        for id, lines in self._lines.items():
            if is_wanted(lines[0]):
                yield from lines
                yield ""
                yield f"_{self._classes[id]} = {self._classes[id]}"
                yield ""

    def alias_of(self, name: str, seen: Container[int]) -> str | None:
        """Return the name for annotations of a type that obj.types has by that name.

        None if it is none of those that are seen, by their ids, or is no class, or if
        there are several.
        """
        assert self._btf is not None
        try:
            found = self._resolve(self._btf[name])[0]
        except KeyError:
            return None
        if found.kind in (*AGGREGATES, *ENUMS) and found.id in seen:
            return self._class(found, name.rpartition(" ")[2])
        return None

    def top_level(self, found: BtfType, name: str) -> str:
        """Return the annotation of a map's key or value; arrays are Records there."""
        found, typedef = self._resolve(found)
        if found.kind in ENUMS:
            return "builtins.int"
        if found.kind == BtfKind.ARRAY:
            return self._array_record(found, typedef or name)
        return self.annotation(found, typedef or name)

    def of_view(self, field: BtfField) -> str:
        """Return the annotation of a global variable: aggregates are views."""
        assert self._btf is not None
        found, _ = self._resolve(self._btf[field.type_id])
        text = self.annotation(found, field.name)
        plain = ("builtins.str", "builtins.bytes")
        is_view = found.kind in AGGREGATES or (
            found.kind == BtfKind.ARRAY and text not in plain
        )
        return "tinybpf.View" if is_view else text

    def of_constant(self, field: BtfField) -> str:
        """Return the annotation of what a constant can be set to."""
        assert self._btf is not None
        found, _ = self._resolve(self._btf[field.type_id])
        if found.kind == BtfKind.ARRAY:
            return f"typing.Union[{', '.join(('builtins.str', *PARTS))}]"
        return either(self.annotation(found, field.name))

    def annotation(self, found: BtfType, name: str) -> str:
        """Return the annotation of a field; name is that of an anonymous type's class."""
        found, typedef = self._resolve(found)
        if found.kind in AGGREGATES:
            return self._class(found, found.name or typedef or name)
        if found.kind in ENUMS:
            alias = self._class(found, found.name or typedef or name)
            return f"typing.Union[{alias}, builtins.int]"
        if found.kind == BtfKind.ARRAY:
            return self._array(found, name)
        return "builtins." + _scalar(found)

    def _resolve(self, found: BtfType) -> tuple[BtfType, str]:
        """Look through typedefs and qualifiers; what is behind, and the last typedef."""
        assert self._btf is not None
        typedef = ""
        while found.kind == BtfKind.TYPEDEF or found.kind in QUALIFIERS:
            typedef = found.name if found.kind == BtfKind.TYPEDEF else typedef
            found = self._btf[found.type_id] if found.type_id else _VOID
        return found, typedef

    def _array(self, found: BtfType, name: str) -> str:
        assert self._btf is not None
        element, typedef = self._resolve(self._btf[found.type_id])
        if element.kind == BtfKind.INT and element.size == 1 and element.encoding != "bool":
            if element.name == "char":
                return "builtins.str"
            if element.encoding == "unsigned":
                return "builtins.bytes"
        return f"builtins.tuple[{self.annotation(element, typedef or name)}, ...]"

    def _array_record(self, found: BtfType, name: str) -> str:
        """Return the class of an array that is no field: a Record with one field."""
        if found.id not in self._classes:
            text = self._array(found, name + "_element")
            self._classes[found.id] = class_name = self._free(name)
            self._lines[found.id] = [
                f"class {class_name}(Record):",
                f'    """{quoted(found.c_name)}, {found.size} bytes."""',
                "",
                f"    value: {text}",
            ]
        return "_" + self._classes[found.id]

    def _class(self, found: BtfType, name: str) -> str:
        """Return the alias of an aggregate's or enum's class, which is made when new."""
        if found.id not in self._classes:
            self._classes[found.id] = self._free(name)
            lines = self._enum(found) if found.kind in ENUMS else self._record(found)
            self._lines[found.id] = list(lines)
        return "_" + self._classes[found.id]

    def _free(self, name: str) -> str:
        """Return a name for a class that is an identifier, and not taken."""
        name = re.sub(r"\W", "_", name).lstrip("_") or "unnamed"
        if name[0].isdigit() or keyword.iskeyword(name):
            name = "type_" + name
        free = name
        while free in self._names:
            self._counts[name] = self._counts.get(name, 1) + 1
            free = f"{name}_{self._counts[name]}"
        self._names.add(free)
        return free

    def _enum(self, found: BtfType) -> Iterator[str]:
        yield f"class {self._classes[found.id]}(enum.IntEnum):"
        yield f'    """{quoted(found.c_name)}, {found.size} bytes."""'
        yield ""
        for name, number in found.values:
            if (
                name.isidentifier()
                and not keyword.iskeyword(name)
                and name[0] != "_"
                and name != "mro"
            ):
                yield f"    {name} = {number}"

    def _record(self, found: BtfType) -> Iterator[str]:
        class_name = self._classes[found.id]
        fields = list(self._fields(found, class_name))
        yield f"class {class_name}(Record):"
        yield f'    """{quoted(found.c_name)}, {found.size} bytes."""'
        yield ""
        for name, text in fields:
            if not name.isidentifier() or keyword.iskeyword(name):
                yield f"    # record[{name!r}]: {text}"
                continue
            ignore = "  # type: ignore[assignment]" if hasattr(Record, name) else ""
            yield f"    {name}: {text}{ignore}"

    def _fields(self, found: BtfType, class_name: str) -> Iterator[tuple[str, str]]:
        """Yield (name, annotation), those of anonymous members among them."""
        assert self._btf is not None
        for field in found.fields:
            inner = self._btf[field.type_id]
            if field.name:
                yield field.name, self.annotation(inner, f"{class_name}_{field.name}")
                continue
            inner, _ = self._resolve(inner)
            if inner.kind in AGGREGATES:
                yield from self._fields(inner, class_name)


def is_record(text: str) -> bool:
    """Tell whether an annotation is that of a Record."""
    return text.startswith("_") or text == "tinybpf.Record"


def either(text: str) -> str:
    """Return the annotation of what is taken for a value of that annotation."""
    return f"typing.Union[{', '.join((text, *PARTS))}]" if is_record(text) else text


def _scalar(found: BtfType) -> str:
    """Return the Python type of a number; bytes for what has no meaning."""
    if found.kind == BtfKind.PTR:
        return "int"
    if found.kind == BtfKind.FLOAT and found.size in (4, 8):
        return "float"
    if found.kind == BtfKind.INT and found.size in SIZES:
        return "bool" if found.encoding == "bool" and found.size == 1 else "int"
    return "bytes"


def _void() -> BtfType:
    from tinybpf import BtfType

    return BtfType("void", BtfKind.UNKN, 0)


_VOID = _void()
