# SPDX-License-Identifier: MIT
"""struct_ops: what the kernel calls in the place of its own functions, until detached."""

import errno
import pathlib
import socket
from collections.abc import Iterator
from typing import Any, cast

import pytest

import tinybpf
from support import host, pins
from support.gating import kernel
from support.objects import Find, Load, wait_for

NAME = b"tinybpf_link"


@pytest.fixture
def controls(load: Load) -> tinybpf.BpfObject:
    """Return an object with TCP congestion controls, none of them attached."""
    return load("struct_ops_link")


@pytest.fixture
def folder() -> Iterator[pathlib.Path]:
    """Return a folder of the test's own on the bpffs."""
    with pins.folder() as path:
        yield path


def connect(name: bytes = NAME) -> None:
    """Have a connection over lo choose a congestion control; OSError if there is none."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname()) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, name)


@kernel("6.4", "struct_ops")
def test_control_is_there_until_the_link_ends(controls: tinybpf.BpfObject) -> None:
    """A connection can choose it by name, and the kernel calls its programs."""
    with pytest.raises(OSError):
        connect()
    with controls.maps["first"].attach_struct_ops() as link:
        connect()
        assert controls.bss.firsts == 1
        assert repr(link).startswith("<BpfLink 'first' struct_ops:first, fd=")
        assert isinstance(link.info, tinybpf.StructOpsLinkInfo)
        assert link.info.map_id == controls.maps["first"].id
    with pytest.raises(OSError):
        connect()


@kernel("6.4", "struct_ops")
def test_another_control_takes_its_place(controls: tinybpf.BpfObject) -> None:
    """Later connections meet the new one; one of another name is refused."""
    with controls.maps["first"].attach_struct_ops() as link:
        connect()
        link.update_map(controls.maps["second"])
        connect()
        assert (controls.bss.firsts, controls.bss.seconds) == (1, 1)
        with pytest.raises(tinybpf.BpfError, match=r"update of the link to struct_ops:first"):
            link.update_map(controls.maps["other"])
        with pytest.raises(tinybpf.BpfNotSupportedError, match="keeps its program"):
            link.update(controls.programs["ssthresh"])
        connect()
        assert controls.bss.seconds == 2


@kernel("6.4", "struct_ops")
def test_pinned_control_stays(controls: tinybpf.BpfObject, folder: pathlib.Path) -> None:
    """A pin keeps it; the link that is opened there is one of a struct_ops."""
    with controls.maps["first"].attach_struct_ops() as link:
        link.pin(folder / "control")
    connect()
    with tinybpf.open_pinned_link(folder / "control") as link:
        assert isinstance(link.info, tinybpf.StructOpsLinkInfo)
        with pytest.raises(tinybpf.BpfNotSupportedError, match="loaded here"):
            link.update_map(controls.maps["second"])
        link.unpin()
    with pytest.raises(OSError):
        connect()


@kernel("6.4", "struct_ops")
def test_attach_of_an_object_includes_its_struct_ops(bpf: Find) -> None:
    """Unless autoattach is False."""
    with tinybpf.open(bpf("struct_ops_link")) as obj:
        obj.maps["second"].autoattach = False
        obj.maps["other"].autoattach = False
        obj.load()
        with obj.attach() as links:
            assert len(links) == 1
            connect()
            assert obj.bss.firsts == 1


@kernel("5.6", "struct_ops")
def test_control_without_a_link(load: Load) -> None:
    """The kernel has no link of it: there is no descriptor, and no pin."""
    obj = load("struct_ops")
    with obj.maps["tiny_cc"].attach_struct_ops() as link:
        connect(b"tinybpf_test")
        assert link.fd == -1
        with pytest.raises(tinybpf.BpfNotSupportedError, match=r"\.struct_ops\.link has"):
            link.pin("/sys/fs/bpf/control")
    with pytest.raises(OSError):
        connect(b"tinybpf_test")


def is_there(map_id: int) -> bool:
    """Tell whether the kernel still has a map."""
    try:
        tinybpf.BpfMap.from_id(map_id).close()
    except FileNotFoundError:
        return False
    return True


@kernel("7.0", "association with a struct_ops")
def test_associated_program_keeps_the_struct_ops(bpf: Find) -> None:
    """The kernel holds the map as long as the program is there, and takes no other."""
    with tinybpf.load(bpf("run")) as other, tinybpf.load(bpf("struct_ops_link")) as controls:
        program, first = other.programs["on_packet"], controls.maps["first"]
        program.assoc_struct_ops(first)
        program.assoc_struct_ops(first)
        with pytest.raises(tinybpf.BpfError, match="belongs to another") as refused:
            program.assoc_struct_ops(controls.maps["second"])
        assert refused.value.errno == errno.EBUSY
        with pytest.raises(tinybpf.BpfError, match="that it is made for"):
            controls.programs["ssthresh"].assoc_struct_ops(first)
        kept, free = first.id, controls.maps["second"].id
        controls.close()
        wait_for("the end of the other map", lambda: not is_there(free))
        assert is_there(kept)
        other.close()
        wait_for("the end of the map", lambda: not is_there(kept))


@pytest.mark.skipif(host.kernel_version() >= (7, 0), reason="this kernel associates")
@kernel("5.6", "struct_ops")
def test_older_kernels_associate_nothing(load: Load) -> None:
    """The error says since when there is such a thing."""
    program, control = load("run").programs["on_packet"], load("struct_ops").maps["tiny_cc"]
    with pytest.raises(tinybpf.BpfError, match=r"is in Linux since 7\.0") as refused:
        program.assoc_struct_ops(control)
    assert type(refused.value) is tinybpf.BpfNotSupportedError


def test_other_maps_are_no_struct_ops(counts: tinybpf.BpfObject) -> None:
    """The error says what is."""
    with pytest.raises(tinybpf.BpfError, match=r"'counts' is no struct_ops"):
        counts.maps["counts"].attach_struct_ops()
    with pytest.raises(tinybpf.BpfError, match=r"'counts' is no struct_ops"):
        counts.programs["on_trigger"].assoc_struct_ops(counts.maps["counts"])
    with pytest.raises(TypeError, match="a BpfMap is needed"):
        counts.programs["on_trigger"].assoc_struct_ops(cast("Any", counts))
