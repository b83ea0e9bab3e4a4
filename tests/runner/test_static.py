# SPDX-License-Identifier: MIT
"""The executable is one static, stripped file."""

import pathlib
import re
import subprocess

import pytest


@pytest.fixture(scope="module")
def headers(runner: pathlib.Path) -> str:
    """Return readelf's list of program headers and sections."""
    command = ["readelf", "--wide", "--program-headers", "--sections", str(runner)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_nothing_is_loaded_beside_it(runner: pathlib.Path, headers: str) -> None:
    """No interpreter, no dynamic section, nothing for ldd."""
    assert " INTERP " not in headers
    assert " DYNAMIC " not in headers
    done = subprocess.run(["ldd", str(runner)], capture_output=True, text=True, check=False)
    assert "not a dynamic executable" in done.stdout + done.stderr


def test_it_is_stripped(headers: str) -> None:
    """No symbol table and no debug information."""
    assert ".symtab" not in headers
    assert ".debug" not in headers


def test_memory_is_never_writable_and_executable(headers: str) -> None:
    """No segment is both, the stack included."""
    for line in headers.splitlines():
        if re.match(r"\s+(LOAD|GNU_STACK)\s", line):
            assert "RWE" not in line, line


def test_default_thread_stack_is_what_cpython_assumes(headers: str) -> None:
    """musl takes it from the size of GNU_STACK (runner/stack.c)."""
    match = re.search(r"GNU_STACK\s+\S+\s+\S+\s+\S+\s+\S+\s+(0x[0-9a-f]+)", headers)
    assert match is not None
    assert int(match[1], 16) == 4 << 20
