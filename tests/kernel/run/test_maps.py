# SPDX-License-Identifier: MIT
"""Maps of an object that is run: tables, JSON, order, sums of CPUs, histograms."""

import json
import pathlib
from typing import Any

import pytest

from support import direct
from support.gating import kernel
from support.objects import Find, Load, possible_cpus
from support.traffic import Trigger
from tinybpf import _core
from tinybpf._run import formats, options, tables

pytestmark = kernel("5.8", "ring buffer", config="CONFIG_BPF_SYSCALL")


def maps(tool: pathlib.Path, names: str, *args: object) -> "list[Any]":
    """Return the rows of maps after three events."""
    trigger = Trigger()
    line = ("--cookie", trigger.cookie, "--maps", names, "--fields", "comm", *args)
    found = direct.objects(tool, *line, *direct.calling(trigger, times=3))
    return [one for one in found if "_map" in one]


def table(tool: pathlib.Path, names: str, *args: object) -> "list[str]":
    """Return the lines of the tables of maps after three events."""
    trigger = Trigger()
    line = ("--table", "--cookie", trigger.cookie, "--maps", names, *args)
    text = direct.output(tool, *line, *direct.calling(trigger, times=3))
    return text[text.index("\n\n") + 2 :].splitlines()


def test_rows_are_objects_of_json(tool: pathlib.Path) -> None:
    """Each entry is a line with the map, key and value; per-CPU values are summed."""
    assert maps(tool, "counts,per_cpu,flows") == [
        {"_map": "counts", "key": 7, "value": 4},
        {"_map": "per_cpu", "key": 0, "value": 3},
        {
            "_map": "flows",
            "key": {"pid": 1, "addr": "127.0.0.1"},
            "value": {"total": 1, "slots": [0, 0, 1, 0, 0, 0, 0, 0]},
        },
    ]
    assert maps(tool, "") == []


def test_all_maps_but_rings_and_counters_are_shown(tool: pathlib.Path) -> None:
    """Neither rings, nor what counts their losses, nor global variables are maps to show."""
    trigger = Trigger()
    found = direct.objects(tool, "--cookie", trigger.cookie, *direct.calling(trigger))
    names = [one["_map"] for one in found if "_map" in one]
    assert names == ["counts", "per_cpu", "flows", "latency"]


def test_table_aligns_numbers(tool: pathlib.Path) -> None:
    """Below its name a map has a head; numbers end in line."""
    assert table(tool, "counts", "--format", "value=hex", "--color", "RED") == [
        "counts:",
        "KEY  VALUE",
        "  0  0x4",
    ]
    assert table(tool, "per_cpu") == ["per_cpu:", "KEY  VALUE", "  0      3"]


def test_histogram_of_an_array(tool: pathlib.Path) -> None:
    """An array that is tagged is a histogram, one object of JSON; bars have the unit."""
    assert maps(tool, "latency") == [
        {"_map": "latency", "unit": "usecs", "slots": [0, 0, 0, 3]}
    ]
    lines = table(tool, "latency")
    assert lines[1].split() == ["usecs", ":", "count", "distribution"]
    assert [line.split() for line in lines[2:4]] == [
        ["0", "->", "1", ":", "0", "|", "|"],
        ["2", "->", "3", ":", "0", "|", "|"],
    ]
    assert lines[5].split() == ["8", "->", "15", ":", "3", "|" + "*" * 40 + "|"]
    assert len({len(line) for line in lines[2:]}) == 1


def test_histograms_in_structs(tool: pathlib.Path) -> None:
    """A struct with `slots` is a histogram below its key and its other fields."""
    lines = table(tool, "flows", "--set", "count=2")
    assert lines[1] == "1 127.0.0.1 total=2"
    assert lines[5].split()[:5] == ["4", "->", "7", ":", "2"]
    assert lines[6].split()[:5] == ["8", "->", "15", ":", "1"]
    assert lines[6].count("*") == 20


def test_rows_are_ordered_and_cut(bpf: Find) -> None:
    """--sort orders by a column, - from the largest on; --max-rows cuts, and tells so."""
    path = bpf("direct")
    trigger = Trigger()
    calls = " && ".join([direct.shell(trigger)] * 1)
    line = ("--cookie", trigger.cookie, "--maps", "latency,counts", "--sort")
    both = ("--attach", "late=tracepoint:syscalls:sys_enter_getpgid", "--set", "count=9")
    end = ("--max-rows", "1", "--", "sh", "-c", calls)
    found = direct.objects(path, *both, *line, "-value", *end)
    assert [one for one in found if one.get("_map") == "counts"] == [
        {"_map": "counts", "key": 7, "value": 12}
    ]
    found = direct.objects(path, *both, *line, "key", *end)
    assert [one for one in found if one.get("_map") == "counts"] == [
        {"_map": "counts", "key": 0, "value": 4}
    ]
    text = direct.output(path, "--table", *both, *line, "key", *end)
    assert "\n  0      4\n... 1 more rows; --max-rows 0 shows all\n" in text


