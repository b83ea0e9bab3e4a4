# SPDX-License-Identifier: MIT
"""Typed modules for objects: `python -m tinybpf stubs x.bpf.o` writes `x_bpf.py`.

What is written has a load() and an open() that cast what they return. The classes stand
behind TYPE_CHECKING, for at run time the object makes its own; their names are there for
annotations that are evaluated, as those of the base classes. Enums are there with their
members. Annotations name types by an alias with an underscore: a field may have the name
of a type.
"""

from __future__ import annotations

import keyword
import os.path
import pathlib
import re

from tinybpf import BpfMapType, BtfKind, View, open
from tinybpf._command import plain_lines, used
from tinybpf._command.types import PARTS, Types, either, is_record, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from tinybpf import BpfMap, BpfObject, BtfType

HEAD = '''\
# Made by `python -m tinybpf stubs`: make it anew when the object changes.
"""The programs, maps and types of {file}, typed.

load() and open() are those of tinybpf; what they return has the names of the C source:
obj.maps["..."], obj.programs["..."], obj.types.x, obj.bss.x. The classes of types are
for annotations: at run time they are tinybpf.Record. An object's own, which make records,
are in obj.types.
"""

from __future__ import annotations

import builtins
import enum
import os
import pathlib
import typing

import tinybpf

PATH = pathlib.Path(__file__).parent / {path!r}
'''

# tinybpf.Record has any attribute for a type checker; these have those of the C source.
RECORD = '''\
class Record(builtins.bytes):
    """A tinybpf.Record with known fields."""

    def __new__(cls, value: typing.Any = ..., /, **fields: typing.Any) -> Self:
        raise NotImplementedError

    @property
    def _fields(self) -> builtins.tuple[builtins.str, ...]:
        raise NotImplementedError

    def _asdict(self) -> builtins.dict[builtins.str, typing.Any]:
        raise NotImplementedError

    def _json(self) -> builtins.str:
        raise NotImplementedError

    def _replace(self, **fields: typing.Any) -> Self:
        raise NotImplementedError

    def _raw(self, name: builtins.str, /) -> builtins.bytes:
        raise NotImplementedError

    def __getitem__(self, key: typing.Any, /) -> typing.Any:
        raise NotImplementedError
'''
TAIL = '''

def load(
    path: typing.Union[str, os.PathLike[str]] = PATH,
    *,
    rodata: typing.Optional[Constants] = None,
    **settings: typing.Any,
) -> Object:
    """Load the object; settings are those of tinybpf.load()."""
    found = tinybpf.load(path, rodata=typing.cast(typing.Any, rodata), **settings)
    return typing.cast("Object", found)


def open(
    path: typing.Union[str, os.PathLike[str]] = PATH,
    *,
    rodata: typing.Optional[Constants] = None,
    **settings: typing.Any,
) -> Object:
    """Open the object to change it before its load(), as tinybpf.open()."""
    found = tinybpf.open(path, rodata=typing.cast(typing.Any, rodata), **settings)
    return typing.cast("Object", found)
'''

IMPORTS = (
    "from tinybpf._typed import EventMap as _EventMap, TypedMap as _TypedMap",
    "from typing_extensions import Self",
    "",
)

ANY, NOTHING = "typing.Any", "typing.NoReturn"
# Keys and values of these are descriptors, sockets, programs, networks ...: not BTF's.
SPECIAL = (
    *("PROG_ARRAY", "ARRAY_OF_MAPS", "HASH_OF_MAPS", "DEVMAP", "DEVMAP_HASH", "CPUMAP"),
    *("SOCKMAP", "SOCKHASH", "REUSEPORT_SOCKARRAY", "XSKMAP", "PERF_EVENT_ARRAY"),
    *("CGROUP_ARRAY", "STACK_TRACE", "STRUCT_OPS", "RINGBUF", "USER_RINGBUF", "ARENA"),
    *("QUEUE", "STACK", "BLOOM_FILTER", "INSN_ARRAY"),
)
# Of these the keys only.
SPECIAL_KEYS = (
    *("LPM_TRIE", "SK_STORAGE", "INODE_STORAGE", "TASK_STORAGE", "CGRP_STORAGE"),
    *("CGROUP_STORAGE", "PERCPU_CGROUP_STORAGE"),
)
ARRAYS = ("ARRAY", "PERCPU_ARRAY")
SECTIONS = ("rodata", "data", "bss", "kconfig")


