# SPDX-License-Identifier: MIT
"""Layers of tinybpf/core are its folders: an include that points upward is a defect."""

import pathlib
from collections.abc import Iterable

import csource
import project

# From the bottom up; a file may include its own folder and those before it.
FOLDERS = (
    *("base", "catalog", "error", "elf", "host", "btf", "value", "ctype"),
    *("row", "column", "owner"),
    *("view", "map", "program", "attach", "object", "stream", "system", "class"),
)
# What they hold is bytes and tables: neither descriptors nor the kernel. The sources of
# BTF are opened in a file of their own.
PURE = ("catalog", "elf", "btf", "value", "ctype", "row", "column")
OPENS = ("btf/open.c",)
CORE = project.ROOT / "tinybpf/core"

# Only through these doors; runner/ has one of its own to libpython.
DOORS = {"Python.h": "base/abi3.h", "structmember.h": "base/abi3.h"}
LIBBPF = "base/libbpf.h"
# What runner/ takes of the core besides its PyInit: C that needs no Python yet.
RUNNER = {"drop.c": {"host/capability.h", "host/drop.h", "host/user.h"}}
IMPURE_HEADERS = ("unistd.h", "fcntl.h", "poll.h", "sys/")


def level(name: str) -> int:
    """Return the height of a file: that of its folder; module.c stands on top."""
    folder, _, file = name.rpartition("/")
    if folder in FOLDERS:
        return FOLDERS.index(folder)
    return len(FOLDERS) if file == "module.c" and not folder else -1


def complaints(name: str, text: str) -> list[str]:
    """Return what is wrong with the includes of the core file `name` (folder/file)."""
    if level(name) < 0:
        return [f"{name} has no layer: its folder is not in tests/meta/test_layers.py"]
    found = []
    for include in csource.includes(text):
        bare = include[1:-1]
        if include.startswith('"'):
            if level(bare) < 0:
                found.append(f"{name} includes {bare}: name a folder of the core, and the file")
            elif level(bare) > level(name):
                found.append(f"{name} includes {bare}, which is above it")
        elif bare in DOORS and name != DOORS[bare]:
            found.append(f"{name} includes <{bare}>: only {DOORS[bare]} may")
        elif bare.startswith(("bpf/", "linux/bpf", "linux/btf")) and name != LIBBPF:
            found.append(f"{name} includes <{bare}>: only {LIBBPF} may")
        elif (
            name.partition("/")[0] in PURE
            and name not in OPENS
            and bare.startswith(IMPURE_HEADERS)
        ):
            found.append(f"{name} is pure and includes <{bare}>")
    return found


def runner_complaints(name: str, text: str) -> list[str]:
    """Return what is wrong with the includes of a file of runner/: it knows no core."""
    headers = {include[1:-1] for include in csource.includes(text)}
    core = {h for h in headers if h.partition("/")[0] in FOLDERS and "/" in h}
    wrong = {h for h in headers if h.startswith(("bpf/", "linux/bpf")) or "core/" in h}
    wrong |= core - RUNNER.get(name, set())
    return [f"{name} includes {h}: the runner knows PyInit__core alone" for h in sorted(wrong)]


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


def _core() -> list[pathlib.Path]:
    paths = project.matching("tinybpf/core/*.c", "tinybpf/core/*/*.[ch]")
    assert len(paths) > 100
    return paths


def test_core_includes_point_downward() -> None:
    """No file of the core includes a folder above its own, or a door that is not its."""
    named = ((str(path.relative_to(CORE)), path.read_text()) for path in _core())
    project.none([c for name, text in named for c in complaints(name, text)])


def test_own_header_comes_first() -> None:
    """A .c file that has a header includes it before all else: it must stand alone."""
    for path in _core():
        header = path.with_suffix(".h")
        if path.suffix == ".c" and header.exists():
            first = csource.includes(path.read_text())[0]
            assert first == f'"{header.relative_to(CORE)}"', path


def test_runner_knows_only_the_modules_entry() -> None:
    """runner/ includes nothing of the core and nothing of libbpf."""
    paths = project.matching("runner/*.[ch]", "runner/*/*.[ch]")
    project.none([c for name, text in _all(paths) for c in runner_complaints(name, text)])


def test_package_needs_no_ctypes() -> None:
    """The Python of the package imports no ctypes."""
    paths = project.matching("tinybpf/*.py", "tinybpf/*/*.py")
    assert paths
    project.none([c for name, text in _all(paths) for c in python_complaints(name, text)])


def test_the_check_finds_bad_includes() -> None:
    """Each kind of wrong include is found."""
    good = '#include "map/iter.h"\n#include "owner/map.h"\n#include <stdio.h>'
    assert complaints("map/iter.c", good) == []
    assert complaints("module.c", '#include "class/map.h"') == []
    assert len(complaints("view/view.c", '#include "map/iter.h"')) == 1
    assert len(complaints("owner/map.c", "#include <Python.h>")) == 1
    assert len(complaints("owner/map.c", "#include <bpf/bpf.h>")) == 1
    assert len(complaints("owner/map.c", '#include "map.h"')) == 1
    assert len(complaints("owner/map.c", '#include "unknown/map.h"')) == 1
    assert len(complaints("value/codec.c", "#include <unistd.h>")) == 1
    assert complaints("btf/open.c", "#include <unistd.h>") == []
    assert len(complaints("unknown/map.c", "")) == 1
    assert len(runner_complaints("main.c", "#include <bpf/bpf.h>")) == 1
    assert len(runner_complaints("main.c", '#include "../tinybpf/core/base/abi3.h"')) == 1
    assert len(runner_complaints("main.c", '#include "host/drop.h"')) == 1
    assert runner_complaints("drop.c", '#include "host/drop.h"') == []
    assert len(python_complaints("_x.py", "import os\nfrom ctypes import c_int\n")) == 1
