# SPDX-License-Identifier: MIT
"""References of links: nothing stays behind (few rounds: detaching takes its time)."""

from typing import Any

import tinybpf
from support import probed
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
