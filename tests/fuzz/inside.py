# SPDX-License-Identifier: MIT
"""What targets in an interpreter do with an input (input.h).

`python` reads types, makes values and runs commands, `linker` links objects.

Each outcome is a value or an exception of those that are documented; everything else
goes on to the fuzzer, which keeps the input.
"""

import contextlib
import copy
import importlib.machinery
import importlib.util
import io
import os
import pathlib
import pickle
import struct
import sys
import unicodedata
from typing import Any

from corpus import HEAD

PACKAGE = pathlib.Path(__file__).resolve().parent.parent.parent
TYPES = 24  # of an input that are looked at, and values of each
VALUE_MAX = 4096  # bytes
TEXT_MAX = 4 << 20
# Objects that others are linked with: declarations, definitions, maps, variables.
PARTNERS = tuple(
    pathlib.Path(os.environ["TINYBPF_FUZZ_OBJECTS"], name + ".bpf.o").read_bytes()
    for name in ("linked", "linked_with", "globals")
    if "TINYBPF_FUZZ_OBJECTS" in os.environ
)
# What comes of values of types that were not meant for them.
EXPECTED = (ValueError, TypeError, OverflowError, KeyError, AttributeError, IndexError)


def load_package() -> Any:
    """Import tinybpf from its sources over the module that is built in."""
    loader = importlib.machinery.BuiltinImporter
    spec = importlib.util.spec_from_loader("tinybpf._core", loader, origin="built-in")
    assert spec is not None
    core = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = core
    loader.exec_module(core)
    sys.path.insert(0, str(PACKAGE))
    import tinybpf

    return tinybpf


tinybpf = load_package()
main = importlib.import_module("tinybpf.__main__").main


def look_at_record(record: Any) -> None:
    """Read all fields, write them back, copy, compare, pickle."""
    repr(record)
    for name in record._fields:
        with contextlib.suppress(*EXPECTED):
            value = getattr(record, name)
            setattr(record, name, value)
            record[name] = value
    copied = copy.copy(record)
    assert bytes(copied) == bytes(record)
    hash(str(record))
    again = pickle.loads(pickle.dumps(record))
    assert bytes(again) == bytes(record)


def look_at_type(btf: Any, found: Any, noise: bytes) -> None:
    """Make values of a type: zero, of noise, of a mapping."""
    repr(found)
    with contextlib.suppress(tinybpf.BpfError, *EXPECTED):
        btf.dump(found)
    with contextlib.suppress(tinybpf.BpfError, *EXPECTED):
        made = btf.classes[found]
        if isinstance(made, type) and (found.size or 0) <= VALUE_MAX:
            empty = made()
            size = len(empty)
            look_at_record(made((noise * (size // len(noise) + 1))[:size]))
            look_at_record(made({name: empty[name] for name in empty._fields[:8]}))


def look_at_types(data: bytes, noise: bytes) -> bool:
    """Parse a BTF, and look at some of its types."""
    try:
        btf = tinybpf.Btf.parse(data)
    except tinybpf.BpfError:
        return False
    for _, found in zip(range(TYPES), btf):
        look_at_type(btf, found, noise)
    for name in btf.names()[:TYPES]:
        with contextlib.suppress(KeyError, tinybpf.BpfError):
            found = btf.find(name)
            repr((found, btf[name]))
    assert len(tinybpf.Btf.parse(bytes(btf))) == len(btf)
    return True


def look_at_map(found: Any) -> None:
    """Say what a map is, and let it be larger."""
    repr((found, found.type, found.key_size, found.value_size))
    with contextlib.suppress(tinybpf.BpfError, *EXPECTED):
        found.max_entries = found.max_entries + 1


def look_at_globals(obj: Any, name: str) -> None:
    """Read the variables of a section."""
    with contextlib.suppress(tinybpf.BpfError, *EXPECTED):
        view = getattr(obj, name)
        for field in dir(view)[:TYPES]:
            repr(getattr(view, field))


def look_at_object(image: bytes, btf: bytes) -> bool:
    """Open an object, look at all that it has, set what can be set."""
    try:
        obj = tinybpf.open_bytes(image, btf=btf or None)
    except tinybpf.BpfError:
        return False
    with obj:
        repr((obj, *obj.programs.values()))
        for found in obj.maps.values():
            look_at_map(found)
        for name in ("rodata", "data", "bss"):
            look_at_globals(obj, name)
    return True


def run_command(name: str, path: str, *options: str) -> None:
    """Run a command as a person does: no traceback, nothing that steers a terminal."""
    sys.argv = ["tinybpf", name, *options, path]
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = main()
        except SystemExit as end:
            status = end.code
    assert status in {0, 1}, (status, err.getvalue())
    for text in (out.getvalue()[:TEXT_MAX], err.getvalue()):
        bad = [c for c in text if unicodedata.category(c) == "Cc" and c not in "\n\t"]
        assert not bad, (sys.argv, bad)


def link(data: bytes) -> bool:
    """Link an object: alone, with itself, before and behind others; and the result again."""
    image = data[HEAD.size :][HEAD.unpack_from(data)[0] :] if len(data) >= HEAD.size else b""
    kept = False
    for objects in ((image,), (image, image), (image, *PARTNERS), (*PARTNERS, image)):
        with contextlib.suppress(tinybpf.BpfError):
            linked = tinybpf.link(*objects)
            kept = True
            tinybpf.open_bytes(linked).close()
            tinybpf.link(linked, linked)
    return kept


def run(data: bytes) -> bool:
    """Do it all; whether the input is one to go on from."""
    if len(data) < HEAD.size:
        return False
    n, _, flags, answers = HEAD.unpack_from(data)
    btf, rest = data[HEAD.size :][:n], data[HEAD.size :][n:]
    noise = struct.pack("<B", flags & 255) + bytes(answers)
    kept = look_at_types(btf, noise)
    if rest.startswith(b"\x7fELF"):
        kept |= look_at_object(rest, btf if flags & 1 else b"")
        fd = os.memfd_create("object")
        with os.fdopen(fd, "wb") as file:
            file.write(rest)
            file.flush()
            path = f"/proc/self/fd/{fd}"
            run_command("inspect", path, *(["--json"] if flags & 2 else []))
            run_command("stubs", path, "-o", "-")
            run_command("btf", path, "-f")
    return kept
