# SPDX-License-Identifier: MIT
"""--attach of each kind: the program goes where the text says, and runs there."""

import contextlib
import os
import pathlib
import socket
from collections.abc import Iterator
from typing import Any

import pytest

import tinybpf
from support import network, probed
from support.gating import kernel
from support.network import Pair
from support.objects import Find, wait_for
from support.ran import Ran
from tinybpf._run import UsageError, attach, options

# Kinds that test_attach has, from the command line on.
ELSEWHERE = {
    *("kprobe", "kretprobe", "tracepoint", "raw_tracepoint", "uprobe", "uretprobe"),
    *("perf_event", "xdp", "cgroup", "fentry"),
}
KPROBE_MULTI = kernel("5.18", "kprobe.multi", config="CONFIG_FPROBE")
KSYSCALL = kernel("5.15", "kprobe", config="CONFIG_KPROBES")
UPROBE_MULTI = kernel("6.6", "uprobe.multi", config="CONFIG_UPROBES")
USDT = kernel("5.8", "uprobe", config="CONFIG_UPROBES")
FENTRY = kernel("5.5", "fentry", config="CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS")
FMOD_RET = kernel("5.7", "fmod_ret", config="CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS")
LSM = kernel("5.7", "lsm", config="CONFIG_BPF_LSM and bpf among the LSMs")
TP_BTF = kernel("5.5", "tp_btf", config="CONFIG_DEBUG_INFO_BTF")
TC = kernel("4.5", "tc", config="CONFIG_NET_CLS_BPF")
TCX = kernel("6.6", "tcx", config="CONFIG_NET_XGRESS")
NETKIT = kernel("6.7", "netkit", config="CONFIG_NETKIT")
NETFILTER = kernel("6.4", "netfilter", config="CONFIG_NETFILTER_BPF_LINK")
SK_LOOKUP = kernel("5.9", "sk_lookup")
HERE = "/proc/thread-self/ns/net"

# The object, --attach, what makes it run: here, or letters for tests/probed.
FUNCTIONS: "list[tuple[str, str, str, Any]]" = [
    ("multi", "on_functions=kprobe.multi:ksys_r*", "read", KPROBE_MULTI),
    ("multi", "on_functions=kretprobe.multi:ksys_r*", "read", KPROBE_MULTI),
    ("probes", "on_ksyscall=ksyscall:getpgid", "ask", KSYSCALL),
    ("probes", "on_ksyscall=kretsyscall:getpgid", "ask", KSYSCALL),
    ("multi", "on_places=uprobe.multi:PROBED:work_*", "abc", UPROBE_MULTI),
    ("multi", "on_places=uretprobe.multi:PROBED:work_*", "abc", UPROBE_MULTI),
    ("usdt", "on_tick=usdt:PROBED:demo:tick", "t", USDT),
    ("btf_hook", "on_enter=tp_btf:sys_enter", "ask", TP_BTF),
    ("fentry", "on_return=fexit:do_sys_openat2", "read", FENTRY),
    ("lsm", "in_place=fmod_ret:security_task_getpgid", "ask", FMOD_RET),
    ("lsm", "on_getpgid=lsm:task_getpgid", "ask", LSM),
]
# Of objects with ran.h: --attach, and which way a packet goes.
PACKETS: "list[tuple[str, str, str, Any]]" = [
    ("packets", "tc_0=tc:near:ingress", "in", TC),
    ("packets", "tc_0=tc:near:egress", "out", TC),
    ("packets", "tc_0=tcx:near:egress", "out", TCX),
    ("packets", "tcx_3=tcx:near", "in", TCX),
    ("netfilter", "netfilter_0=netfilter:ipv4:local_in", "in", NETFILTER),
    ("netfilter", "netfilter_0=netfilter:ipv4:local_in:-5", "in", NETFILTER),
    ("sockets", f"lookup_5=netns:{HERE}", "here", SK_LOOKUP),
]
NETKITS = [("tc_0=netkit:near:peer", "in"), ("tc_0=netkit:near:primary", "out")]


def cases(rows: "list[tuple[str, str, str, Any]]") -> "list[Any]":
    """Return rows as parameters with their marks."""
    return [pytest.param(*row[:-1], marks=row[-1], id=row[1]) for row in rows]


@contextlib.contextmanager
def attached(path: pathlib.Path, text: str) -> Iterator[Any]:
    """Load that program alone, and attach it as the command line says."""
    with tinybpf.open(path) as obj:
        for each in obj.programs.values():
            each.autoload = False
        chosen = options.parse(obj, ["--attach", text])
        attachments = [attach.Attachment(obj, *each) for each in chosen.attach]
        obj.load()
        (link,) = attach.attach_all(obj, attachments, True)
        with link:
            yield obj


