# SPDX-License-Identifier: MIT
"""Rings with several types of records, and rings of each CPU, of an object that is run."""

import json
import os
import pathlib
import sys
from typing import Any

import pytest

from support import direct
from support.gating import kernel
from support.objects import Find
from support.traffic import Trigger

pytestmark = kernel("5.8", "ring buffer", config="CONFIG_BPF_SYSCALL")

EXEC: "dict[str, Any]" = {"hdr": {"version": 1, "type": "EXEC"}, "pid": 42, "comm": "sh"}
EXIT = {"hdr": {"version": 1, "type": "EXIT"}, "code": -3, "pid": 43}
ALONE = ("--filter", "shards:pid<0")  # nothing of the other ring
OTHER = bytes([2, 0, 0, 0, 244, 1, 0, 0])


@pytest.fixture(name="kinds")
def _kinds(bpf: Find) -> pathlib.Path:
    """Return direct_kinds.bpf.o."""
    return bpf("direct_kinds")


def events(path: pathlib.Path, *args: object) -> "list[Any]":
    """Return the events of one trigger."""
    trigger = Trigger()
    line = ("--maps", "", "--cookie", trigger.cookie, *args)
    return direct.objects(path, *line, *direct.calling(trigger))


def test_source_says_several_types(kinds: pathlib.Path) -> None:
    """Each event has its own fields, and the name of its type; others are bytes."""
    mixed = [event for event in events(kinds) if event.pop("_map") == "mixed"]
    assert mixed == [
        {"_type": "exec_event", **EXEC},
        {"_type": "exit_event", **EXIT},
        {"_data": OTHER.hex()},
        {"_data": "78"},
    ]


def test_table_has_the_columns_of_all_types(kinds: pathlib.Path) -> None:
    """One head; each line begins with its type, and fields have their own columns."""
    trigger = Trigger()
    line = ("--table", "--maps", "", "--cookie", trigger.cookie, *ALONE)
    text = direct.output(kinds, *line, *direct.calling(trigger, times=2))
    name, head, exec_row, exit_row, *rest = text.splitlines()
    assert name == "mixed:"
    assert head.split() == ["EVENT", "HDR.VERSION", "HDR.TYPE", "PID", "COMM", "CODE"]
    assert exec_row.split() == ["exec_event", "1", "EXEC", "42", "sh"]
    assert exit_row.split() == ["exit_event", "1", "EXIT", "43", "-3"]
    for title, row, value in (("PID", exec_row, "42"), ("PID", exit_row, "43")):
        assert row.index(value) == head.index(title)
    assert exit_row.index("-3") == head.index("CODE")
    assert [row.split() for row in rest[:2]] == [["-", *OTHER.hex(" ").split()], ["-", "78"]]
    assert rest[2:] == [exec_row, exit_row, *rest[:2]]


def test_command_line_says_several_types(kinds: pathlib.Path) -> None:
    """--event of each type wins over the source; one without a condition is for others."""
    found = events(
        kinds,
        *("--event", "mixed=exit_event:hdr.type==0x9", "--event", "mixed=header", *ALONE),
    )
    assert found == [
        {"_map": "mixed", "_type": "header", **EXEC["hdr"]},
        {"_map": "mixed", "_type": "exit_event", **EXIT},
        {"_map": "mixed", "_type": "header", "version": 2, "type": 500},
        {"_map": "mixed", "_type": "header", "version": 120, "type": 0},
    ]


@pytest.mark.parametrize(
    ("args", "shown"),
    [
        (["--filter", "mixed:pid>0"], ["exec_event", "exit_event"]),
        (["--filter", "mixed:code<0"], ["exit_event"]),
        (["--filter", "mixed:hdr.type==EXEC,mixed:code<0"], []),
        ([*ALONE, "--count", "2"], ["exec_event", "exit_event"]),
        ([*ALONE, "--filter", "mixed:hdr.version<0"], []),
        (["--fields", "code,comm"], ["exec_event", "exit_event", None, None]),
    ],
)
def test_events_are_chosen_by_their_type(
    kinds: pathlib.Path, args: "list[str]", shown: "list[str | None]"
) -> None:
    """A type without the field of a condition is not shown; fields are those it has."""
    found = [event for event in events(kinds, *args) if event["_map"] == "mixed"]
    assert [event.get("_type") for event in found] == shown
    if "--fields" in args:
        assert [{**event, "_map": 0, "_type": 0} for event in found[:2]] == [
            {"_map": 0, "_type": 0, "comm": "sh"},
            {"_map": 0, "_type": 0, "code": -3},
        ]


