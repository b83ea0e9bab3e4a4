# SPDX-License-Identifier: MIT
"""Kprobes at many functions by one link."""

import os
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

import tinybpf
from support.gating import kernel
from support.objects import Find

pytestmark = kernel("5.18", "kprobe.multi", config="CONFIG_FPROBE")


@pytest.fixture
def obj(bpf: Find) -> Iterator[tinybpf.BpfObject]:
    """Return an object with a program that counts by cookies, and looks at us only."""
    with tinybpf.load(bpf("multi"), autoload=["on_functions"]) as loaded:
        loaded.maps["target"][0] = os.getpid()
        yield loaded


def seen(obj: tinybpf.BpfObject) -> dict[int, int]:
    """Return how often the program ran for each cookie."""
    return dict(obj.maps["seen"].items())


def addresses_of(*functions: str) -> list[int]:
    """Return where functions of the kernel are."""
    with open("/proc/kallsyms") as symbols:
        rows = [line.split() for line in symbols]
    return [next(int(row[0], 16) for row in rows if row[2] == name) for name in functions]


def read_a_file() -> None:
    """Have the kernel open, read and close a file."""
    pathlib.Path("/proc/self/stat").read_bytes()


def test_pattern_names_all_that_fit(obj: tinybpf.BpfObject) -> None:
    """One link is at every function that fits, until it is destroyed."""
    with obj.program("on_functions").attach_kprobe_multi("ksys_r*") as link:
        assert f"kprobe.multi:ksys_r*, fd={link.fd}>" in repr(link)
        read_a_file()
    before = seen(obj)
    assert before[0] >= 1
    read_a_file()
    assert seen(obj) == before


@pytest.mark.parametrize("by", ["symbols", "addresses"])
def test_each_function_has_its_cookie(obj: tinybpf.BpfObject, by: str) -> None:
    """symbols= or addresses=, and cookies=, belong together one by one."""
    names = ["ksys_read", "do_sys_openat2"]
    given: dict[str, Any] = {by: names if by == "symbols" else addresses_of(*names)}
    with obj.program("on_functions").attach_kprobe_multi(**given, cookies=[7, 8]):
        read_a_file()
    assert set(seen(obj)) == {7, 8}


def test_unique_match_refuses_several(obj: tinybpf.BpfObject) -> None:
    """unique_match= takes a pattern that fits one function."""
    with obj.program("on_functions").attach_kprobe_multi("ksys_rea?", unique_match=True):
        read_a_file()
    assert seen(obj)[0] >= 1
    with pytest.raises(tinybpf.BpfError):
        obj.program("on_functions").attach_kprobe_multi("ksys_*", unique_match=True)


def test_return_probes(obj: tinybpf.BpfObject) -> None:
    """retprobe= runs where functions return."""
    with obj.program("on_functions").attach_kprobe_multi(
        symbols=["ksys_read"], retprobe=True
    ) as link:
        assert "kretprobe.multi:ksys_read" in repr(link)
        read_a_file()
    assert seen(obj)[0] >= 1


@kernel("6.10", "kprobe.session", config="CONFIG_FPROBE")
def test_session_runs_at_both_ends(bpf: Find) -> None:
    """A session's program runs where functions begin and where they return."""
    with tinybpf.load(bpf("multi"), autoload=["at_both"]) as obj:
        obj.maps["target"][0] = os.getpid()
        symbols = [
            "__x64_sys_getpgid" if os.uname().machine == "x86_64" else "__arm64_sys_getpgid"
        ]
        with obj.program("at_both").attach_kprobe_multi(symbols=symbols):
            os.getpgid(os.getpid())
        assert seen(obj) == {0: 2}


def test_missing_function_gets_the_nearest(obj: tinybpf.BpfObject) -> None:
    """The one of several that the kernel does not have; and a pattern's beginning."""
    program = obj.program("on_functions")
    with pytest.raises(tinybpf.BpfError) as caught:
        program.attach_kprobe_multi(symbols=["vfs_read", "ksys_raed"])
    if isinstance(caught.value, tinybpf.BpfNotSupportedError):
        raise caught.value
    assert "no function 'ksys_raed', or the compiler inlined it\n" in str(caught.value)
    assert "\n  nearest: 'ksys_read'" in str(caught.value)
    with pytest.raises(tinybpf.BpfError, match=r"no function that fits 'kyss_\*'"):
        program.attach_kprobe_multi("kyss_*")