N_CPUS = possible_cpus()
BASH, ZSH, FISH = (name.ljust(8, b"\0") for name in (b"bash", b"zsh", b"fish"))
FLOWS = {(1, 80): (100, 1), (2, 443): (50, 2)}
CASES: "list[tuple[str, str, dict[Any, Any], list[tuple[str, list[Any]]]]]" = [
    # The object, its map, the entries, and the keys that pass each condition.
    (
        *("records", "names", dict.fromkeys((BASH, ZSH, FISH), bytes(16))),
        [("key==zsh", ["zsh"]), ("key~*sh,key<f", ["bash"]), ("key!=fish", ["bash", "zsh"])],
    ),
    (
        *("records", "choices", {0: 5, -3: 1 << 63}),
        [("key==FAILED", ["FAILED"]), ("key==0", ["IDLE"]), ("value>6,key<0", ["FAILED"])],
    ),
    (
        *("records", "flows", FLOWS),
        [("bytes<100", [{"saddr": 2, "sport": 443}]), ("sport<80,bytes>0", [])],
    ),
    (
        *("typed", "sums", {1: [2] * N_CPUS, 2: [0] * N_CPUS}),
        [(f"value=={2 * N_CPUS}", [1]), ("sums:value<1", [2]), ("other:value<1", [1, 2])],
    ),
    ("scalars", "v_s64", {1: -5, 2: 5}, [("value<-4", [1]), ("v_s64:value>=-5", [1, 2])]),
    ("scalars", "v_bool", {1: True, 2: False}, [("value==true", [1]), ("value<1", [2])]),
    ("scalars", "v_double", {1: 0.5, 2: 2.0}, [("value<1.5", [1]), ("key>1,value>0", [2])]),
    ("scalars", "k_senum", {-1: 0, 1: 0}, [("key==SIGN_MINUS", ["SIGN_MINUS"])]),
    ("scalars", "k_senum", {-1: 0, 1: 0}, [("key>-1", ["SIGN_PLUS"])]),
    ("scalars", "v_enum64", {1: 2**64 - 1, 2: 7}, [("value==WIDE_MAX", [1])]),
]


@pytest.mark.parametrize(("name", "map", "entries", "conditions"), CASES)
def test_filter_is_about_entries_too(
    load: Load, name: str, map: str, entries: "dict[Any, Any]", conditions: "list[Any]"
) -> None:
    """Fields of keys and values are compared by their types; sums of CPUs are as well."""
    obj = load(name)
    obj.maps[map].update(entries)
    for condition, expected in conditions:
        chosen = options.parse(obj, ["--maps", map, "--filter", condition])
        shown = tables.plan(obj, chosen, formats.Choice({}, []), [])
        rows = [json.loads(line) for line in tables.show(shown, chosen, True).splitlines()]
        found = sorted((row["key"] for row in rows), key=str)
        assert found == sorted(expected, key=str), condition


def test_filter_of_maps_leaves_others_alone(tool: pathlib.Path) -> None:
    """What no event has is about maps alone, and what a map does not have not about it."""
    names = "counts,per_cpu,flows"
    found = maps(tool, names, "--filter", "addr==127.0.0.1,total>1,per_cpu:value>99")
    assert found == [{"_map": "counts", "key": 7, "value": 4}]
    found = maps(tool, names, "--filter", "from.pid>9,value>3")
    assert [one["_map"] for one in found] == ["counts", "flows"]


@pytest.mark.parametrize("name", ["typed", "nested", "scalars", "records", "counts"])
def test_keys_and_values_of_all_kinds_are_shown(load: Load, name: str) -> None:
    """Structs, arrays, numbers of all sizes and bytes: tables, and JSON that can be read."""
    obj = load(name)
    chosen = options.Options()
    tags = _core._tags(obj.btf) if obj.btf else []
    shown = tables.plan(obj, chosen, formats.Choice({}, tags), tags)
    for table in shown:
        if "HASH" in table.kind:
            map = table.map
            values = bytes(map.value_size)
            map.update(
                bytes(map.key_size), [values] * possible_cpus() if map.is_percpu else values
            )
    lines = tables.show(shown, chosen, is_json=True).splitlines()
    assert {json.loads(line)["_map"] for line in lines} <= {table.name for table in shown}
    text = tables.show(shown, chosen, is_json=False)
    assert [f"\n{table.name}:\n" in text for table in shown] == [True] * len(shown)
