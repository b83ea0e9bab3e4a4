# SPDX-License-Identifier: MIT
"""References of listings: what is found, scanned and linked leaves nothing behind."""

import tinybpf
from support import host
from support.objects import Load
from support.references import Table, Use, each


def find(obj: tinybpf.BpfObject) -> tinybpf.BpfMap:
    """Return a map of the object out of the list, which waits to be opened."""
    wanted = obj.maps["flows"].id
    return next(found for found in tinybpf.iter_maps() if found.id == wanted)


TABLE: Table = {
    "listing not begun": Use(lambda o: tinybpf.iter_programs()),
    "all programs": Use(lambda o: [p.name for p in tinybpf.iter_programs()], rounds=50),
    "all maps": Use(lambda o: [repr(m) for m in tinybpf.iter_maps()], rounds=50),
    "all BTF": Use(lambda o: [b.name for b in tinybpf.iter_btfs()], rounds=50),
    "map that is used": Use(lambda o: list(find(o).items()), rounds=50),
    "info of what waits": Use(lambda o: find(o).info, rounds=50),
    "closed before it is used": Use(lambda o: find(o).close(), rounds=50),
    "holders": Use(lambda o: o.maps["flows"].holders(), rounds=10),
    "pins": Use(lambda o: o.maps["flows"].pins(), rounds=10),
    "stats": Use(lambda o: str(o.stats()), rounds=50),
    "link": Use(lambda o: tinybpf.link(host.bpf_object("run")), rounds=50),
    "link of nothing": Use(lambda o: tinybpf.link(b"x"), tinybpf.BpfError, 50),
}


@each(TABLE)
def test_use_of_listings_keeps_no_object(load: Load, use: Use) -> None:
    """Neither what succeeds nor what is refused leaves anything behind."""
    use.check(load("typed"))
