# SPDX-License-Identifier: MIT
"""Btf.dump() is C that clang lays out as the kernel's compiler did."""

import collections
import importlib
import itertools
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import project
import pytest

# A header without a struct has nothing for bpftool's attribute to apply to.
QUIET = ("-Wno-pragma-clang-attribute",)
VMLINUX = pathlib.Path("/sys/kernel/btf/vmlinux")


@pytest.fixture(scope="module")
def tinybpf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Return the package of the wheel, loaded for this module only."""
    folder = project.unpack_wheel(tmp_path_factory.mktemp("wheel"))
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        mine = {name: sys.modules.pop(name) for name in list(sys.modules) if "tinybpf" in name}
        yield importlib.import_module("tinybpf")
        for name in [name for name in sys.modules if "tinybpf" in name]:
            del sys.modules[name]
        sys.modules.update(mine)


def clang() -> str:
    """Return the compiler that the build found for BPF."""
    cache = project.built("TINYBPF_BUILD") / "CMakeCache.txt"
    lines = cache.read_text().splitlines() if cache.exists() else []
    named = [line.partition("=")[2] for line in lines if line.startswith("TINYBPF_CLANG:")]
    found = named[0] if named else shutil.which("clang-22") or shutil.which("clang")
    assert found, "there is no clang: run the tests by ./dev test"
    return found


def compiles(code: str) -> None:
    """Fail unless clang takes the code for BPF without a warning."""
    done = subprocess.run(
        [clang(), "-target", "bpf", "-fsyntax-only", "-Werror", *QUIET, "-x", "c", "-"],
        input=code,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[:4000]


def layout_of(types: Any, kinds: Any) -> Iterator[str]:
    """Yield an assertion in C for each struct's size and each field's offset."""
    tags = [types.names(kind) for kind in (kinds.STRUCT, kinds.UNION, kinds.ENUM)]
    uses = collections.Counter(itertools.chain(*tags))
    for found in types.types(kinds.STRUCT):
        if uses[found.name] != 1 or any("va_list" in f.type for f in found.fields):
            continue  # the second one is name___2; BPF has a va_list of its own
        yield f'_Static_assert(sizeof({found.c_name}) == {found.size}, "{found.name}");'
        for field in found.fields:
            if field.name and not field.bit_size:
                place = f"__builtin_offsetof({found.c_name}, {field.name})"
                yield f'_Static_assert({place} == {field.offset}, "{found.name}");'


def check_header(types: Any, kinds: Any) -> int:
    """Compile the header of all types with an assertion for each offset; their number."""
    lines = list(layout_of(types, kinds))
    compiles("\n".join([types.dump(), *lines]))
    return len(lines)


def test_header_of_an_object_has_its_layout(tinybpf: Any) -> None:
    """Every struct of the test objects compiles to its own size and offsets."""
    total = 0
    for path in sorted(project.built("TINYBPF_BPF_DIR").glob("*.bpf.o")):
        total += check_header(tinybpf.Btf.file(path), tinybpf.BtfKind)
    assert total > 100


@pytest.mark.skipif(not VMLINUX.exists(), reason="this host's kernel has no BTF")
def test_header_of_the_kernel_has_its_layout(tinybpf: Any) -> None:
    """vmlinux.h compiles, and every struct of the kernel has its size and offsets in it."""
    kernel = tinybpf.Btf.kernel()
    assert check_header(kernel, tinybpf.BtfKind) > 10_000


def test_complete_definition_compiles_by_itself(tinybpf: Any) -> None:
    """With complete=True a definition brings what it needs; without, it is just itself."""
    path = project.built("TINYBPF_BPF_DIR") / "btf_shapes.bpf.o"
    types = tinybpf.Btf.file(path)
    assert types.dump("tight") == (
        "struct tight {\n\tchar tag;\n\tstruct point where;\n} __attribute__((packed));\n"
    )
    assert types.dump("work") == "long work(struct point *p, number n);\n"
    compiles(types.dump("tight", complete=True))
    compiles(types.dump("shape", complete=True))
    with pytest.raises(KeyError, match="did you mean 'tight'"):
        types.dump("tigth")
