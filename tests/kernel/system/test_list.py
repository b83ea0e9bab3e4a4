# SPDX-License-Identifier: MIT
"""What is loaded: iter_programs(), iter_maps(), iter_links(), iter_btfs()."""

import gc
import os
import threading
import warnings
from typing import Any, Callable

import pytest

import tinybpf
from support import privilege
from support.gating import kernel
from support.objects import Load, fdinfo, wait_for


def same(things: Any, thing: Any) -> Any:
    """Return the one of a listing that is that thing."""
    return next(found for found in things if found.id == thing.id)


def open_fds() -> int:
    """Return how many descriptors this process has."""
    return len(os.listdir("/proc/self/fd"))


def test_program_in_the_list_is_a_program(load: Load) -> None:
    """It knows id, name and type before it is opened, and runs when it is used."""
    program = load("run").programs["on_packet"]
    found = same(tinybpf.iter_programs(), program)
    assert type(found) is tinybpf.BpfProgram
    assert (found.name, found.type, found.section) == ("on_packet", program.type, "")
    assert repr(found) == f"<BpfProgram 'on_packet' xdp, id={program.id}>"
    assert found.is_standalone
    assert found.test_run(bytes(64)).retval == program.test_run(bytes(64)).retval
    assert repr(found) == f"<BpfProgram 'on_packet' xdp, fd={found.fd}>"
    assert int(fdinfo(found.fd)["prog_id"]) == program.id


def test_long_name_of_a_program_is_whole(load: Load) -> None:
    """The kernel keeps 15 bytes of a name; BTF has the rest."""
    program = load("hooks").programs["on_raw_tracepoint"]
    assert same(tinybpf.iter_programs(), program).name == program.name


def test_map_in_the_list_is_a_map(load: Load) -> None:
    """It has the types that the kernel keeps, whatever it is first asked for."""
    flows = load("typed").maps["flows"]
    flows[(1, 2)] = (3, 4)
    first: dict[str, Callable[[Any], Any]] = {
        "items": lambda m: [(k.saddr, v.bytes) for k, v in m.items()],
        "get": lambda m: m[1, 2].bytes,
        "lookup": lambda m: m.lookup((1, 2)).packets,
        "in": lambda m: ((1, 2) in m, (9, 9) in m),
        "len": len,
        "keys": lambda m: [key.sport for key in m],
        "values": lambda m: [value.bytes for value in m.values()],
        "btf": lambda m: (m.btf_key.name, m.btf_value.name),
        "set": lambda m: m.update((1, 2), (3, 4)),
        "columns": lambda m: list(m.read_columns()["value.bytes"]),
        "typed": lambda m: m.typed()[1, 2].bytes,
        "default": lambda m: (m.get((9, 9), 5), m.setdefault((1, 2), (7, 7)).bytes),
        "delete": lambda m: m.delete((9, 9)),
        "info": lambda m: m.info,
        "sizes": lambda m: (m.key_size, m.value_size, m.max_entries, m.flags),
        "with": lambda m: m.__enter__() is m,
    }
    for name, use in first.items():
        found = same(tinybpf.iter_maps(), flows)
        assert use(found) == use(flows), name


def test_every_kind_of_map_in_the_list_reads_as_opened_by_its_id(load: Load) -> None:
    """The list makes what from_id() makes, and later."""
    for one in load("kinds").maps.values():
        with tinybpf.BpfMap.from_id(one.id) as opened:
            found = same(tinybpf.iter_maps(), one)
            assert (found.name, found.type, found.is_percpu) == (
                opened.name,
                opened.type,
                opened.is_percpu,
            )
            assert found.fd >= 0
            assert repr(found).rpartition(", ")[0] == repr(opened).rpartition(", ")[0]
            assert found.info == opened.info


@kernel("5.15", "link of a tracepoint")
def test_link_in_the_list_is_a_link(load: Load) -> None:
    """Its info is the same; closing it detaches nothing."""
    with load("typed").programs["produce"].attach() as link:
        found = same(tinybpf.iter_links(), link)
        assert type(found) is tinybpf.BpfLink
        assert repr(found) == f"<BpfLink 'produce' perf_event, id={link.id}>"
        assert found.info == link.info
        assert repr(found) == f"<BpfLink 'produce' perf_event, id={link.id}>"
        assert int(fdinfo(found.fd)["link_id"]) == link.id
        found.close()
        assert repr(found) == "<BpfLink 'produce' perf_event, closed>"
        assert same(tinybpf.iter_links(), link).id == link.id
        with pytest.raises(tinybpf.BpfClosedError):
            found.detach()


