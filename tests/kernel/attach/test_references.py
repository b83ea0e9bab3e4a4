# SPDX-License-Identifier: MIT
"""References of links: nothing stays behind (few rounds: detaching takes its time)."""

import tinybpf
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


@each(TABLE)
def test_links_come_and_go(load: Load, use: Use) -> None:
    """Attaching and detaching leaves no link, and a refusal nothing."""
    use.check(load("sections"))