def test_perf_buffers_have_several_types_too(bpf: Find) -> None:
    """Types of one map do not hold for another."""
    types = (
        "--event",
        "perf=exit_event:hdr.type==9",
        "--event",
        "perf=moved_event:hdr.type==8",
    )
    line = ("--maps", "", *types[:2], *direct.calling_zero())
    found = direct.objects(bpf("event_kinds"), *line)
    (event,) = [event for event in found if event["_map"] == "perf"]
    header = {"version": 1, "type": 9}
    assert event == {"_map": "perf", "_type": "exit_event", "hdr": header, "code": -3}
    assert [event for event in found if event["_map"] == "mixed" and "_type" in event] == []
    done = direct.run(bpf("event_kinds"), *types, "--duration", "0")
    assert done.returncode == 1
    assert "all have it in one place" in done.stderr


def test_types_and_rings_are_in_the_help(kinds: pathlib.Path) -> None:
    """Each type of a ring with its condition and fields; sharded rings are rings."""
    lines = [" ".join(line.split()) for line in direct.output(kinds, "--help").splitlines()]
    assert "mixed ringbuf of exec_event, exit_event" in lines
    assert "shards array_of_maps of exec_event" in lines
    fields = "hdr hdr.version hdr.type"
    assert f"mixed exec_event if hdr.type is 7: {fields} pid comm" in lines
    assert f"mixed exit_event if hdr.type is 9: {fields} code pid" in lines
    assert f"shards {fields} pid comm" in lines


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ("mixed=exec_evnt:hdr.type==7", "there is no struct 'exec_evnt'"),
        ("mixed=exec_event:hdr.type=7", "'hdr.type=7' is not FIELD==VALUE"),
        ("mixed=exec_event:hdr.typ==7", "struct 'exec_event' has no field 'hdr.typ'"),
        ("mixed=exec_event:hdr.type==SEVEN", "'SEVEN' is no number, and no enum"),
    ],
)
def test_types_that_mean_nothing(kinds: pathlib.Path, event: str, words: str) -> None:
    """The sentence says what; nothing was loaded."""
    done = direct.run(kinds, "--event", event)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


def test_two_fields_cannot_tell(kinds: pathlib.Path) -> None:
    """One field tells the types of a ring."""
    both = ("--event", "mixed=exec_event:hdr.type==7", "--event", "mixed=exit_event:pid==1")
    done = direct.run(kinds, *both)
    assert done.returncode == 2
    assert "the fields 'hdr.type' and 'pid' cannot both tell" in done.stderr


def test_rings_of_all_cpus_are_one(kinds: pathlib.Path) -> None:
    """Events of a sharded ring come from each CPU, under its one name, and none is lost."""
    cpus = sorted(os.sched_getaffinity(0))
    trigger = Trigger()
    code = "import os, sys\nfor cpu in sys.argv[2:]:\n    os.sched_setaffinity(0, {int(cpu)})\n"
    code += "    try: os.getpgid(int(sys.argv[1]))\n    except ProcessLookupError: pass\n"
    command = ("--", sys.executable, "-c", code, trigger.cookie, *cpus)
    done = direct.run(kinds, "--json", "--maps", "", "--cookie", trigger.cookie, *command)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    shards = [event for event in found if event["_map"] == "shards"]
    assert shards == [{"_map": "shards", **EXEC}] * len(cpus)
    assert f"tinybpf: shards: {len(cpus)} events, lost: 0\n" in done.stderr