def test_btf_in_the_list_can_be_read(load: Load) -> None:
    """That of an object has the object's types."""
    wanted = load("typed").maps["flows"].info.btf_id or 0
    btfs = {btf.id: btf for btf in tinybpf.iter_btfs()}
    assert btfs[wanted].load()["flow"].size == 8
    assert not btfs[wanted].is_kernel
    assert btfs[wanted].size == len(bytes(btfs[wanted].load()))


@kernel("5.11", "names of BTF in the kernel")
def test_kernel_has_a_name_in_the_list() -> None:
    """Its own BTF is known by it."""
    assert ("vmlinux", True) in {(btf.name, btf.is_kernel) for btf in tinybpf.iter_btfs()}


@pytest.mark.parametrize("ask", [lambda m: m.info, lambda m: (m.id, m.name, repr(m))])
def test_listing_leaves_nothing_open(load: Load, ask: Any) -> None:
    """A list of all that there is takes no descriptors, nor does asking it."""
    obj = load("typed")
    before = open_fds()
    maps, programs = list(tinybpf.iter_maps()), list(tinybpf.iter_programs())
    ours = [same(maps, one) for one in obj.maps.values()]
    ours += [same(programs, one) for one in obj.programs.values()]
    assert open_fds() == before
    for found in ours:
        ask(found)
    assert open_fds() == before


def test_what_was_used_is_dropped_without_a_word(load: Load) -> None:
    """No ResourceWarning, and the descriptor goes with the last reference."""
    obj = load("typed")
    before = open_fds()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = same(tinybpf.iter_maps(), obj.maps["flows"])
        programs = [program.fd for program in tinybpf.iter_programs()]
        assert open_fds() == before
        assert found.fd >= 0
        assert programs
        del found
        gc.collect()
    assert not caught
    assert open_fds() == before


def test_closed_thing_stays_closed(load: Load) -> None:
    """close() before the first use ends it as it ends an open one."""
    obj = load("run")
    program = same(tinybpf.iter_programs(), obj.programs["on_packet"])
    program.close()
    program.close()
    with pytest.raises(tinybpf.BpfClosedError):
        program.test_run(bytes(64))
    found = next(tinybpf.iter_maps(), None) or load("counts").maps["counts"]
    found.close()
    assert repr(found).endswith("closed>") or not found.is_standalone


def test_what_is_gone_says_so(load: Load) -> None:
    """A thing that ends behind the listing is a FileNotFoundError where it is used."""
    obj = load("typed")
    program = same(tinybpf.iter_programs(), obj.programs["produce"])
    flows = same(tinybpf.iter_maps(), obj.maps["flows"])
    gone = {("p", program.id), ("m", flows.id)}
    obj.close()
    wait_for(
        "the kernel to free them",
        lambda: gone.isdisjoint(
            [
                *(("p", p.id) for p in tinybpf.iter_programs()),
                *(("m", m.id) for m in tinybpf.iter_maps()),
            ]
        ),
    )
    uses: list[Callable[[], Any]] = [
        lambda: program.fd,
        lambda: program.info,
        lambda: flows[1, 2],
        lambda: flows.info,
    ]
    for use in uses:
        with pytest.raises(tinybpf.BpfError, match="is gone since it was listed") as info:
            use()
        assert isinstance(info.value, FileNotFoundError)


def test_id_of_another_is_noticed(load: Load) -> None:
    """What has the id later and is not the same is not taken for it."""
    obj = load("typed")
    flows = same(tinybpf.iter_maps(), obj.maps["flows"])
    flows._identity += 1
    with pytest.raises(tinybpf.BpfError, match="its id belongs to another"):
        len(flows)


def test_listing_survives_what_comes_and_goes(load: Load) -> None:
    """While another thread makes and closes maps, each one listed was there."""
    stop = threading.Event()

    def churn() -> None:
        while not stop.is_set():
            tinybpf.BpfMap.create(tinybpf.BpfMapType.ARRAY, 4, 8, 1, name="churn").close()

    mine = load("counts").maps["counts"].id
    thread = threading.Thread(target=churn)
    thread.start()
    try:
        for _ in range(50):
            ids = [found.id for found in tinybpf.iter_maps()]
            assert ids == sorted(set(ids))
            assert mine in ids
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("name", ["programs", "maps", "links", "btfs"])
def test_listing_without_privilege_says_what_it_takes(name: str) -> None:
    """The first step raises, with the capability that is missing."""
    said = privilege.attempt(("bpf",), f"attempt(lambda: list(tinybpf.iter_{name}()))")
    assert "CAP_SYS_ADMIN" in said
