# SPDX-License-Identifier: MIT
"""Options of attach_ methods that cannot be meant: refused before the kernel is asked."""

import os
from typing import Any

import pytest

import tinybpf
from support.objects import Load

NAME, ADDRESS = {"func_name": "f"}, {"func_name": 4096}

WRONG: dict[str, tuple[str, dict[str, Any], type[Exception], str]] = {
    "offset without digits": ("kprobe", {"func_name": "f+"}, ValueError, "FUNCTION[+]OFFSET"),
    "offset below": ("kprobe", {"func_name": "f+-1"}, ValueError, "FUNCTION[+]OFFSET"),
    "two offsets": ("kprobe", {"func_name": "f+1", "offset": 1}, ValueError, "and so has"),
    "offset of an address": ("kprobe", {**ADDRESS, "offset": 1}, ValueError, "no offset"),
    "address": ("kprobe", {**ADDRESS, "attach_mode": "legacy"}, ValueError, "no address"),
    "negative address": ("kprobe", {"func_name": -1}, ValueError, "out of range"),
    "no such mode": ("kprobe", {**NAME, "attach_mode": "fast"}, ValueError, "'perf' or 'link'"),
    "mode of no type": ("kprobe", {**NAME, "attach_mode": 1}, TypeError, "'perf' or 'link'"),
    "large cookie": ("kprobe", {**NAME, "cookie": 2**64}, ValueError, "out of range"),
    "cookie of no type": ("kprobe", {**NAME, "cookie": "1"}, TypeError, "int"),
    "misspelt": ("kprobe", {**NAME, "cooky": 1}, TypeError, "nearest: 'cookie'"),
    "nothing like it": ("kprobe", {**NAME, "zzzzzz": 1}, TypeError, "no argument 'zzzzzz'"),
    "name left out": ("kprobe", {"cookie": 1}, TypeError, "lacks the argument 'func_name'"),
    "None for a name": ("kprobe", {"func_name": None}, TypeError, "must be a str"),
    "null in a name": ("ksyscall", {"name": "a\0b"}, ValueError, "null character"),
    "no functions": ("kprobe_multi", {}, TypeError, "one of them"),
    "two ways": ("kprobe_multi", {"pattern": "x", "addresses": [1]}, TypeError, "one of them"),
    "empty": ("kprobe_multi", {"symbols": []}, ValueError, "there must be a symbol"),
    "cookies": (
        "kprobe_multi",
        {"symbols": ["x", "y"], "cookies": [1]},
        ValueError,
        "many",
    ),
    "order": ("kprobe_multi", {"pattern": "x", "cookies": [1]}, ValueError, "no order"),
    "unique": ("kprobe_multi", {"symbols": ["x"], "unique_match": 1}, ValueError, "a pattern"),
    "target alone": ("freplace", {"target": 0}, TypeError, "or neither"),
    "target": ("freplace", {"target": "x", "func_name": "f"}, TypeError, "BpfProgram"),
    "below -1": ("uprobe", {"binary_path": "/bin/sh", "pid": -2}, ValueError, "every one"),
    "no bool": ("kprobe", {**NAME, "retprobe": "no"}, TypeError, "True or False"),
    "pid": ("uprobe", {"binary_path": "/bin/sh", "pid": 2**31}, OverflowError, "int"),
}


@pytest.mark.parametrize(("method", "given", "error", "words"), WRONG.values(), ids=WRONG)
def test_wrong_option_is_a_python_error(
    load: Load, method: str, given: dict[str, Any], error: type[Exception], words: str
) -> None:
    """The error says which option, and what it may be."""
    program = load("hooks").program("on_kprobe")
    with pytest.raises(error, match=words):
        getattr(program, "attach_" + method)(**given)


def test_too_many_by_position(load: Load) -> None:
    """What stands behind the star is given by name."""
    program = load("hooks").program("on_kprobe")
    with pytest.raises(TypeError, match="up to 2 arguments by position"):
        program.attach_kprobe("f", False, 0)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="takes keywords only"):
        program.attach_trace(1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="'func_name' twice"):
        program.attach_kprobe("f", func_name="f")  # type: ignore[misc]
    with pytest.raises(TypeError, match="takes keywords only"):
        program.attach(1)  # type: ignore[call-arg]


def test_attach_takes_options_of_the_kind_alone(load: Load) -> None:
    """attach(**options) knows the kind by the section; None leaves an option out."""
    hooks = load("hooks")
    with pytest.raises(TypeError, match=r"attach_tracepoint\(\) has no argument 'offset'"):
        hooks.program("on_tracepoint").attach(offset=1)
    with pytest.raises(TypeError, match="'category': the program's section does not say it"):
        hooks.program("on_tracepoint").attach(name="sys_enter_getpgid")
    with hooks.program("on_raw_tracepoint").attach(name="sys_enter", cookie=None) as link:
        assert "raw_tracepoint:sys_enter" in repr(link)
        os.getppid()
    assert hooks.maps["hits"][3] >= 1


@pytest.mark.parametrize("kind", ["uprobe", "kprobe", "tracepoint", "xdp"])
def test_section_that_says_nothing_names_the_method(load: Load, kind: str) -> None:
    """attach() without options says which method is for the program."""
    with pytest.raises(tinybpf.BpfError, match=rf"or use attach_{kind}\(\)"):
        load("hooks").program("on_" + kind).attach()


class Closing:
    """A number whose conversion closes an object."""

    def __init__(self, obj: tinybpf.BpfObject) -> None:
        self.obj = obj

    def __index__(self) -> int:
        self.obj.close()
        return 1


def test_conversion_may_close_the_object(load: Load) -> None:
    """The object is asked again behind the last conversion."""
    hooks = load("hooks")
    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        hooks.program("on_raw_tracepoint").attach_raw_tracepoint(
            "sys_enter",
            cookie=Closing(hooks),  # type: ignore[arg-type]
        )
