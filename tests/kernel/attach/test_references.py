# SPDX-License-Identifier: MIT
"""References of links: nothing stays behind (few rounds: detaching takes its time)."""

import tinybpf
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
