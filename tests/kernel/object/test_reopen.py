# SPDX-License-Identifier: MIT
"""An object opened once more: the same program for several targets, over the same maps."""

import os
import pathlib

import pytest

import tinybpf
from support import host, traffic
from support.gating import kernel
from support.objects import Find, Load

ATTACH_BTF_ID_SINCE = (5, 19)  # older kernels do not tell it


@kernel("5.5", "tp_btf", config="CONFIG_DEBUG_INFO_BTF")
def test_program_runs_for_two_targets(load: Load) -> None:
    """Both count in the map of the first object, each at its own place."""
    obj = load("btf_hook")
    obj.maps["target"][0] = os.getpid()
    with obj.reopen() as again:
        again.programs["on_enter"].set_attach_target("sys_exit")
        again.load()
        assert again.maps["hits"].id == obj.maps["hits"].id
        assert again.programs["on_enter"].id != obj.programs["on_enter"].id
        kinds = {o.programs["on_enter"].info.attach_btf_id for o in (obj, again)}
        assert len(kinds) == (2 if host.kernel_version() >= ATTACH_BTF_ID_SINCE else 1)
        with again.attach():
            os.getppid()
        by_exit = obj.maps["hits"][0]
        assert by_exit >= 1
        with obj.attach():
            os.getppid()
        assert obj.maps["hits"][0] > by_exit


def test_globals_are_those_of_the_first(load: Load, trigger: traffic.Trigger) -> None:
    """What the second program counts, the first object's variables show."""
    obj = load("counts")
    trigger.arm(obj)
    with obj.reopen() as again:
        assert again.state == "opened"
        assert again.name == obj.name
        again.load()
        with again.attach():
            trigger.fire()
        assert obj.maps["counts"][0] == again.maps["counts"][0] == 1


def test_second_object_outlives_the_first(bpf: Find, trigger: traffic.Trigger) -> None:
    """The maps stay until both are closed."""
    obj = tinybpf.load(bpf("counts"))
    trigger.arm(obj)
    with obj.reopen() as again:
        again.load()
        obj.close()
        with again.attach():
            trigger.fire()
        assert again.maps["counts"][0] == 1
        with pytest.raises(tinybpf.BpfClosedError, match="closed"):
            obj.reopen()


def test_chosen_programs_are_loaded(load: Load) -> None:
    """autoload= is that of open()."""
    obj = load("several")
    first = next(iter(obj.programs))
    with obj.reopen(autoload=[first]) as again:
        again.load()
        assert [p.name for p in again.programs.values() if p.info.id] == [first]
    with pytest.raises(KeyError, match="nothing"):
        obj.reopen(autoload=["nothing"])


def test_file_need_not_be_there_any_more(bpf: Find, tmp_path: pathlib.Path) -> None:
    """It is opened of the bytes that were loaded, whatever the file has become."""
    path = tmp_path / "once.bpf.o"
    path.write_bytes(bpf("run").read_bytes())
    with tinybpf.load(path) as obj:
        path.write_bytes(bpf("counts").read_bytes())
        with obj.reopen() as again:
            again.load()
            assert again.programs["on_packet"].test_run(bytes(64)).retval == 3
    with tinybpf.open_bytes(bpf("run").read_bytes()) as obj:
        obj.load()
        with obj.reopen(log_level=1) as again:
            again.load()
            assert again.programs["on_packet"].test_run(bytes(64)).retval == 3


def test_resized_section_is_shared(bpf: Find) -> None:
    """A section whose last array was made longer has that size in both."""
    with tinybpf.open(bpf("globals")) as obj:
        name = next(n for n in obj.maps if n.endswith(".bss"))
        before = obj.maps[name].value_size
        obj.load()
        for _ in range(3):
            with obj.reopen() as again:
                assert again.maps[name].value_size == before
                again.load()


def test_object_that_is_not_loaded_is_not_reopened(bpf: Find) -> None:
    """It has no maps yet: the error says what to do."""
    with tinybpf.open(bpf("counts")) as obj:
        with pytest.raises(tinybpf.BpfError, match="not loaded yet"):
            obj.reopen()
        obj.load()
        with pytest.raises(TypeError):
            obj.reopen("counts.bpf.o")  # type: ignore[call-arg]
        with pytest.raises(TypeError):
            obj.reopen(rodata={})  # type: ignore[call-arg]
