# SPDX-License-Identifier: MIT
"""Programs on a socket: filters, and which socket of a port gets a packet."""

import contextlib
import os
import socket
from collections.abc import Iterator

import pytest

import tinybpf
from support import child, classic
from support.gating import kernel
from support.objects import Find, Load
from support.ran import Ran

SO_ATTACH_FILTER, SO_DETACH_BPF, SO_LOCK_FILTER = 26, 27, 44
KEEP, DROP = -1, 0


@pytest.fixture
def ran(load: Load) -> Ran:
    """Return the programs of sockets.bpf.c."""
    return Ran(load("sockets")).returns(filter_0=KEEP, filter_1=KEEP)


def receiver() -> socket.socket:
    """Return a socket of UDP on lo that does not wait."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    made.bind(("127.0.0.1", 0))
    return made


@pytest.fixture
def udp() -> Iterator[socket.socket]:
    """Return such a socket, closed behind the test."""
    with receiver() as made:
        yield made


def gets(sock: socket.socket, payload: bytes) -> bytes:
    """Send a packet to a socket of this host; return what it received, "" if nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.sendto(payload, sock.getsockname())
    with contextlib.suppress(BlockingIOError):
        return sock.recv(100)
    return b""


def test_filter_drops_and_cuts_until_it_ends(udp: socket.socket, ran: Ran) -> None:
    """attach_socket_filter(): 0 drops a packet, a number keeps as many of its bytes."""
    with ran.obj.programs["filter_0"].attach_socket_filter(udp) as link:
        assert link.fd == -1
        assert repr(link) == f"<BpfLink 'filter_0' socket:fd={udp.fileno()}, attached>"
        assert gets(udp, b"whole") == b"whole"
        ran.returns(filter_0=8 + 2)  # with the header of UDP
        assert gets(udp, b"cut") == b"cu"
        ran.returns(filter_0=DROP)
        assert gets(udp, b"dropped") == b""
        assert ran.numbers() == [0, 0, 0]
    assert gets(udp, b"later") == b"later"
    assert ran.numbers() == []


def test_descriptor_is_as_good_as_a_socket(udp: socket.socket, ran: Ran) -> None:
    """A number, and attach(sock=), do the same."""
    ran.returns(filter_0=DROP)
    with ran.obj.programs["filter_0"].attach_socket_filter(udp.fileno()):
        assert gets(udp, b"x") == b""
    with ran.obj.programs["filter_0"].attach(sock=udp):
        assert gets(udp, b"x") == b""
    assert gets(udp, b"x") == b"x"


def test_link_keeps_no_socket_open(ran: Ran) -> None:
    """The socket is its owner's: closed, it is closed, and the link ends quietly."""
    with receiver() as udp:
        address = udp.getsockname()
        link = ran.obj.programs["filter_0"].attach_socket_filter(udp)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as again:
        again.bind(address)
        link.close()


def test_end_leaves_another_socket_alone(ran: Ran) -> None:
    """A descriptor that has become another socket's is not touched."""
    with receiver() as one, receiver() as two:
        link = ran.obj.programs["filter_0"].attach_socket_filter(one)
        ran.returns(filter_1=DROP)
        other = ran.obj.programs["filter_1"].attach_socket_filter(two)
        os.dup2(two.fileno(), one.fileno())
        link.close()
        assert gets(two, b"x") == b""
        other.close()
        assert gets(two, b"x") == b"x"


def test_end_leaves_a_classic_filter_alone(udp: socket.socket, ran: Ran) -> None:
    """Whoever put a filter of classic BPF there meanwhile keeps it."""
    link = ran.obj.programs["filter_0"].attach_socket_filter(udp)
    classic.drop_all(udp)
    link.close()
    assert gets(udp, b"x") == b""


def test_filter_that_is_gone_already_ends_quietly(udp: socket.socket, ran: Ran) -> None:
    """SO_DETACH_BPF by hand, then the link's end."""
    link = ran.obj.programs["filter_0"].attach_socket_filter(udp)
    udp.setsockopt(socket.SOL_SOCKET, SO_DETACH_BPF, 0)
    link.close()


