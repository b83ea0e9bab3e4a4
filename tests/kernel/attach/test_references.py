# SPDX-License-Identifier: MIT
"""References of links: nothing stays behind (few rounds: detaching takes its time)."""

import pathlib
import socket
from typing import Any

import tinybpf
from support import network, probed
from support.gating import kernel
from support.objects import Load
from support.references import Table, Use, each

TABLE: Table = {
    "link": Use(lambda o: o.program("on_raw_tp").attach().destroy(), rounds=10),
    "no such hook": Use(
        lambda o: o.program("on_raw_tp").attach_raw_tracepoint("nothing"),
        tinybpf.BpfError,
        rounds=10,
    ),
}

# Of a link that is there already: nothing is detached, so that many rounds are quick.
LINKS: Table = {
    "info": Use(lambda k: k.info),
    "id": Use(lambda k: k.id),
    "by id": Use(lambda k: tinybpf.BpfLink.from_id(k.id).close()),
    "by no id": Use(lambda k: tinybpf.BpfLink.from_id(2**32 - 1), tinybpf.BpfError),
    "by descriptor": Use(lambda k: tinybpf.BpfLink.from_fd(k.fd).close()),
    "by no descriptor": Use(lambda k: tinybpf.BpfLink.from_fd(2**20), OSError),
    "no pin": Use(lambda k: tinybpf.open_pinned_link("/sys/fs/bpf/-"), FileNotFoundError),
    "read": Use(lambda k: k.read()),
    "lines": Use(list),
    "one line": Use(lambda k: next(iter(k))),
    "no records": Use(lambda k: k.records("nothing"), KeyError),
    "records": Use(lambda k: next(k.records("task_row"))),
    "update": Use(lambda k: k.update(5), TypeError),
    "detach": Use(lambda k: k.detach(), tinybpf.BpfNotSupportedError),
}


@each(LINKS)
@kernel("5.9", "forced detach")
def test_a_link_is_used(load: Load, use: Use) -> None:
    """Asking, opening and reading leave nothing."""
    with load("iter").programs["dump_tasks"].attach_iter() as link:
        use.check(link)


@each(TABLE)
def test_links_come_and_go(load: Load, use: Use) -> None:
    """Attaching and detaching leaves no link, and a refusal nothing."""
    use.check(load("sections"))


def uprobe(obj: tinybpf.BpfObject, **options: Any) -> None:
    """Attach to a function of tests/probed, and detach."""
    program = obj.program("on_uprobe")
    program.attach_uprobe(probed.path(), func_name="work_one", **options).destroy()


def raw(obj: tinybpf.BpfObject, **options: Any) -> None:
    """Attach to a raw tracepoint, and detach."""
    obj.program("on_raw_tracepoint").attach(**options).destroy()


BY_HAND: Table = {
    "uprobe": Use(uprobe, rounds=10),
    "uprobe of a name": Use(lambda o: uprobe(o, offset="x"), TypeError),
    "section": Use(lambda o: raw(o, name="sys_enter", cookie=None), rounds=10),
    "lacking": Use(raw, tinybpf.BpfError, rounds=10),
    "mode": Use(lambda o: uprobe(o, attach_mode="fast"), ValueError),
    "cookie": Use(lambda o: uprobe(o, cookie=2**64), ValueError),
    "unknown word": Use(lambda o: uprobe(o, cooky=1), TypeError),
    "unknown name": Use(
        lambda o: o.program("on_uprobe").attach_uprobe("no-such-library", func_name="x"),
        tinybpf.BpfError,
        rounds=10,
    ),
    "lists": Use(
        lambda o: o.program("on_kprobe").attach_kprobe_multi(
            symbols=["x"] * 9, cookies=range(8)
        ),
        ValueError,
    ),
    "unknown event": Use(
        lambda o: o.program("on_kprobe").attach_perf_event("cycle", freq=1), ValueError
    ),
}


@each(BY_HAND)
def test_links_by_hand_come_and_go(load: Load, use: Use) -> None:
    """Options that are taken, and those that are refused, leave nothing either."""
    use.check(load("hooks"))


EVENTS: Table = {
    "all CPUs": Use(
        lambda o: o.program("on_sample").attach_perf_event("cpu-clock", freq=1).destroy(),
        rounds=10,
    ),
    "a pair": Use(
        lambda o: o.program("on_sample").attach(event=(1, 0), freq=1, cpu=0).destroy(),
        rounds=10,
    ),
    "no process": Use(
        lambda o: o.program("on_sample").attach(event="cpu-clock", freq=1, pid=2**22 + 1),
        tinybpf.BpfError,
        rounds=10,
    ),
}


@kernel("5.8", "perf_event")
@each(EVENTS)
def test_events_come_and_go(load: Load, use: Use) -> None:
    """The events of a link, their descriptors and their list end with it."""
    use.check(load("profile"))


def no_tcx(obj: tinybpf.BpfObject, **place: Any) -> None:
    """Ask for a place of tcx that cannot be had."""
    obj.program("tc_0").attach_tcx("lo", "ingress", **place)


