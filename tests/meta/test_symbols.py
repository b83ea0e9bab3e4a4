# SPDX-License-Identifier: MIT
"""The module that the wheel carries: what it shows, what it asks for, what it gives away."""

import pathlib

import elfread
import project
import pytest

# All of it is the C library, in the parts that it has before glibc 2.34.
LIBC = {"libc.so.6", "libpthread.so.0", "libdl.so.2", "ld-linux-x86-64.so.2"}


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Return the module inside the wheel."""
    folder = project.unpack_wheel(tmp_path_factory.mktemp("wheel"))
    (found,) = folder.glob("tinybpf/_core*.so")
    return found


def test_module_exports_its_entry_only(module: pathlib.Path) -> None:
    """Nothing but PyInit__core is visible: no libbpf that another module could pick up."""
    assert elfread.Elf(module).exported() == {"PyInit__core"}


def test_module_needs_the_c_library_only(module: pathlib.Path) -> None:
    """libbpf, libelf and zlib are inside."""
    assert set(elfread.Elf(module).needed()) <= LIBC


def test_artifacts_do_not_tell_where_they_were_built(module: pathlib.Path) -> None:
    """No path of the build machine is in the module or the executable."""
    places = {str(project.ROOT).encode(), str(pathlib.Path.home()).encode() + b"/"}
    for path in (module, project.built("TINYBPF_RUN")):
        content = path.read_bytes()
        assert [place for place in places if place in content] == [], path.name


def test_reader_sees_exports_and_needs() -> None:
    """The reader of ELF files finds what a library of the system exports and needs."""
    python = pathlib.Path("/proc/self/exe").resolve()
    libraries = [*elfread.Elf(python).needed(), "libc.so.6"]
    assert any(name.startswith("libc.so") for name in libraries)
    (libc,) = {
        line.split()[-1]
        for line in pathlib.Path("/proc/self/maps").read_text().splitlines()
        if "/libc.so" in line or "/libc-" in line
    }
    assert {"printf", "malloc"} <= elfread.Elf(pathlib.Path(libc)).exported()
    assert "PyInit__core" not in elfread.Elf(pathlib.Path(libc)).exported()
