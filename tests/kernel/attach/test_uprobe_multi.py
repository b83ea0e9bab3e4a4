# SPDX-License-Identifier: MIT
"""Uprobes at many places by one link."""

from collections.abc import Iterator
from typing import Any

import pytest

import tinybpf
from support import probed
from support.gating import kernel
from support.objects import Find

pytestmark = kernel("6.6", "uprobe.multi", config="CONFIG_UPROBES")


@pytest.fixture
def obj(bpf: Find) -> Iterator[tinybpf.BpfObject]:
    """Return an object with a program that counts by cookies."""
    with tinybpf.load(bpf("multi"), autoload=["on_places"]) as loaded:
        yield loaded


def seen(obj: tinybpf.BpfObject) -> dict[int, int]:
    """Return how often the program ran for each cookie."""
    return dict(obj.maps["seen"].items())


def test_pattern_names_all_that_fit(obj: tinybpf.BpfObject) -> None:
    """One link is at every function that fits, until it is destroyed."""
    with obj.program("on_places").attach_uprobe_multi(probed.path(), "work_*") as link:
        assert f"uprobe.multi:{probed.path()}:work_*, fd={link.fd}>" in repr(link)
        probed.run("abc")
    assert seen(obj) == {0: 3}
    probed.run("abc")
    assert seen(obj) == {0: 3}


def test_each_symbol_has_its_cookie(obj: tinybpf.BpfObject) -> None:
    """symbols= and cookies= belong together, one by one."""
    with obj.program("on_places").attach_uprobe_multi(
        probed.path(), symbols=("work_one", "work_three"), cookies=[2**63, 3]
    ):
        probed.run("aabc")
    assert seen(obj) == {2**63: 2, 3: 1}


def test_pid_and_retprobe_narrow_it(obj: tinybpf.BpfObject) -> None:
    """One process, and where functions return."""
    with probed.Running() as one, probed.Running() as other:
        with obj.program("on_places").attach_uprobe_multi(
            probed.path(), symbols=["work_one"], pid=one.pid, retprobe=True
        ) as link:
            assert "uretprobe.multi:" in repr(link)
            one.ask("a")
            other.ask("a")
    assert seen(obj) == {0: 1}


def test_attach_takes_the_options_of_the_section(obj: tinybpf.BpfObject) -> None:
    """attach(**options) is attach_uprobe_multi() for a program of SEC("uprobe.multi")."""
    with obj.program("on_places").attach(binary_path=probed.path(), pattern="work_t*"):
        probed.run("abc")
    assert seen(obj) == {0: 2}


@kernel("6.13", "uprobe.session", config="CONFIG_UPROBES")
def test_session_runs_at_both_ends(bpf: Find) -> None:
    """A session's program runs where functions begin and where they return."""
    with tinybpf.load(bpf("multi"), autoload=["at_ends"]) as obj:
        with obj.program("at_ends").attach_uprobe_multi(probed.path(), "work_*") as link:
            assert "uprobe.session:" in repr(link)
            probed.run("ab")
        assert seen(obj) == {0: 4}


WRONG: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "nothing": ({}, TypeError, "one of them"),
    "two": ({"pattern": "x", "symbols": ["x"]}, TypeError, "one of them"),
    "no symbol": ({"symbols": []}, ValueError, "there must be a symbol"),
    "a str": ({"symbols": "work_one"}, TypeError, "must be a sequence"),
    "numbers": ({"symbols": [1]}, TypeError, "must be a str"),
    "null": ({"symbols": ["a\0b"]}, ValueError, "null character"),
    "few cookies": ({"symbols": ["x"], "cookies": []}, ValueError, "as many cookies"),
    "cookies of a pattern": ({"pattern": "x", "cookies": [1]}, ValueError, "no order"),
    "counters": ({"offsets": [1], "ref_ctr_offsets": [1, 2]}, ValueError, "as many ref_"),
    "negative": ({"offsets": [-1]}, ValueError, "out of range"),
    "large": ({"offsets": [2**64]}, ValueError, "out of range"),
}


@pytest.mark.parametrize(("given", "error", "words"), WRONG.values(), ids=WRONG.keys())
def test_wrong_lists_are_python_errors(
    obj: tinybpf.BpfObject, given: dict[str, Any], error: type[Exception], words: str
) -> None:
    """What does not belong together is refused before the kernel is asked."""
    with pytest.raises(error, match=words):
        obj.program("on_places").attach_uprobe_multi(probed.path(), **given)


def test_missing_symbol_gets_the_nearest(obj: tinybpf.BpfObject) -> None:
    """The one of several symbols that the file does not have."""
    with pytest.raises(tinybpf.BpfError, match="no function 'wrok_two'\n  nearest: 'work_two'"):
        obj.program("on_places").attach_uprobe_multi(
            probed.path(), symbols=["work_one", "wrok_two"]
        )


def test_program_of_another_kind_says_what_to_do(obj: tinybpf.BpfObject, bpf: Find) -> None:
    """A program that was loaded for one place does not go to many, nor back."""
    with pytest.raises(tinybpf.BpfError, match="it was loaded for trace_uprobe_multi"):
        obj.program("on_places").attach_uprobe(probed.path(), func_name="work_one")
    with tinybpf.load(bpf("probes"), autoload=["on_uprobe"]) as other:
        with pytest.raises(
            tinybpf.BpfError, match=r'for one place .*\n.*SEC\("uprobe.multi"\)'
        ):
            other.program("on_uprobe").attach_uprobe_multi(probed.path(), "work_*")