def test_locked_filter_is_told(udp: socket.socket, ran: Ran) -> None:
    """SO_LOCK_FILTER refuses everybody, and is named in place of a capability."""
    udp.setsockopt(socket.SOL_SOCKET, SO_LOCK_FILTER, 1)
    with pytest.raises(tinybpf.BpfPermissionError, match="SO_LOCK_FILTER"):
        ran.obj.programs["filter_0"].attach_socket_filter(udp)


def test_what_is_no_socket_is_refused(ran: Ran) -> None:
    """A pipe, a closed socket, a str: told before the kernel is asked."""
    program = ran.obj.programs["filter_0"]
    reader, writer = os.pipe()
    with pytest.raises(ValueError, match="of no socket"):
        program.attach_socket_filter(reader)
    os.close(reader)
    os.close(writer)
    with receiver() as closed:
        pass
    with pytest.raises(ValueError, match=r"negative|-1"):
        program.attach_socket_filter(closed)
    with pytest.raises(TypeError):
        program.attach_socket_filter("socket")  # type: ignore[arg-type]
    with pytest.raises(tinybpf.BpfError, match="there go programs of type"), receiver() as udp:
        ran.obj.programs["msg_4"].attach_socket_filter(udp)


def test_pin_says_that_there_is_no_link(udp: socket.socket, ran: Ran) -> None:
    """The kernel has nothing to pin; disconnect() leaves the filter to the socket."""
    ran.returns(filter_0=DROP)
    link = ran.obj.programs["filter_0"].attach_socket_filter(udp)
    with pytest.raises(tinybpf.BpfNotSupportedError, match="setsockopt"):
        link.pin("/sys/fs/bpf/tinybpf-test-socket")
    link.disconnect()
    link.close()
    assert gets(udp, b"x") == b""
    udp.setsockopt(socket.SOL_SOCKET, SO_DETACH_BPF, 0)
    assert gets(udp, b"x") == b"x"


@contextlib.contextmanager
def group() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Make two sockets that share a port."""
    with contextlib.ExitStack() as stack:
        made = []
        for port in (0, None):
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
            made.append(stack.enter_context(sock))
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            sock.bind(("127.0.0.1", 0) if port == 0 else made[0].getsockname())
        yield made[0], made[1]


@kernel("5.3", "SO_DETACH_REUSEPORT_BPF")
def test_socket_program_chooses_in_a_group(ran: Ran) -> None:
    """attach_reuseport() of a filter: what it returns is the number of the socket."""
    with group() as (first, second):
        with ran.obj.programs["group_7"].attach_reuseport(first) as link:
            assert link.fd == -1
            for number, chosen in enumerate((first, second)):
                ran.returns(group_7=number)
                assert gets(chosen, b"x") == b"x"
        ran.numbers()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.sendto(b"x", first.getsockname())
        assert ran.numbers() == []


@kernel("5.3", "SO_DETACH_REUSEPORT_BPF")
def test_reuseport_program_decides_in_a_group(ran: Ran) -> None:
    """SK_DROP of a program of sk_reuseport drops; SK_PASS leaves the choice."""
    with group() as (first, second):
        with ran.obj.programs["reuseport_2"].attach_reuseport(second) as link:
            assert f"sk_reuseport:fd={second.fileno()}" in repr(link)
            ran.returns(reuseport_2=tinybpf.SK_DROP)
            assert gets(first, b"x") + gets(second, b"x") == b""
            ran.returns(reuseport_2=tinybpf.SK_PASS)
            gets(first, b"x")
            assert ran.numbers() == [2, 2, 2]
        gets(first, b"x")
        assert ran.numbers() == []


def test_reuseport_without_a_group_is_told(udp: socket.socket, ran: Ran) -> None:
    """A socket that shares its port with nobody cannot choose."""
    with pytest.raises(tinybpf.BpfError, match="SO_REUSEPORT"):
        ran.obj.programs["group_7"].attach_reuseport(udp)


def test_script_that_ends_takes_its_filter_along(bpf: Find) -> None:
    """An interpreter that ends with a filter on an open socket does so in silence."""
    child.output(
        """
        import socket, sys, tinybpf
        obj = tinybpf.load(sys.argv[1])
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        link = obj.programs["filter_0"].attach_socket_filter(udp)
        """,
        bpf("sockets"),
    )
