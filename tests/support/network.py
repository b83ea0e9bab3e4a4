# SPDX-License-Identifier: MIT
"""A network of a test's own: a namespace, a pair of interfaces in it, and their frames.

By netlink, for the machines that tests run on have no `ip`, or one that makes no pairs.
"""

import contextlib
import ctypes
import errno
import os
import platform
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Optional

from support.objects import DEADLINE_S

_UNSHARE, _SETNS = (272, 308) if platform.machine() == "x86_64" else (97, 268)
_CLONE_NEWNET = 0x40000000
_NEWLINK, _DELLINK, _GETLINK, _NEWADDR = 16, 17, 18, 20
_NEWQDISC, _DELQDISC, _GETQDISC, _GETTFILTER = 36, 37, 38, 46
_REQUEST, _ACK, _DUMP, _CREATE = 1, 4, 0x300, 0x600
_ERROR, _DONE = 2, 3
_IFF_UP = 1
_NETKIT_L2 = 0
CLSACT = 0xFFFF0000
_MARK = 0x88B5  # the kind of frame that IEEE leaves to experiments
ADDRESS = "10.99.0.1"
PORT = 4711


def _call(number: int, *args: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(number, *args) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


@contextlib.contextmanager
def namespace() -> Iterator[None]:
    """Put this thread into a network namespace of its own meanwhile; its lo is up."""
    here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    _call(_UNSHARE, _CLONE_NEWNET)
    try:
        bring_up("lo")
        yield
    finally:
        _call(_SETNS, here, _CLONE_NEWNET)
        os.close(here)


def _attribute(kind: int, *parts: bytes) -> bytes:
    data = b"".join(parts)
    return struct.pack("=HH", len(data) + 4, kind) + data + bytes(-len(data) % 4)


def _attributes(data: bytes) -> dict[int, bytes]:
    found = {}
    while len(data) >= 4:
        size, kind = struct.unpack_from("=HH", data)
        found[kind & 0x7FFF] = data[4:size]
        data = data[(size + 3) & ~3 :]
    return found


def _messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield type and body of each message."""
    while data:
        size, kind = struct.unpack_from("=IH", data)
        yield kind, data[16:size]
        data = data[(size + 3) & ~3 :]


def _raise_refusal(body: bytes) -> None:
    number = struct.unpack_from("=i", body)[0]
    if number != 0:
        raise OSError(-number, os.strerror(-number))


def _ask(kind: int, flags: int, body: bytes) -> list[bytes]:
    """Send a message; return the bodies of what came back; raise what was refused."""
    flags |= _REQUEST | (0 if flags & _DUMP == _DUMP else _ACK)
    answers: list[bytes] = []
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as out:
        out.sendto(struct.pack("=IHHII", len(body) + 16, kind, flags, 1, 0) + body, (0, 0))
        kinds: list[int] = []
        while not {_ERROR, _DONE} & set(kinds):
            messages = list(_messages(out.recv(1 << 17)))
            kinds = [answer for answer, _ in messages]
            answers += [inside for answer, inside in messages if answer not in (_ERROR, _DONE)]
    if _ERROR in kinds:
        _raise_refusal(messages[kinds.index(_ERROR)][1])
    return answers


def _link(index: int = 0, flags: int = 0, change: int = 0) -> bytes:
    return struct.pack("=BxHiII", socket.AF_UNSPEC, 0, index, flags, change)


def bring_up(name: str) -> None:
    """Set an interface up."""
    _ask(_NEWLINK, 0, _link(socket.if_nametoindex(name), _IFF_UP, _IFF_UP))


def _silence(name: str) -> None:
    """Keep an interface from sending by itself: IPv6 looks for neighbours and routers."""
    with contextlib.suppress(FileNotFoundError):  # a kernel without IPv6
        Path("/proc/sys/net/ipv6/conf", name, "disable_ipv6").write_text("1", "ascii")


def _make(kind: str, near: str, far: str) -> None:
    """Make two interfaces that are each other's peer: veth, or netkit with frames."""
    peer = _attribute(1, _link(), _attribute(3, far.encode() + b"\0"))
    more = b"" if kind == "veth" else _attribute(5, struct.pack("=I", _NETKIT_L2))
    info = _attribute(18, _attribute(1, kind.encode()), _attribute(2, peer, more))
    _ask(_NEWLINK, _CREATE, _link() + _attribute(3, near.encode() + b"\0") + info)


def remove(name: str) -> None:
    """Remove an interface, and its peer."""
    _ask(_DELLINK, 0, _link(socket.if_nametoindex(name)))


def set_mtu(name: str, mtu: int) -> None:
    """Set the longest packet of an interface."""
    mtu_attribute = _attribute(4, struct.pack("=I", mtu))
    _ask(_NEWLINK, 0, _link(socket.if_nametoindex(name)) + mtu_attribute)


def xdp_program(name: str) -> int:
    """Return the id of the XDP program of an interface; 0 if it has none."""
    answer = _ask(_GETLINK, 0, _link(socket.if_nametoindex(name)))[0]
    xdp = _attributes(_attributes(answer[16:]).get(43, b""))
    return int(struct.unpack("=I", xdp[4])[0]) if 4 in xdp else 0


def _traffic_control(name: str, parent: int, handle: int = 0) -> bytes:
    return struct.pack("=BxxxiIII", 0, socket.if_nametoindex(name), handle, parent, 0)


def add_clsact(name: str) -> None:
    """Give an interface a clsact."""
    body = _traffic_control(name, 0xFFFFFFF1, CLSACT) + _attribute(1, b"clsact\0")
    _ask(_NEWQDISC, _CREATE, body)


def remove_clsact(name: str) -> None:
    """Take the clsact of an interface away, with all its filters."""
    _ask(_DELQDISC, 0, _traffic_control(name, 0xFFFFFFF1, CLSACT))


def qdiscs(name: str) -> list[str]:
    """Return the kinds of the queueing disciplines of an interface."""
    index = socket.if_nametoindex(name)
    answers = _ask(_GETQDISC, _DUMP, _traffic_control(name, 0))
    ours = [a for a in answers if struct.unpack_from("=i", a, 4)[0] == index]
    return [_attributes(answer[20:])[1].rstrip(b"\0").decode() for answer in ours]


def filters(name: str, direction: str) -> list[tuple[int, int]]:
    """Return (priority, handle) of the tc filters of an interface's clsact."""
    parent = CLSACT | (0xFFF2 if direction == "ingress" else 0xFFF3)
    answers = _ask(_GETTFILTER, _DUMP, _traffic_control(name, parent))
    found = [struct.unpack_from("=BxxxiIII", answer) for answer in answers]
    return [(info >> 16, handle) for _, _, handle, _, info in found if handle]


class Pair:
    """Two interfaces that are each other's peer: what one sends the other receives.

    The near one has an address, ADDRESS, and a socket of UDP on it.
    """

    def __init__(self, kind: str = "veth") -> None:
        self.near, self.far = "near", "far"
        _make(kind, self.near, self.far)
        address = socket.inet_aton(ADDRESS)
        index = socket.if_nametoindex(self.near)
        body = struct.pack("=BBBBi", socket.AF_INET, 24, 0, 0, index)
        _ask(_NEWADDR, _CREATE, body + _attribute(1, address) + _attribute(2, address))
        for name in (self.near, self.far):
            _silence(name)
            bring_up(name)
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.udp.bind((ADDRESS, PORT))
        self.raw = self._raw(self.far)
        self._marks = self._raw("lo", _MARK)
        self._outgoing = self._raw(self.near)

    @staticmethod
    def _raw(name: str, kind: int = 0x0800) -> socket.socket:
        """Return a socket of all frames of a kind, usually IP, of an interface."""
        raw = socket.socket(
            socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.htons(kind)
        )
        raw.bind((name, kind))
        return raw

    def close(self) -> None:
        """Close the sockets; the interfaces end with the namespace."""
        for used in (self.udp, self.raw, self._outgoing, self._marks):
            used.close()

    def frame(self, payload: bytes, port: int = PORT) -> bytes:
        """Return the frame of a packet that comes from afar to the near address."""
        near = self._outgoing.getsockname()[4]
        udp = struct.pack("!HHHH", 9, port, 8 + len(payload), 0) + payload
        source, target = socket.inet_aton("10.99.0.2"), socket.inet_aton(ADDRESS)
        head = struct.pack(
            "!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, source, target
        )
        total = sum(struct.unpack("!10H", head))
        total = (total & 0xFFFF) + (total >> 16)
        head = head[:10] + struct.pack("!H", ~(total + (total >> 16)) & 0xFFFF) + head[12:]
        return bytes(near) + bytes((2, 0, 0, 0, 0, 9)) + b"\x08\x00" + head + udp

    def send_in(self, payload: bytes = b"in", times: int = 1) -> None:
        """Have packets arrive at the near interface, unless something drops them."""
        self._send(self.raw, payload, times)

    def send_out(self, payload: bytes = b"out", times: int = 1) -> None:
        """Have the near interface send packets to the far one, unless ..."""
        self._send(self._outgoing, payload, times)

    def _settle(self) -> None:
        """Wait until what this CPU has sent has gone where it goes.

        A busy kernel leaves that to a thread of its own, in order: what comes over lo
        behind it comes later.
        """
        self._marks.settimeout(DEADLINE_S)
        self._marks.send(bytes(12) + struct.pack("!H46x", _MARK))
        while self._marks.recvfrom(64)[1][2] == socket.PACKET_OUTGOING:
            pass

    def _send(self, by: socket.socket, payload: bytes, times: int) -> None:
        allowed = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {min(allowed)})
        try:
            for _ in range(times):
                self._send_once(by, payload)
            self._settle()
        finally:
            os.sched_setaffinity(0, allowed)

    def _send_once(self, by: socket.socket, payload: bytes) -> None:
        try:
            by.send(self.frame(payload))
        except OSError as error:
            if error.errno != errno.ENOBUFS:
                raise

    def arrived(self) -> list[bytes]:
        """Return the payloads that have come to the near socket, and are taken off it."""
        return self._drain(self.udp, 0)

    def came_out(self) -> list[bytes]:
        """Return the payloads that have come to the far interface, taken off, too."""
        return self._drain(self.raw, 42)

    def _drain(self, of: socket.socket, skip: int) -> list[bytes]:
        found = []
        with contextlib.suppress(BlockingIOError):
            while True:
                data, sender = of.recvfrom(2048)
                if not (of is self.raw and sender[2] == socket.PACKET_OUTGOING):
                    found.append(data[skip:])
        return found


@contextlib.contextmanager
def pair(kind: str = "veth") -> Iterator[Pair]:
    """Make a namespace with a pair of interfaces in it, for this thread."""
    with namespace():
        made: Optional[Pair] = None
        try:
            made = Pair(kind)
            yield made
        finally:
            if made is not None:
                made.close()
