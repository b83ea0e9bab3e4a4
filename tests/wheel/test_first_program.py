# SPDX-License-Identifier: MIT
"""The first program and others, followed by hand: files and commands of pages, in both forms.

Of the system there is a compiler, and none of its headers.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from places import path_from

from support import pages

PAGES = [page for page in pages.PAGES if "```console" in page.read_text(encoding="utf-8")]
assert len(PAGES) > 5
TIMEOUT_S = 120


def put(tools: Path, name: str, line: str) -> None:
    """Make a command of one line."""
    (tools / name).write_text(f"#!/bin/sh\n{line}\n")
    (tools / name).chmod(0o755)


@pytest.fixture(params=["runner", "wheel"])
def tools(request: pytest.FixtureRequest, unpacked: Path, tmp_path: Path) -> Path:
    """Return a folder with the commands that the pages use, `tinybpf-run` of either form."""
    folder = tmp_path / "tools"
    folder.mkdir()
    clang = shutil.which("clang-22") or shutil.which("clang")
    assert clang, "no clang is here"
    put(folder, "clang", f'exec {clang} -nostdlibinc "$@"')
    put(folder, "sudo", 'exec "$@"')
    runner = f'exec {path_from("TINYBPF_RUN")} "$@"'
    wheel = f'PYTHONPATH={unpacked} exec {sys.executable} -B "$@"'
    put(folder, "tinybpf-run", runner if request.param == "runner" else wheel)
    return folder


def commands(text: str) -> Iterator["tuple[str, list[str]]"]:
    """Yield the commands of a console block, each with the lines that follow it."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, *lines = part.rstrip("\n").split("\n")
        yield command, lines


def pattern(line: str) -> str:
    """Return an expression for a printed line: numbers, and what the CPU is called, vary."""
    escaped = re.sub(r"\d{3,}", r"\\d+", re.escape(line))
    return escaped.replace("TARGET_ARCH_x86", r"TARGET_ARCH_\w+")


def follow(page: Path, folder: Path, tools: Path) -> int:
    """Write the files of a page, run its commands; return how many of them there were."""
    n = 0
    for block in pages.blocks(page):
        if block.file:
            (folder / block.file).write_text(block.text)
        for command, expected in commands(block.text) if block.language == "console" else ():
            done = subprocess.run(
                ["sh", "-ec", command],
                cwd=folder,
                env={"PATH": f"{tools}:/usr/bin:/bin:/usr/sbin:/sbin"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=TIMEOUT_S,
                check=False,
            )
            assert (done.returncode, done.stderr) == (0, ""), command
            printed = done.stdout.splitlines()
            for line in expected:  # other programs are started meanwhile, too
                assert any(re.fullmatch(pattern(line), each) for each in printed), done.stdout
            n += 1
    return n


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page_is_followed(page: Path, tools: Path, tmp_path: Path) -> None:
    """Each command of a page ends well, and prints what stands there."""
    folder = tmp_path / "work"
    folder.mkdir()
    assert follow(page, folder, tools) >= 3


def test_another_output_is_found(tools: Path, tmp_path: Path) -> None:
    """A page that says something else than its commands do fails."""
    page = tmp_path / "page.md"
    page.write_text("```console\n$ echo one\ntwo\n```\n")
    with pytest.raises(AssertionError):
        follow(page, tmp_path, tools)


def test_every_header_compiles(tools: Path, tmp_path: Path) -> None:
    """All that the headers command writes can be included, without the system's headers."""
    names = ["bpf_helpers", "bpf_tracing", "bpf_core_read", "bpf_endian", "usdt.bpf"]
    source = '#include "vmlinux.h"\n' + "".join(f"#include <bpf/{name}.h>\n" for name in names)
    source += (
        'SEC("usdt") int BPF_USDT(probe, long first) { return first == -EOPNOTSUPP; }\n'
        'char LICENSE[] SEC("license") = "GPL";\n'
    )
    (tmp_path / "all.bpf.c").write_text(source)
    flags = "-g -O2 -mcpu=v3 -target bpf -D__TARGET_ARCH_x86 -Wall -Werror -I. -Iinclude"
    page = tmp_path / "page.md"
    page.write_text(
        "```console\n$ tinybpf-run -m tinybpf btf > vmlinux.h\n"
        "$ tinybpf-run -m tinybpf headers include\n"
        f"$ clang {flags} -c all.bpf.c -o all.bpf.o\n```\n"
    )
    follow(page, tmp_path, tools)
    written = {path.name for path in (tmp_path / "include").rglob("*") if path.is_file()}
    assert {"errno.h", "LICENSE", "LICENSE.BSD-2-Clause", "LICENSE.LGPL-2.1"} <= written
    assert {f"{name}.h" for name in names} <= written
