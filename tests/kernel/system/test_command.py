# SPDX-License-Identifier: MIT
"""python -m tinybpf list, show and dump: what is loaded, for people and for programs."""

import json
import os
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

import tinybpf
from support import host, pins
from support.command import output, run
from support.objects import Find, Load
from tinybpf import __main__


@pytest.fixture
def obj(load: Load) -> tinybpf.BpfObject:
    """Return an object with types, one of whose maps has an entry."""
    loaded = load("typed")
    loaded.maps["flows"][(1, 2)] = (3, 4)
    return loaded


@pytest.fixture
def folder() -> Iterator[pathlib.Path]:
    """Return a folder of the test's own on the bpffs."""
    with pins.folder() as path:
        yield path


def listed(kind: str, number: int) -> Any:
    """Return what list --json says of a thing."""
    found = json.loads(output("list", kind, "--json"))
    assert found["schema"] == 1
    return next(one for one in found[kind] if one["id"] == number)


def test_list_is_one_object_of_json(obj: tinybpf.BpfObject, folder: pathlib.Path) -> None:
    """Programs, maps, links and BTF are there with what their info says, and who holds them."""
    flows, program = obj.maps["flows"], obj.programs["produce"]
    flows.pin(folder / "flows")
    one = listed("map", flows.id)
    assert (one["name"], one["type"], one["max_entries"]) == ("flows", "HASH", 64)
    assert one["pins"] == [str(folder / "flows")]
    assert os.getpid() in [holder["pid"] for holder in one["holders"]]
    assert one["memlock"] == flows.info.memlock
    one = listed("prog", program.id)
    assert (one["name"], one["tag"]) == ("produce", program.info.tag)
    assert one["map_ids"] == list(program.info.map_ids or ())
    assert listed("btf", flows.info.btf_id or 0)["is_kernel"] is False
    if host.kernel_version() >= (5, 15):  # before it a tracepoint has no link
        with program.attach() as link:
            assert listed("link", link.id)["prog_id"] == program.id


def test_all_json_is_one_object_of_schema_1(bpf: Find, obj: tinybpf.BpfObject) -> None:
    """Whatever has --json prints one object that says which form it has."""
    flows = obj.maps["flows"].id
    path = bpf("typed")
    arguments: dict[str, tuple[object, ...]] = {
        "inspect": (path,),
        "caps": (path,),
        "doctor": (),
        "list": ("map",),
        "show": ("map", flows),
        "dump": ("map", flows),
    }
    (commands,) = (a.choices for a in __main__._parser()._actions if a.choices)
    having = {name for name in commands if "--json" in output(name, "--help")}
    assert having == set(arguments)
    for name, words in arguments.items():
        assert json.loads(output(name, *words, "--json"))["schema"] == 1


def test_list_is_a_table(obj: tinybpf.BpfObject) -> None:
    """A line each below a head, in columns, that fit a terminal if nobody's names are long."""
    flows = obj.maps["flows"]
    lines = output("list", "map").splitlines()
    assert lines[0].split() == [
        "ID",
        "TYPE",
        "NAME",
        "KEY",
        "VALUE",
        "MAX",
        "MEM",
        "HELD",
        "BY",
    ]
    row = next(line for line in lines if line.split()[0] == str(flows.id))
    assert row.split()[1:6] == ["hash", "flows", "8", "16", "64"]
    assert f"({os.getpid()})" in row
    assert row.index("hash") == lines[0].index("TYPE")
    assert len(row) <= 120


@pytest.mark.parametrize("kind", ["prog", "link", "btf"])
def test_list_of_other_kinds_is_a_table(obj: tinybpf.BpfObject, kind: str) -> None:
    """Each has its own columns."""
    with obj.attach():
        lines = output("list", kind).splitlines()
    assert lines[0].startswith("ID")
    assert all(line.split()[0].isdigit() for line in lines[1:2])


def test_show_finds_the_kind_by_pin_and_id(
    obj: tinybpf.BpfObject, folder: pathlib.Path
) -> None:
    """A pin tells what it is; an id may be that of several things, which are then named."""
    flows, program = obj.maps["flows"], obj.programs["produce"]
    flows.pin(folder / "flows")
    program.pin(folder / "produce")
    shown = json.loads(output("show", folder / "flows", "--json"))
    assert (shown["schema"], shown["kind"], shown["id"]) == (1, "map", flows.id)
    assert json.loads(output("show", folder / "produce", "--json"))["tag"] == program.info.tag
    assert json.loads(output("show", "prog", program.id, "--json"))["name"] == "produce"
    text = output("show", "map", flows.id)
    assert f"id           {flows.id}" in text
    assert str(folder / "flows") in text
    done = run("show", folder / "flows", "prog")
    assert done.returncode == 2


def test_show_of_nothing_says_what_is_not_there(folder: pathlib.Path) -> None:
    """No traceback, one line, status 1."""
    for what in (("show", "map", 2**31), ("show", folder / "none"), ("show", "btf", "/none")):
        done = run(*what)
        assert done.returncode == 1
        assert done.stderr.startswith("tinybpf: ")
        assert done.stderr.count("\n") <= 3
        assert "Traceback" not in done.stderr


def test_dump_decodes_by_btf(obj: tinybpf.BpfObject, folder: pathlib.Path) -> None:
    """Structs by their fields, numbers as numbers, bytes as digits."""
    flows = obj.maps["flows"]
    flows.pin(folder / "flows")
    assert output("dump", "map", flows.id) == (
        "flow(saddr=1, sport=2): stats(bytes=3, packets=4)\n1 entry\n"
    )
    found = json.loads(output("dump", "map", folder / "flows", "--json"))
    assert found == {
        "schema": 1,
        "id": flows.id,
        "name": "flows",
        "entries": [
            {"key": {"saddr": 1, "sport": 2}, "value": {"bytes": 3, "packets": 4}},
        ],
    }


def test_dump_of_a_map_without_types_is_digits() -> None:
    """A map that was made without BTF has bytes."""
    with tinybpf.BpfMap.create(tinybpf.BpfMapType.HASH, 3, 2, 4, name="raw") as raw:
        raw[b"abc"] = b"\x01\xff"
        assert output("dump", "map", raw.id) == "61 62 63: 01 ff\n1 entry\n"
        found = json.loads(output("dump", "map", raw.id, "--json"))
        assert found["entries"] == [{"key": "616263", "value": "01ff"}]


def test_dump_of_a_ring_is_refused_in_a_line(load: Load) -> None:
    """What has no entries says so."""
    done = run("dump", "map", load("kinds").maps["ring"].id)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
