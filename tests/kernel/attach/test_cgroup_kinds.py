# SPDX-License-Identifier: MIT
"""Every place of a cgroup that programs go to: each runs its program, and is left again."""

import contextlib
import pathlib
import socket
from collections.abc import Iterator
from typing import Any, Callable

import pytest

import tinybpf
from support.gating import kernel
from support.objects import Find

HERE: dict[socket.AddressFamily, Any] = {
    socket.AF_INET: ("127.0.0.1", 0),
    socket.AF_INET6: ("::1", 0),
    socket.AF_UNIX: "",  # the kernel chooses a name
}
Family = socket.AddressFamily
V4, V6, UNIX = socket.AF_INET, socket.AF_INET6, socket.AF_UNIX


@contextlib.contextmanager
def bound(family: Family) -> Iterator[socket.socket]:
    """Make a socket for datagrams with an address of its own."""
    with socket.socket(family, socket.SOCK_DGRAM) as one:
        one.settimeout(10)
        one.bind(HERE[family])
        yield one


def make(family: Family) -> None:
    """Make a socket, and close it."""
    socket.socket(family, socket.SOCK_DGRAM).close()


def bind(family: Family) -> None:
    """Give a socket an address."""
    with bound(family):
        pass


def connect(family: Family) -> None:
    """Give a socket a peer, and ask for both names."""
    with bound(family) as one, bound(family) as other:
        one.connect(other.getsockname())
        one.getpeername()


def talk(family: Family) -> None:
    """Send something to a socket that has no peer, and receive it."""
    with bound(family) as one, bound(family) as other:
        one.sendto(b"x", other.getsockname())
        other.setblocking(False)
        assert other.recvfrom(1)[0] == b"x"  # lo delivers while it sends


def set_option(family: Family) -> None:
    """Set an option of a socket."""
    with socket.socket(family, socket.SOCK_DGRAM) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


def get_option(family: Family) -> None:
    """Ask for an option of a socket."""
    with socket.socket(family, socket.SOCK_DGRAM) as one:
        one.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR)


def stream(family: Family) -> None:
    """Make a connection of TCP."""
    with socket.create_server(("127.0.0.1", 0), family=family) as server:
        socket.create_connection(server.getsockname()).close()


def read_setting(_: Family) -> None:
    """Read a setting of the kernel."""
    pathlib.Path("/proc/sys/kernel/ostype").read_bytes()


def open_device(_: Family) -> None:
    """Open a device."""
    pathlib.Path("/dev/null").open("rb").close()


Trigger = Callable[[Family], None]
DECIDES: dict[str, tuple[Trigger, Family]] = {
    "ingress": (talk, V4),
    "sock_create": (make, V4),
    "bind4": (bind, V4),
    "bind6": (bind, V6),
    "post_bind4": (bind, V4),
    "post_bind6": (bind, V6),
    "connect4": (connect, V4),
    "connect6": (connect, V6),
    "connect_unix": (connect, UNIX),
    "sendmsg4": (talk, V4),
    "sendmsg6": (talk, V6),
    "sendmsg_unix": (talk, UNIX),
    "getsockopt": (get_option, V4),
    "setsockopt": (set_option, V4),
    "sysctl": (read_setting, V4),
    "dev": (open_device, V4),
}
SEES: dict[str, tuple[Trigger, Family]] = {
    "sock_release": (make, V4),
    "recvmsg4": (talk, V4),
    "recvmsg6": (talk, V6),
    "recvmsg_unix": (talk, UNIX),
    "getpeername4": (connect, V4),
    "getpeername6": (connect, V6),
    "getpeername_unix": (connect, UNIX),
    "getsockname4": (connect, V4),
    "getsockname6": (connect, V6),
    "getsockname_unix": (connect, UNIX),
    "sockops": (stream, V4),
}
BY_ADDRESS = kernel("5.9", "cgroup programs of sockets")
BY_NAME = kernel("6.7", "cgroup programs of unix sockets")
REFUSED = (PermissionError, BlockingIOError)  # told, or not delivered


def kinds(table: "dict[str, tuple[Trigger, Family]]") -> list[object]:
    """Return a parameter for each row, gated by the first kernel that has it."""
    return [
        pytest.param(
            *(name, trigger, family),
            id=name,
            marks=BY_NAME if family is UNIX else BY_ADDRESS,
        )
        for name, (trigger, family) in table.items()
    ]


@pytest.mark.parametrize(("name", "trigger", "family"), kinds(DECIDES))
def test_program_decides_until_it_ends(
    inside: pathlib.Path, bpf: Find, name: str, trigger: Trigger, family: Family
) -> None:
    """1 lets a process of the cgroup do it, 0 does not; the link's end lets it again."""
    with tinybpf.load(bpf("cgroups"), autoload=[name]) as obj:
        with obj.program(name).attach_cgroup(inside):
            trigger(family)
            seen = obj.bss.runs
            assert seen >= 1
            obj.data.verdict = 0
            with pytest.raises(REFUSED):
                trigger(family)
            assert obj.bss.runs > seen
        seen = obj.bss.runs
        trigger(family)
        assert obj.bss.runs == seen


@pytest.mark.parametrize(("name", "trigger", "family"), kinds(SEES))
def test_program_sees_until_it_ends(
    inside: pathlib.Path, bpf: Find, name: str, trigger: Trigger, family: Family
) -> None:
    """What cannot be refused is seen, by attach() of the section, too."""
    with tinybpf.load(bpf("cgroups"), autoload=[name]) as obj:
        with obj.program(name).attach(cgroup=inside):
            trigger(family)
            seen = obj.bss.runs
            assert seen >= 1
        trigger(family)
        assert obj.bss.runs == seen
