# SPDX-License-Identifier: MIT
"""References of symbols: what is named, and what is refused, leaves nothing behind."""

import os

import tinybpf
from support.objects import Find
from support.references import Table, Use, each


def name(bpf: Find) -> list[tinybpf.Symbol]:
    """Name addresses of the kernel, of this process and of a file, by symbols of their own."""
    symbols, pid = tinybpf.Symbols(), os.getpid()
    symbols.observe(pid)
    found = symbols.kernel([1 << 63, 2**64 - 1]) + symbols.user(pid, [1, 2**63])
    return found + symbols.file(bpf("counts"), [0, 64, 2**63])


TABLE: Table = {
    "symbols": Use(name, rounds=10),
    "symbol": Use(lambda bpf: tinybpf.Symbol("main", 4, "x", 5)),
    "no process": Use(lambda bpf: tinybpf.Symbols().user(0, []), ValueError),
    "no ELF file": Use(lambda bpf: tinybpf.Symbols().file("/dev/null", []), tinybpf.BpfError),
}


@each(TABLE)
def test_use_of_symbols_keeps_no_object(bpf: Find, use: Use) -> None:
    """Neither what succeeds nor what is refused leaves anything behind."""
    use.check(bpf)
