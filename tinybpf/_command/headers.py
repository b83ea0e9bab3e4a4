# SPDX-License-Identifier: MIT
"""What a BPF program includes, written to a folder: `python -m tinybpf headers`.

With these and a vmlinux.h a compiler alone is enough: no header of the system is read.
"""

from __future__ import annotations

import errno
import os
import pathlib

from tinybpf._headers import FILES

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

# What libbpf and the kernel call an architecture.
TARGETS = {"x86_64": "x86", "aarch64": "arm64"}


def declare(parser: argparse.ArgumentParser) -> None:
    """Say which arguments the command takes."""
    parser.add_argument("dir", metavar="DIR", help="made if need be; for the compiler's -I")


def errors() -> str:
    """Return a <linux/errno.h>: <bpf/usdt.bpf.h> asks for one."""
    numbers = {name: getattr(errno, name) for name in dir(errno) if name.startswith("E")}
    names = sorted(numbers, key=lambda name: (numbers[name], name))
    return "#pragma once\n" + "".join(f"#define {name} {numbers[name]}\n" for name in names)


def run(args: argparse.Namespace) -> None:
    """Write DIR/bpf, DIR/linux and DIR/tinybpf.bpf.h; print how to compile with them."""
    root = pathlib.Path(args.dir)
    files = {
        name if name.startswith("tinybpf") else f"bpf/{name}": text
        for name, text in FILES.items()
    }
    for name, text in {**files, "linux/errno.h": errors()}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    machine = os.uname().machine
    print(
        f"clang -g -O2 -mcpu=v3 -target bpf -D__TARGET_ARCH_{TARGETS.get(machine, machine)} "
        f"-I. -I{args.dir} -c x.bpf.c -o x.bpf.o"
    )