def tcx(obj: tinybpf.BpfObject) -> None:
    """Attach two by tcx, with each kind of neighbour, and ask for the list."""
    one, other = obj.program("tc_0"), obj.program("tc_1")
    with one.attach_tcx("lo", "ingress") as link:
        for place in ({"before": link}, {"after": one}, {"before": one.id}, {"first": True}):
            with other.attach_tcx("lo", "ingress", **place):
                tinybpf.prog_query("lo", tinybpf.BpfAttachType.TCX_INGRESS)


NETWORK: Table = {
    "xdp": Use(lambda o: o.program("xdp_0").attach_xdp("lo", mode="skb").close(), rounds=10),
    "xdp by netlink": Use(
        lambda o: o.program("xdp_0").attach_xdp_netlink("lo", replace=True).close(), rounds=10
    ),
    "xdp without a driver": Use(
        lambda o: o.program("xdp_0").attach_xdp("lo", mode="hw"), tinybpf.BpfError, rounds=10
    ),
    "xdp of no mode": Use(lambda o: o.program("xdp_0").attach_xdp("lo", mode="x"), ValueError),
    "tc": Use(lambda o: o.program("tc_0").attach_tc("lo", "egress").close(), rounds=10),
    "tc of another type": Use(
        lambda o: o.program("xdp_0").attach_tc("lo", "egress"), tinybpf.BpfError, rounds=10
    ),
    "replaced by a number": Use(
        lambda o: o.program("xdp_0").attach_xdp_netlink("lo", replace=2**32 - 1),
        tinybpf.BpfError,
    ),
    "netns": Use(
        lambda o: o.program("xdp_0").attach_netns("/proc/self/ns/net"), tinybpf.BpfError
    ),
    "no map": Use(lambda o: o.program("xdp_0").attach_sockmap(o), TypeError),
    "no socket": Use(lambda o: o.program("xdp_0").attach_socket_filter(0.5), TypeError),
    "no hook": Use(lambda o: o.program("xdp_0").attach_netfilter("ipv4", "x"), ValueError),
    "no device": Use(lambda o: o.program("xdp_0").attach_lirc("/-"), tinybpf.BpfError),
    "xdp query": Use(lambda o: tinybpf.xdp_query("lo")),
    "tc query": Use(lambda o: tinybpf.tc_query("lo", "ingress")),
    "query of nothing": Use(lambda o: tinybpf.prog_query("lo", 37), ValueError),
    "query of no file": Use(lambda o: tinybpf.prog_query("/-", 0), FileNotFoundError),
    "query of no cgroup": Use(lambda o: tinybpf.prog_query("/", 0), tinybpf.BpfError),
}


@each(NETWORK)
def test_network_comes_and_goes(veth: network.Pair, load: Load, use: Use) -> None:
    """What hangs at an interface, and each refusal, leaves nothing."""
    use.check(load("packets"))


TCX: Table = {
    "order": Use(tcx, rounds=10),
    "two places": Use(lambda o: no_tcx(o, first=True, before=1), ValueError),
    "no neighbour": Use(lambda o: no_tcx(o, after=0.5), TypeError),
    "absent": Use(lambda o: no_tcx(o, after=o.program("tc_1")), tinybpf.BpfError, rounds=10),
    "revision": Use(lambda o: no_tcx(o, expected_revision=9), tinybpf.BpfError, rounds=10),
}


@kernel("6.6", "tcx", config="CONFIG_NET_XGRESS")
@each(TCX)
def test_tcx_comes_and_goes(veth: network.Pair, load: Load, use: Use) -> None:
    """Neither do an order and its refusals."""
    use.check(load("packets"))


SOCKETS: Table = {
    "filter": Use(lambda k: k[0].program("filter_0").attach_socket_filter(k[1]).close()),
    "filter by number": Use(
        lambda k: k[0].program("filter_0").attach_socket_filter(k[1].fileno()).close()
    ),
    "no group": Use(
        lambda k: k[0].program("group_7").attach_reuseport(k[1]), tinybpf.BpfError, rounds=10
    ),
    "map": Use(
        lambda k: k[0].program("msg_4").attach_sockmap(k[0].maps["peers"]).close(), rounds=10
    ),
}


@each(SOCKETS)
def test_sockets_come_and_go(load: Load, use: Use) -> None:
    """Nor what hangs at a socket, or at a map of them."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        use.check((load("sockets"), udp))


CGROUP: Table = {
    "link": Use(lambda k: k[0].program("cgroup_0").attach_cgroup(k[1]).close(), rounds=10),
    "mode": Use(
        lambda k: k[0].program("cgroup_0").attach_cgroup(str(k[1]), mode="single").close(),
        rounds=10,
    ),
    "multi": Use(
        lambda k: k[0].program("cgroup_0").attach_cgroup(k[1], mode="multi").close(), rounds=10
    ),
    "no mode": Use(
        lambda k: k[0].program("cgroup_0").attach_cgroup(k[1], mode="x"), ValueError
    ),
    "query": Use(lambda k: tinybpf.prog_query(k[1], 1)),
}


@each(CGROUP)
def test_cgroup_comes_and_goes(cgroup: pathlib.Path, load: Load, use: Use) -> None:
    """Nor what hangs at a cgroup."""
    use.check((load("packets"), cgroup))
