# SPDX-License-Identifier: MIT
"""Maps of descriptors: programs, sockets, devices, CPUs, cgroups, perf events."""

import errno
import pathlib
import socket
from collections.abc import Iterator
from typing import Any

import pytest

import tinybpf
from support.gating import kernel
from support.objects import Find, Load
from tinybpf import BpfMap, BpfMapType

PACKET = bytes(64)
XDP_DROP, XDP_PASS = 1, 2
LOOPBACK = socket.if_nametoindex("lo")


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Return two connected TCP sockets."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname())
        accepted, _ = server.accept()
    with client, accepted:
        yield client, accepted


@pytest.mark.parametrize("many", [False, True])
def test_program_that_was_not_loaded_is_no_value(bpf: Find, many: bool) -> None:
    """It says that its autoload is off, not "Bad file descriptor"."""
    with tinybpf.load(bpf("nested"), autoload=["jump"]) as obj:
        progs: Any = obj.maps["progs"]
        with pytest.raises(tinybpf.BpfError, match="'drop' was not loaded: its autoload"):
            progs.update({0: obj.programs["drop"]}) if many else progs.update(
                0, obj.programs["drop"]
            )


def test_program_is_called_once_it_is_in_the_array(load: Load) -> None:
    """m[i] = program makes tail calls reach it; del ends that."""
    obj = load("nested")
    jump, progs = obj.programs["jump"], obj.maps["progs"]
    assert jump.test_run(PACKET).retval == XDP_PASS
    progs[0] = obj.programs["drop"]
    assert jump.test_run(PACKET).retval == XDP_DROP
    del progs[0]
    assert jump.test_run(PACKET).retval == XDP_PASS


def test_reading_gives_the_id_of_the_program(load: Load) -> None:
    """The kernel gives no descriptors out; the places that are set are the keys."""
    obj = load("nested")
    progs, drop = obj.maps["progs"], obj.programs["drop"]
    assert dict(progs) == {}
    progs[1] = drop
    progs[3] = drop.fd
    assert list(progs) == [1, 3]
    assert len(progs) == 2
    assert progs[1] == progs[3] > 0
    assert progs.get(0) is None
    assert progs.setdefault(2, drop) == progs[1]
    progs.clear()
    assert dict(progs) == {}


@pytest.mark.parametrize("wrong", ["drop", 1.5, None, (1, 2)])
def test_array_of_programs_says_what_it_takes(load: Load, wrong: Any) -> None:
    """A value that is no program is a TypeError which names the map."""
    with pytest.raises(TypeError, match=r"'progs': a prog_array takes a BpfProgram"):
        load("nested").maps["progs"][0] = wrong


def test_descriptor_must_be_one(load: Load) -> None:
    """Negative and foreign descriptors are refused."""
    obj = load("nested")
    with pytest.raises(ValueError, match="not a descriptor"):
        obj.maps["progs"][0] = -1
    with pytest.raises(tinybpf.BpfError, match="progs"):
        obj.maps["progs"][0] = obj.maps["progs"].fd
    with pytest.raises(tinybpf.BpfError, match="index is not below max_entries=4"):
        obj.maps["progs"][4] = obj.programs["drop"]


@pytest.mark.parametrize("kind", ["SOCKMAP", "SOCKHASH"])
def test_socket_is_set_and_its_cookie_read(
    kind: str, pair: tuple[socket.socket, socket.socket]
) -> None:
    """Sockets are values as they are; where a value has 8 bytes, cookies come back."""
    client, accepted = pair
    so_cookie = 57
    cookie = int.from_bytes(client.getsockopt(socket.SOL_SOCKET, so_cookie, 8), "little")
    with BpfMap.create(BpfMapType[kind], key_size=4, value_size=8, max_entries=4) as m:
        key: Any = 1 if kind == "SOCKMAP" else b"key1"
        m[key] = client
        assert m[key] == cookie
        assert list(m) == [key]
        m.update({key: accepted.fileno()})
        assert m[key] != cookie
        del m[key]
        assert key not in m
        with pytest.raises(KeyError):
            del m[key]
        m.clear()


