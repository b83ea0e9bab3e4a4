# SPDX-License-Identifier: MIT
"""Programs: what they say of themselves, and that they run once attached."""

import errno
import os
import pickle

import pytest

import tinybpf
from support import traffic
from support.gating import kernel
from support.objects import Find, Load, fdinfo

TYPES = {
    "on_tracepoint": ("tracepoint/syscalls/sys_enter_getpgid", "TRACEPOINT"),
    "on_tp": ("tp/syscalls/sys_exit_getpgid", "TRACEPOINT"),
    "on_raw_tp": ("raw_tp/sys_enter", "RAW_TRACEPOINT"),
    "on_raw_tracepoint": ("raw_tracepoint/sys_exit", "RAW_TRACEPOINT"),
    "on_socket_filter": ("socket", "SOCKET_FILTER"),
    "on_xdp": ("xdp", "XDP"),
    "on_tc": ("tc", "SCHED_CLS"),
    "on_cgroup_skb": ("cgroup_skb/egress", "CGROUP_SKB"),
    "on_perf_event": ("perf_event", "PERF_EVENT"),
    "on_tracepoint_nowhere": ("tracepoint", "TRACEPOINT"),
    "on_raw_tp_nowhere": ("raw_tp", "RAW_TRACEPOINT"),
}
NOWHERE = [name for name in TYPES if name not in list(TYPES)[:4]]


def test_program_tells_name_section_and_type(load: Load) -> None:
    """Each program knows its function, its section and its kind as an enum member."""
    obj = load("sections")
    assert set(obj.programs) == set(TYPES)
    for name, (section, kind) in TYPES.items():
        program = obj.programs[name]
        assert program.name == name
        assert program.section == section
        assert program.type is tinybpf.BpfProgType[kind]


def test_program_info_is_a_value(load: Load) -> None:
    """`info` has what the program says, can be pickled, and outlives the object."""
    obj = load("counts")
    program = obj.program("on_trigger")
    info = program.info
    assert type(info) is tinybpf.ProgramInfo
    assert info == tinybpf.ProgramInfo(program.name, program.section, program.type)
    assert info.type is program.type
    obj.close()
    assert pickle.loads(pickle.dumps(info)) == info
    assert repr(info).startswith("ProgramInfo(name='on_trigger', section='tracepoint/")
    assert len({info, info}) == 1
    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        program.info  # noqa: B018


def test_program_fd_is_a_program_of_that_type(load: Load) -> None:
    """The descriptor is the kernel's own, of that program."""
    program = load("counts").program("on_trigger")
    assert program.fd > 2
    assert int(fdinfo(program.fd)["prog_type"]) == tinybpf.BpfProgType.TRACEPOINT


def test_program_repr_tells_name_section_and_fd(load: Load) -> None:
    """The repr of a program tells what it is and that it is open."""
    program = load("counts").program("on_trigger")
    text = repr(program)
    assert text.startswith("<BpfProgram 'on_trigger' tracepoint/syscalls/sys_enter_getpgid")
    assert f"fd={program.fd}" in text
    assert "closed" not in text


def test_program_repr_says_closed(load: Load) -> None:
    """The repr of a program of a closed object still works and says so."""
    obj = load("counts")
    program = obj.program("on_trigger")
    obj.close()
    assert "closed" in repr(program)
    assert "on_trigger" in repr(program)


def test_attach_runs_the_program_on_each_event(
    counts: tinybpf.BpfObject, trigger: traffic.Trigger
) -> None:
    """An attached program runs once for each system call, before the call returns."""
    trigger.arm(counts)
    with counts.program("on_trigger").attach():
        for expected in (1, 2, 3):
            trigger.fire()
            assert counts.maps["counts"][0] == expected


def test_program_does_not_run_before_it_is_attached(
    counts: tinybpf.BpfObject, trigger: traffic.Trigger
) -> None:
    """Loading attaches nothing."""
    trigger.arm(counts)
    trigger.fire()
    assert 0 not in counts.maps["counts"]


def test_attach_twice_to_one_tracepoint_is_the_kernels_error(
    counts: tinybpf.BpfObject, trigger: traffic.Trigger
) -> None:
    """The kernel takes a program once for each tracepoint; the first link stays good."""
    trigger.arm(counts)
    program = counts.program("on_trigger")
    with program.attach():
        with pytest.raises(tinybpf.BpfError, match="on_trigger") as caught:
            program.attach()
        assert caught.value.errno == errno.EEXIST
        trigger.fire()
    assert counts.maps["counts"][0] == 1


@kernel("5.5", "tp_btf", config="CONFIG_DEBUG_INFO_BTF")
def test_attach_of_a_btf_tracepoint(load: Load) -> None:
    """A tp_btf program sees the system calls of the process that it looks for."""
    obj = load("btf_hook")
    obj.maps["target"][0] = os.getpid()
    with obj.attach():
        os.getppid()
        os.getppid()
    assert obj.maps["hits"][0] >= 2


def test_core_read_finds_the_kernels_fields(load: Load, trigger: traffic.Trigger) -> None:
    """What CO-RE reads out of task_struct is what a helper and the process itself say."""
    obj = load("core")
    trigger.arm(obj)
    with obj.attach():
        trigger.fire()
    tgid, pid, by_helper = (obj.maps["seen"][n] for n in range(3))
    assert tgid == by_helper == os.getpid()
    assert pid > 0


@pytest.mark.parametrize("name", NOWHERE)
def test_attach_without_a_place_is_an_error_that_names_the_section(
    load: Load, name: str
) -> None:
    """A program whose section does not say where cannot attach by itself."""
    program = load("sections").program(name)
    with pytest.raises(tinybpf.BpfError, match=name) as caught:
        program.attach()
    assert repr(program.section) in str(caught.value)
    assert not isinstance(caught.value, tinybpf.BpfNotSupportedError)


def test_attach_to_what_does_not_exist_is_an_error(load: Load) -> None:
    """A tracepoint that this kernel does not have is named in the error."""
    with pytest.raises(tinybpf.BpfError, match="'bad'") as caught:
        load("half").program("bad").attach()
    assert "sys_enter_no_such_call" in str(caught.value)
    assert caught.value.errno > 0


def test_attach_after_close_is_a_closed_error(bpf: Find) -> None:
    """A program of a closed object says that it is closed."""
    obj = tinybpf.load(bpf("counts"))
    program = obj.program("on_trigger")
    obj.close()
    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        program.attach()


def test_properties_of_a_closed_program(bpf: Find) -> None:
    """The name is kept; what the kernel would have to answer is BpfClosedError."""
    obj = tinybpf.load(bpf("counts"))
    program = obj.program("on_trigger")
    obj.close()
    assert program.name == "on_trigger"
    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        program.fd  # noqa: B018
