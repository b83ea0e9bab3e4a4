# SPDX-License-Identifier: MIT
"""References of objects and what belongs to them: nothing stays behind."""

from typing import Any

import tinybpf
from support import host
from support.paths import MISSING
from support.references import Table, Use, each


def load_and_close(obj: Any) -> None:
    """Let an object come and go with all that belongs to it."""
    with tinybpf.load(host.bpf_object("nowhere")) as other:
        list(other.programs.values())


TABLE: Table = {
    "map by name": Use(lambda o: o.maps["counts"]),
    "program by name": Use(lambda o: o.program("on_trigger")),
    "walk of the maps": Use(lambda o: list(o.maps.items())),
    "text": Use(lambda o: (repr(o), o.name, o.path)),
    "type of the program": Use(lambda o: o.program("on_trigger").type),
    "section": Use(lambda o: o.program("on_trigger").section),
    "load and close": Use(load_and_close, rounds=100),
    "no such map": Use(lambda o: o.maps["nothing"], KeyError),
    "no such program": Use(lambda o: o.program("nothing"), KeyError),
    "load of nothing": Use(lambda o: tinybpf.load(MISSING), FileNotFoundError),
    "load of no path": Use(tinybpf.load, TypeError),
    "error with a log": Use(
        lambda o: tinybpf.load(host.bpf_object("rejected")), tinybpf.BpfVerifierError, 100
    ),
}


@each(TABLE)
def test_use_of_objects_keeps_no_object(counts: tinybpf.BpfObject, use: Use) -> None:
    """Neither what succeeds nor what is refused leaves anything behind."""
    use.check(counts)