def test_socket_in_four_bytes_cannot_be_read(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    """The error says what would give the cookie; the places can be listed and cleared."""
    with BpfMap.create(BpfMapType.SOCKMAP, value_size=4, max_entries=2) as m:
        m[0] = pair[0]
        with pytest.raises(tinybpf.BpfNotSupportedError, match=r"cookies.*value_size is 8"):
            m[0]
        assert list(m) == [0, 1]
        m.clear()


def test_socket_array_of_reuseport() -> None:
    """A listening socket with SO_REUSEPORT is a value."""
    with (
        socket.socket() as server,
        BpfMap.create(BpfMapType.REUSEPORT_SOCKARRAY, value_size=8, max_entries=2) as m,
    ):
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        server.bind(("127.0.0.1", 0))
        server.listen()
        m[1] = server
        assert list(m) == [1]
        assert m[1] > 0
        with pytest.raises(TypeError, match="a reuseport_sockarray takes a socket"):
            m[0] = "socket"


@pytest.mark.parametrize("kind", ["DEVMAP", "DEVMAP_HASH"])
def test_device_by_index_and_by_name(kind: str) -> None:
    """An interface is given by index or name and read as its index."""
    with BpfMap.create(BpfMapType[kind], max_entries=4) as m:
        m[1] = LOOPBACK
        m[2] = "lo"
        assert dict(m) == {1: LOOPBACK, 2: LOOPBACK}
        with pytest.raises(tinybpf.BpfError, match=r"no interface 'lo0'.*\n.*'lo'") as caught:
            m[3] = "lo0"
        assert caught.value.errno == errno.ENODEV
        with pytest.raises(ValueError, match="no room for a program"):
            m[3] = ("lo", 5)
        del m[1]
        assert list(m) == [2]


def test_full_map_of_devices() -> None:
    """A hash of devices is full, an array has an index too large: the error tells."""
    with BpfMap.create(BpfMapType.DEVMAP_HASH, max_entries=1) as m:
        m[7] = "lo"
        with pytest.raises(tinybpf.BpfError, match="the map is full, max_entries=1"):
            m[8] = "lo"
    with BpfMap.create(BpfMapType.DEVMAP, max_entries=1) as m:
        with pytest.raises(tinybpf.BpfError, match="index is not below max_entries=1"):
            m[1] = "lo"


@kernel("5.8", "programs in device maps")
def test_device_with_a_program(load: Load) -> None:
    """A pair sets the program too; what comes back has its id."""
    on_device = load("redirected").programs["on_device"]
    with BpfMap.create(BpfMapType.DEVMAP, value_size=8, max_entries=2) as m:
        m[0] = ("lo", on_device)
        index, prog_id = memoryview(m[0]).cast("I")
        assert index == LOOPBACK
        assert prog_id > 0
        m[1] = "lo"
        assert list(memoryview(m[1]).cast("I")) == [LOOPBACK, 0]


def test_cpu_map_takes_queue_sizes(load: Load) -> None:
    """The value is the size of the CPU's queue; a pair adds a program."""
    with BpfMap.create(BpfMapType.CPUMAP, max_entries=2) as m:
        m[0] = 192
        assert dict(m) == {0: 192}
        with pytest.raises(TypeError, match="the size of a queue"):
            m[0] = "lo"
        m.clear()
        assert dict(m) == {}
    obj = load("redirected")
    with BpfMap.create(BpfMapType.CPUMAP, value_size=8, max_entries=2) as m:
        m[0] = (64, obj.programs["on_cpu"])
        size, prog_id = memoryview(m[0]).cast("I")
        assert (size, prog_id > 0) == (64, True)


def test_xsk_map_takes_sockets_only() -> None:
    """Another socket than AF_XDP is refused by the kernel; values cannot be read."""
    with BpfMap.create(BpfMapType.XSKMAP, max_entries=2) as m, socket.socket() as other:
        with pytest.raises(tinybpf.BpfError):
            m[0] = other
        with pytest.raises(TypeError, match=r"an? .*xskmap takes .*fileno"):
            m[0] = "socket"
        with pytest.raises(tinybpf.BpfNotSupportedError, match=r"does not give out.*xskmap"):
            m[0]
        assert list(m) == [0, 1]


def test_cgroup_by_path_and_descriptor(cgroup: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """A cgroup is given by its folder; what is no cgroup is refused."""
    with BpfMap.create(BpfMapType.CGROUP_ARRAY, max_entries=2) as m:
        m[0] = str(cgroup)
        m[1] = cgroup
        with pytest.raises(FileNotFoundError, match="nosuchgroup"):
            m[0] = cgroup / "nosuchgroup"
        with pytest.raises(tinybpf.BpfError, match="takes the path of a cgroup"):
            m[0] = tmp_path
        with pytest.raises(tinybpf.BpfNotSupportedError, match="does not give out"):
            m[0]
        del m[0]
        with pytest.raises(KeyError):
            del m[0]


def test_perf_array_has_a_place_for_each_cpu() -> None:
    """max_entries of 0 becomes the number of possible CPUs; files are values."""
    with BpfMap.create(BpfMapType.PERF_EVENT_ARRAY) as m:
        assert m.max_entries == len(m) > 0
        with open("/dev/null") as file, pytest.raises(tinybpf.BpfError):
            m[0] = file