def declare(parser: argparse.ArgumentParser) -> None:
    """Say which arguments the command takes."""
    parser.add_argument("object", type=pathlib.Path, help="the .bpf.o file")
    parser.add_argument(
        *("-o", "--output"),
        type=pathlib.Path,
        help="the module, or - for the terminal (x_bpf.py beside x.bpf.o)",
    )


def run(args: argparse.Namespace) -> None:
    """Write the module of an object, or print it."""
    beside = default_path(args.object)
    out = args.output or beside
    is_terminal = str(out) == "-"
    folder = beside.parent if is_terminal else out.parent
    with open(args.object) as obj:
        text = write(obj, os.path.relpath(args.object, folder))
    if is_terminal:
        print(plain_lines(text), end="")
    else:
        out.write_text(text, encoding="utf-8")


def default_path(path: pathlib.Path) -> pathlib.Path:
    """Return where the module of an object goes: x_bpf.py beside x.bpf.o."""
    stem = re.sub(r"(\.bpf)?\.o$", "", path.name)
    return path.with_name(re.sub(r"\W", "_", stem) + "_bpf.py")


def write(obj: BpfObject, path: str) -> str:
    """Return the module for an opened object that will lie at path beside it."""
    types = Types(obj.btf)
    events = used.events(obj.btf) if obj.btf else {}
    maps = {name: map_type(types, map, events.get(name, [])) for name, map in obj.maps.items()}
    parts = [
        *_collection("Maps", "MapCollection", maps),
        *_collection(
            "Programs", "ProgramCollection", dict.fromkeys(obj.programs, "tinybpf.BpfProgram")
        ),
        *_types_class(types, obj),
        *_views(types, obj),
        *_constants(types, obj),
        *_object_class(obj),
    ]
    body = [*RECORD.split("\n"), *types.records(), *parts]
    name = quoted(pathlib.Path(path).name)
    head = [*HEAD.format(file=name, path=path).split("\n"), *types.enums()]
    checked = [*IMPORTS, *body]
    parts = [*head, "if typing.TYPE_CHECKING:", *_indented(checked)]
    parts += ["else:", *_indented(_at_run_time(types, obj))]
    return "\n".join(parts) + "\n" + TAIL


