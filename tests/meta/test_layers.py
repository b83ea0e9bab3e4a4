# SPDX-License-Identifier: MIT
"""Layers of tinybpf/core: an include that points upward is a defect."""

import pathlib
from collections.abc import Iterable

import csource
import project

# From the bottom up; a file may include its own layer and those below.
LAYERS = (
    ("abi3", "libbpf"),
    (
        *("state", "error", "log", "args", "enums", "lock", "loan", "queue"),
        *("error_class", "explain", "relocation", "privilege", "kernel_btf"),
        *("confinement", "nearest", "release"),
    ),
    (
        *("layout", "mapdef", "bits", "path", "codec", "value", "value_encode", "elf"),
        *("record", "record_make", "shape", "field", "classes", "types", "pickle"),
        *("view", "view_text", "view_type"),
        *("ctype", "pytype", "ctype_fields", "ctype_declare", "ctype_check"),
        *("btf", "btf_check", "btf_dump", "btf_query", "btf_type", "elf_section"),
        *("btf_ext", "btf_mark"),
        "elf_symbols",
    ),
    (
        *("btf_class", "btf_open", "btf_minimize"),
        *("fd", "object", "collection", "image", "open", "load", "hook"),
        *("object_type", "program", "program_setting", "attach", "run", "link"),
        *("map", "map_about", "map_setting", "map_reuse", "map_type", "map_access"),
        *("map_entry", "map_bulk", "map_iter", "map_mutable", "map_percpu"),
        *("map_pin", "map_value", "map_walk", "section", "section_layout", "pin", "link_pin"),
        *("hint", "support", "target", "target_btf", "target_file"),
        *("map_create", "map_error", "map_handle", "map_info", "map_inner", "map_kind"),
        *("map_lpm", "map_memory", "map_open", "map_queue", "map_stack"),
    ),
    (
        *("stream", "event_type", "reader", "ring", "ringsource", "ringbuf"),
        *("perfring", "perfsource", "perfbuf", "userring"),
    ),
    ("query", "features", "linker", "symbols"),
    ("module",),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
PURE = 2  # the layer that knows neither descriptors nor the kernel

# Only through these doors; runner/ has one of its own to libpython.
DOORS = {"Python.h": "abi3.h", "structmember.h": "abi3.h"}
IMPURE_HEADERS = ("unistd.h", "fcntl.h", "poll.h", "sys/")


def complaints(name: str, text: str) -> list[str]:
    """Return what is wrong with the includes of the core file `name`."""
    stem = name.rpartition(".")[0]
    if stem not in LEVEL:
        return [f"{name} has no layer: give it one in tests/meta/test_layers.py"]
    found = []
    for include in csource.includes(text):
        bare = include[1:-1]
        if include.startswith('"'):
            level = LEVEL.get(bare.removesuffix(".h"))
            if level is None:
                found.append(f"{name} includes {bare}, which has no layer")
            elif level > LEVEL[stem]:
                found.append(f"{name} (layer {LEVEL[stem]}) includes {bare} (layer {level})")
        elif bare in DOORS and name != DOORS[bare]:
            found.append(f"{name} includes <{bare}>: only {DOORS[bare]} may")
        elif bare.startswith(("bpf/", "linux/bpf", "linux/btf")) and name != "libbpf.h":
            found.append(f"{name} includes <{bare}>: only libbpf.h may")
        elif LEVEL[stem] == PURE and bare.startswith(IMPURE_HEADERS):
            found.append(f"{name} is pure (layer {PURE}) and includes <{bare}>")
    return found


def runner_complaints(name: str, text: str) -> list[str]:
    """Return what is wrong with the includes of a file of runner/: it knows no core."""
    headers = [include[1:-1] for include in csource.includes(text)]
    wrong = [h for h in headers if h.startswith(("bpf/", "linux/bpf")) or "core/" in h]
    return [f"{name} includes {h}: the runner knows PyInit__core and no more" for h in wrong]


def python_complaints(name: str, text: str) -> list[str]:
    """Return the imports of native modules other than tinybpf._core in the package."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if words[:1] in (["import"], ["from"]) and words[1].partition(".")[0] == "ctypes":
            found.append(f"{name}:{number} imports ctypes")
    return found


def _all(paths: Iterable[pathlib.Path]) -> Iterable[tuple[str, str]]:
    return ((path.name, path.read_text()) for path in paths)


def test_core_includes_point_downward() -> None:
    """No file of the core includes a layer above its own, or a door that is not its."""
    paths = project.matching("tinybpf/core/*.[ch]")
    assert len(paths) > 20
    project.none([c for name, text in _all(paths) for c in complaints(name, text)])


def test_own_header_comes_first() -> None:
    """A .c file that has a header includes it before all else: it must stand alone."""
    for path in project.matching("tinybpf/core/*.c"):
        if path.with_suffix(".h").exists():
            assert csource.includes(path.read_text())[0] == f'"{path.stem}.h"', path.name


def test_runner_knows_only_the_modules_entry() -> None:
    """runner/ includes nothing of the core and nothing of libbpf."""
    paths = project.matching("runner/*.[ch]", "runner/*/*.[ch]")
    project.none([c for name, text in _all(paths) for c in runner_complaints(name, text)])


def test_package_needs_no_ctypes() -> None:
    """tinybpf/*.py imports no ctypes."""
    paths = project.matching("tinybpf/*.py")
    assert paths
    project.none([c for name, text in _all(paths) for c in python_complaints(name, text)])


def test_the_check_finds_bad_includes() -> None:
    """Each kind of wrong include is found."""
    assert complaints("map.c", '#include "map.h"\n#include "error.h"\n#include <stdio.h>') == []
    assert len(complaints("map.c", '#include "ringbuf.h"')) == 1
    assert len(complaints("map.c", "#include <Python.h>")) == 1
    assert len(complaints("map.c", "#include <bpf/bpf.h>")) == 1
    assert len(complaints("map.c", '#include "unknown.h"')) == 1
    assert len(complaints("codec.c", "#include <unistd.h>")) == 1
    assert len(complaints("unknown.c", "")) == 1
    assert len(runner_complaints("main.c", "#include <bpf/bpf.h>")) == 1
    assert len(runner_complaints("main.c", '#include "../tinybpf/core/abi3.h"')) == 1
    assert len(python_complaints("_x.py", "import os\nfrom ctypes import c_int\n")) == 1