def runs(obj: Any) -> int:
    """Return how often a program of an object that counts has run."""
    (name,) = {"seen", "hits", "ticks"} & set(obj.maps)
    return sum(getattr(value, "count", value) for value in obj.maps[name].values())


@pytest.mark.parametrize(("name", "text", "how"), cases(FUNCTIONS))
def test_program_runs_at_functions(bpf: Find, name: str, text: str, how: str) -> None:
    """Those of the kernel and of a binary; only while it is attached."""
    here = {"read": pathlib.Path("/proc/self/stat").read_bytes, "ask": ask_for_us}

    def act() -> None:
        if how in here:
            here[how]()
        else:
            probed.run(how)

    with attached(bpf(name), text.replace("PROBED", str(probed.path()))) as obj:
        if "target" in obj.maps:
            obj.maps["target"][0] = os.getpid() if how in here else 0
        act()
        assert runs(obj) > 0


def ask_for_us() -> None:
    """Make a system call that LSM hooks see, and may refuse."""
    with contextlib.suppress(PermissionError):
        os.getpgid(os.getpid())


def send(pair: Pair, way: str) -> None:
    """Have a packet go in or out of the near interface, or to this host itself."""
    if way == "in":
        pair.send_in()
    elif way == "out":
        pair.send_out()
    else:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.sendto(b"x", (network.ADDRESS, network.PORT))


@pytest.mark.parametrize(("name", "text", "way"), cases(PACKETS))
def test_program_sees_packets(bpf: Find, veth: Pair, name: str, text: str, way: str) -> None:
    """Of an interface and a direction, of a network namespace, of a hook of netfilter."""
    with attached(bpf(name), text) as obj:
        assert Ran(obj).numbers() == []
        send(veth, way)
        wait_for("a run", lambda: bool(obj.bss.n_runs))
        assert set(Ran(obj).numbers()) == {int(text.partition("=")[0][-1])}


@NETKIT
@pytest.mark.parametrize(("text", "way"), NETKITS)
def test_program_sees_packets_of_netkit(bpf: Find, text: str, way: str) -> None:
    """What the peer sends, or the interface itself."""
    with network.pair("netkit") as pair:
        with attached(bpf("packets"), text) as obj:
            Ran(obj).returns(tc_0=tinybpf.NETKIT_DROP)
            with contextlib.suppress(OSError):  # the sender is told: ENOBUFS
                send(pair, way)
            Ran(obj).wait(0)


def test_program_sees_what_sockets_of_a_map_send(bpf: Find) -> None:
    """sockmap names a map of the object; another name is told, and what there is."""
    with attached(bpf("sockets"), "msg_4=sockmap:peers") as obj:
        with (
            socket.create_server(("127.0.0.1", 0)) as server,
            socket.create_connection(server.getsockname()) as one,
        ):
            obj.maps["peers"][0] = one.fileno()
            with pytest.raises(PermissionError):  # its verdict is 0: dropped
                one.send(b"x")
        Ran(obj).wait(4)
    with pytest.raises(UsageError, match=r"--attach msg_4=sockmap:pears: .*peers"):
        with attached(bpf("sockets"), "msg_4=sockmap:pears"):
            pass


def test_receivers_of_infrared_are_paths(bpf: Find) -> None:
    """No machine of the tests has one: the refusal is of that path, or of the kernel's."""
    with pytest.raises(tinybpf.BpfError) as refused:
        with attached(bpf("lirc"), "decode=lirc:/dev/null"):
            pass
    said = str(refused.value)
    assert ("type lirc_mode2" in said) != ("no receiver of infrared" in said)


@pytest.mark.parametrize(
    ("name", "text"),
    [("fentry", "on_return=fentry:do_sys_openat2"), ("lsm", "in_place=lsm:task_getpgid")],
)
def test_kind_is_that_of_the_section(bpf: Find, name: str, text: str) -> None:
    """A program that is made for one kind when it is loaded does not become another."""
    with tinybpf.open(bpf(name)) as obj:
        with pytest.raises(UsageError, match=r"--attach \w+=[\w:]+: program .* is made for"):
            attach.Attachment(obj, *options.pair("attach", text))


def test_each_kind_is_tried() -> None:
    """A kind that is added to the table is added here."""
    texts = [row[1] for row in (*FUNCTIONS, *PACKETS)] + [row[0] for row in NETKITS]
    tried = {text.partition("=")[2].partition(":")[0] for text in texts}
    tried |= {"sockmap", "lirc"}
    assert tried | ELSEWHERE == set(attach.KINDS)
    assert not tried & ELSEWHERE