def _indented(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines as those of a block."""
    for line in lines:
        yield f"    {line}" if line else ""


def _at_run_time(types: Types, obj: BpfObject) -> Iterator[str]:
    """Yield what the names are that annotations may use, when they are evaluated."""
    yield "Object, Maps = tinybpf.BpfObject, tinybpf.MapCollection"
    yield "Programs, Types = tinybpf.ProgramCollection, tinybpf.TypeCollection"
    yield "Record = tinybpf.Record"
    yield "Constants = dict"
    for name in _sections(obj):
        yield f"{name.capitalize()} = tinybpf.View"
    for name in types.record_names():
        yield f"{name} = tinybpf.Record"


def map_type(types: Types, map: BpfMap, events: list[BtfType]) -> str:
    """Return the annotation of a map; events are the types of its records, if it says so."""
    kind = BpfMapType(map.type).name if map.type in list(BpfMapType) else ""
    if events:
        names = ", ".join(types.top_level(event, f"{map.name}_event") for event in events)
        return f"_EventMap[typing.Union[{names}]]" if len(events) > 1 else f"_EventMap[{names}]"
    if not kind or kind in SPECIAL:
        return "tinybpf.BpfMap"
    key = ANY if kind in SPECIAL_KEYS else _side(types, map.btf_key, f"{map.name}_key")
    value = _side(types, map.btf_value, f"{map.name}_value")
    if kind in ARRAYS:
        key = "builtins.int"
    keys, values = _parts(key), _parts(value)
    if map.is_percpu:
        values = f"typing.Sequence[{either(value)}]"
        value = f"builtins.list[{value}]"
    if keys == values == NOTHING:
        return f"tinybpf.BpfMap[{key}, {value}]"
    return f"_TypedMap[{key}, {value}, {keys}, {values}]"


def _parts(text: str) -> str:
    """Return the annotation of what else is taken for a key or value: parts of structs."""
    return f"typing.Union[{', '.join(PARTS)}]" if is_record(text) else NOTHING


def _side(types: Types, found: BtfType | None, name: str) -> str:
    """Return the annotation of keys or values: numbers, Records, or bytes."""
    if found is None:
        return "builtins.bytes"
    if found.kind == BtfKind.DATASEC:
        return "tinybpf.Record"
    return types.top_level(found, name)


def _collection(name: str, base: str, members: dict[str, str]) -> Iterator[str]:
    """Yield a class whose items have types of their own: a name that is none is an error."""
    yield f"class {name}(tinybpf.{base}):  # type: ignore[misc]"
    if not members:
        yield '    """There are none."""'
        yield ""
        yield "    def __getitem__(  # type: ignore[override]"
        yield "        self, name: typing.NoReturn, /"
        yield "    ) -> typing.Any:"
        yield "        raise NotImplementedError"
    returns = [f"-> {type}: ..." for type in members.values()]
    heads = [f"def __getitem__(self, name: typing.Literal[{name!r}], /)" for name in members]
    if len(members) == 1:
        yield f"    {heads[0]} {returns[0][:-5]}:  # type: ignore[override]"
        yield "        raise NotImplementedError"
    for at, (head, result) in enumerate(zip(heads, returns)):
        if len(members) > 1:
            yield "    @typing.overload" + ("  # type: ignore[override]" if at == 0 else "")
            yield f"    {head} {result}"
    if len(members) > 1:
        yield "    def __getitem__(self, name: builtins.str, /) -> typing.Any:"
        yield "        raise NotImplementedError"
    yield ""


def _types_class(types: Types, obj: BpfObject) -> Iterator[str]:
    """Yield the class of obj.types, with those that the object uses."""
    seen = used.types(obj)
    yield "class Types(tinybpf.TypeCollection):  # type: ignore[misc]"
    yield '    """The classes by their names in C."""'
    yield ""
    for name in obj.types:
        alias = types.alias_of(name, seen)
        if alias and is_name(name) and not hasattr(dict, name):
            yield f"    {name}: builtins.type[{alias}]"
    yield ""


def _views(types: Types, obj: BpfObject) -> Iterator[str]:
    """Yield a class for each section with global variables."""
    for name in _sections(obj):
        section = obj.btf.find("." + name, BtfKind.DATASEC) if obj.btf else None
        yield f"class {name.capitalize()}(tinybpf.View):  # type: ignore[misc]"
        yield f'    """Global variables in .{name}."""'
        yield ""
        for field in section.fields if section else ():
            if is_name(field.name):
                ignore = "  # type: ignore[assignment]" if hasattr(View, field.name) else ""
                yield f"    {field.name}: {types.of_view(field)}{ignore}"
        yield ""


def _constants(types: Types, obj: BpfObject) -> Iterator[str]:
    """Yield the type of what load(rodata=...) takes: any of the constants by name."""
    yield "Constants = typing.TypedDict("
    yield '    "Constants",'
    yield "    {"
    for section in used.sections(obj.btf) if obj.btf else ():
        for field in section.fields if section.name.startswith(".rodata") else ():
            yield f"        {field.name!r}: {types.of_constant(field)},"
    yield "    },"
    yield "    total=False,"
    yield ")"
    yield ""


def _sections(obj: BpfObject) -> list[str]:
    """Return the names of obj's attributes for global variables."""
    return [name for name in SECTIONS if obj.btf and f".{name}" in obj.sections]


def _object_class(obj: BpfObject) -> Iterator[str]:
    yield "class Object(tinybpf.BpfObject):  # type: ignore[misc]"
    yield f'    """What {quoted(obj.name)} is when it is opened or loaded."""'
    yield ""
    yield "    maps: Maps"
    yield "    programs: Programs"
    yield "    types: Types"
    for name in _sections(obj):
        yield f"    {name}: {name.capitalize()}"
    for method in ("__enter__", "prepare", "load"):  # Self of a final class is itself
        yield ""
        yield f"    def {method}(self) -> Object:"
        yield "        raise NotImplementedError"


def is_name(name: str) -> bool:
    """Tell whether a name can be an attribute in a class body."""
    return name.isidentifier() and not keyword.iskeyword(name)
