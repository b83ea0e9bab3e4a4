# SPDX-License-Identifier: MIT
"""Programs of the sockets that a map holds: what is sent, and what is received."""

import contextlib
import socket
from collections.abc import Iterator

import pytest

import tinybpf
from support.gating import kernel
from support.host import kernel_version
from support.objects import Find, Load, wait_for
from support.ran import Ran
from tinybpf import SK_DROP, SK_PASS

LINKS_SINCE = (6, 10)


@pytest.fixture
def ran(load: Load) -> Ran:
    """Return the programs of sockets.bpf.c, which pass all."""
    return Ran(load("sockets")).returns(skb_3=SK_PASS, msg_4=SK_PASS)


@contextlib.contextmanager
def connection() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Make the two ends of a TCP connection over lo."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname()) as one:
            two, _ = server.accept()
            with two:
                two.settimeout(10)
                yield one, two


def test_sk_msg_decides_what_is_sent(ran: Ran) -> None:
    """attach_sockmap() of an sk_msg program: SK_DROP refuses what a socket sends."""
    peers = ran.obj.maps["peers"]
    with connection() as (one, two):
        with ran.obj.programs["msg_4"].attach_sockmap(peers) as link:
            assert (link.fd >= 0) == (kernel_version() >= LINKS_SINCE)
            assert "sk_msg:fd=" in repr(link)
            peers[0] = one.fileno()
            one.send(b"passes")
            assert two.recv(100) == b"passes"
            ran.returns(msg_4=SK_DROP)
            with pytest.raises(PermissionError):
                one.send(b"dropped")
            assert ran.numbers() == [4, 4]
        del peers[0]
        one.send(b"later")
        assert two.recv(100) == b"later"
        assert ran.numbers() == []


def test_sk_skb_decides_what_is_received(ran: Ran) -> None:
    """A program of sk_skb/stream_verdict sees what a socket of the map receives."""
    peers = ran.obj.maps["peers"]
    with connection() as (one, two):
        with ran.obj.programs["skb_3"].attach(map=peers):
            peers[0] = two.fileno()
            one.send(b"passes")
            assert two.recv(100) == b"passes"
            ran.returns(skb_3=SK_DROP)
            one.send(b"dropped")
            wait_for("a verdict", lambda: ran.obj.bss is not None and ran.obj.bss.n_runs >= 2)
            two.setblocking(False)
            with pytest.raises(BlockingIOError):
                two.recv(100)
            two.settimeout(10)
            del peers[0]
        ran.numbers()
        one.send(b"later")
        assert two.recv(100) == b"later"
        assert ran.numbers() == []


# Linux 5.10 has them, and sometimes spins for ever in one (seen on Debian's 5.10.223).
@kernel("6.1", "stream parsers that end")
def test_stream_parser_goes_before_the_verdict(bpf: Find) -> None:
    """A program of sk_skb/stream_parser says where messages end, and the verdict is next."""
    with tinybpf.load(bpf("sockets"), autoload=["parse_0", "skb_3"]) as obj:
        ran, peers = Ran(obj).returns(skb_3=SK_PASS), obj.maps["peers"]
        parser, verdict = obj.programs["parse_0"], obj.programs["skb_3"]
        with connection() as (one, two):
            with parser.attach_sockmap(peers), verdict.attach_sockmap(peers):
                peers[0] = two.fileno()
                one.send(b"passes")
                assert two.recv(100) == b"passes"
                assert ran.numbers() == [0, 3]
                del peers[0]
            one.send(b"later")
            assert two.recv(100) == b"later"
            assert ran.numbers() == []


@kernel("5.13", "sk_skb/verdict")
def test_verdict_decides_of_datagrams(bpf: Find) -> None:
    """A program of sk_skb/verdict sees what a socket of UDP receives."""
    with tinybpf.load(bpf("sockets"), autoload=["verdict_1"]) as obj:
        ran, peers = Ran(obj).returns(verdict_1=SK_PASS), obj.maps["peers"]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.settimeout(10)
            udp.bind(("127.0.0.1", 0))
            with obj.programs["verdict_1"].attach_sockmap(peers):
                udp.connect(udp.getsockname())
                peers[0] = udp.fileno()
                udp.send(b"passes")
                assert udp.recv(100) == b"passes"
                assert ran.numbers() == [1]
                ran.returns(verdict_1=SK_DROP)
                udp.send(b"dropped")
                wait_for("a verdict", lambda: obj.bss is not None and obj.bss.n_runs >= 1)
                del peers[0]
            ran.numbers()
            udp.send(b"later")
            assert udp.recv(100) == b"later"
            assert ran.numbers() == []


def test_descriptor_and_other_object_will_do(ran: Ran, load: Load) -> None:
    """The map may be another object's, or a descriptor of one."""
    other = load("sockets")
    program = ran.obj.programs["msg_4"]
    program.attach_sockmap(other.maps["peers"]).close()
    program.attach_sockmap(other.maps["peers"].fd).close()


def test_second_program_is_refused_or_takes_over(ran: Ran, load: Load) -> None:
    """With links the first one holds the place; its end makes room."""
    peers, other = ran.obj.maps["peers"], load("sockets")
    first = ran.obj.programs["msg_4"].attach_sockmap(peers)
    if first.fd >= 0:
        with pytest.raises(tinybpf.BpfError, match="the map has another program"):
            other.programs["msg_4"].attach_sockmap(peers)
        first.close()
    second = other.programs["msg_4"].attach_sockmap(peers)
    first.close()
    with connection() as (one, two):
        Ran(other).returns(msg_4=SK_PASS)
        peers[0] = one.fileno()
        one.send(b"x")
        assert two.recv(1) == b"x"
        assert Ran(other).numbers() == [4]
        del peers[0]
    second.close()


def test_map_of_another_type_is_told(ran: Ran) -> None:
    """Only maps of sockets have programs."""
    program = ran.obj.programs["msg_4"]
    with tinybpf.BpfMap.create(tinybpf.BpfMapType.HASH, 4, 4, 1) as table:
        with pytest.raises(tinybpf.BpfError, match="a map of type hash"):
            program.attach_sockmap(table)
    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        program.attach_sockmap(table)
    with pytest.raises(TypeError):
        program.attach_sockmap("peers")  # type: ignore[arg-type]
    with pytest.raises(tinybpf.BpfError, match="there go programs of type"):
        ran.obj.programs["filter_0"].attach_sockmap(ran.obj.maps["peers"])
