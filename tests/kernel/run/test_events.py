# SPDX-License-Identifier: MIT
"""Events of an object that is run: JSON in a pipe, a table, fields, filters, formats."""

import json
import pathlib

import pytest

from support import direct
from support.gating import kernel
from support.objects import Find
from support.traffic import Trigger

pytestmark = kernel("5.8", "ring buffer", config="CONFIG_BPF_SYSCALL")

EVENT = {
    "from": {"pid": 0, "addr": "127.0.0.1"},
    "comm": "direct",
    "color": "GREEN",
    "delta": -5,
}


def events(tool: pathlib.Path, trigger: Trigger, *args: object) -> "list[object]":
    """Return the events of one trigger."""
    command = direct.calling(trigger)
    return direct.objects(tool, "--maps", "", "--cookie", trigger.cookie, *args, *command)


def table(tool: pathlib.Path, trigger: Trigger, *args: object) -> "list[str]":
    """Return the lines of the table of one trigger's events."""
    line = ("--table", "--maps", "", "--cookie", trigger.cookie)
    return direct.output(tool, *line, *args, *direct.calling(trigger)).splitlines()


def test_pipe_gets_an_object_of_json_a_line(tool: pathlib.Path, trigger: Trigger) -> None:
    """Keys are fields, enums names, formats of tags applied; it is what a pipe gets."""
    line = ("--maps", "", "--cookie", trigger.cookie, "--set", "count=2")
    lines = direct.output(tool, *line, *direct.calling(trigger)).splitlines()
    assert [json.loads(line) for line in lines] == [
        EVENT,
        {**EVENT, "from": {"pid": 1, "addr": "127.0.0.1"}},
    ]
    assert lines[0].startswith('{"from":{"pid":0,"addr":"127.0.0.1"},"comm":')


def test_table_has_a_head_and_columns(tool: pathlib.Path, trigger: Trigger) -> None:
    """Fields of structs are columns of their own, each under its name; no colours."""
    head, row = table(tool, trigger)
    assert head.split() == ["FROM.PID", "FROM.ADDR", "COMM", "COLOR", "DELTA"]
    assert row.split() == ["0", "127.0.0.1", "direct", "GREEN", "-5"]
    for name, value in zip(head.split(), row.split()):
        assert head.index(name) == row.index(value)


def test_fields_choose_and_order(tool: pathlib.Path, trigger: Trigger) -> None:
    """--fields is the order of columns, and of keys; structs stay structs."""
    assert events(tool, trigger, "--fields", "comm,from.pid") == [
        {"comm": "direct", "from": {"pid": 0}}
    ]
    head, row = table(tool, trigger, "--fields=delta,comm")
    assert (head.split(), row.split()) == (["DELTA", "COMM"], ["-5", "direct"])


@pytest.mark.parametrize(
    ("condition", "shown"),
    [
        ("from.pid==3", [3]),
        ("from.pid!=0,from.pid<3", [1, 2]),
        ("from.pid>=8", [8, 9]),
        ("from.pid<=0x1", [0, 1]),
        ("from.pid>8, comm==direct", [9]),
        ("from.pid==1,delta<0", [1]),
        ("from.pid==1,delta>-5", []),
        ("from.pid==1,comm~dir*", [1]),
        ("from.pid==1,comm~x*", []),
        ("from.pid==1,color==GREEN", [1]),
        ("from.pid==1,color==7", [1]),
        ("from.pid==1,color==RED", []),
        ("from.pid==1,from.addr==127.0.0.1", [1]),
        ("from.pid==1,from.addr~10.*", []),
        ("from.pid==1,comm>aaa", [1]),
    ],
)
def test_filter_compares_by_type(
    tool: pathlib.Path, trigger: Trigger, condition: str, shown: "list[int]"
) -> None:
    """Numbers as numbers, enums by name too, text by pattern, formatted fields as shown."""
    found = events(tool, trigger, "--set", "count=10", "--filter", condition)
    assert [event["from"]["pid"] for event in found] == shown  # type: ignore[index]


def test_filter_tells_how_many_are_not_shown(tool: pathlib.Path, trigger: Trigger) -> None:
    """The last line has those that were read, those shown, and those lost."""
    line = ("--maps", "", "--cookie", trigger.cookie, "--set", "count=10")
    done = direct.run(tool, *line, "--filter", "from.pid<4", *direct.calling(trigger))
    assert done.stderr == "tinybpf: 10 events, 4 shown, lost: 0\n"


def test_formats_of_the_command_line(tool: pathlib.Path, trigger: Trigger) -> None:
    """--format wins over a tag; what has a unit for people is a number in JSON."""
    formats = ("--format", "from.addr=hex", "--format", "events:delta=errno")
    assert events(tool, trigger, *formats) == [
        {**EVENT, "from": {"pid": 0, "addr": "0x100007f"}, "delta": "EIO"}
    ]
    _, row = table(tool, trigger, "--format", "from.addr=ns", "--fields", "from.addr")
    assert row == "16.777ms"
    (found,) = events(tool, trigger, "--format", "from.addr=ns", "--fields", "from.addr")
    assert found == {"from": {"addr": 0x100007F}}


def test_constants_are_options(tool: pathlib.Path, trigger: Trigger) -> None:
    """Text, enums by name, signed numbers and hexadecimal ones; --set for any."""
    (found,) = events(
        tool, trigger, "--name", "other", "--color=RED", "--delta", "-0x7", "--no-is-quiet"
    )
    assert found == {**EVENT, "comm": "other", "color": "RED", "delta": -7}
    assert events(tool, trigger, "--is-quiet") == []
    assert events(tool, trigger, "--is_quiet") == []
    assert events(tool, trigger, "--set", "is_quiet=true") == []


def test_hostile_text_does_not_reach_a_terminal(tool: pathlib.Path, trigger: Trigger) -> None:
    """Control characters and bytes that are not UTF-8 are escaped, in tables and in JSON."""
    hostile = b"\x1b[2J\xff\xc2\x9b\xe2\x80\xaeq\n"
    name = ("--name", hostile.decode("utf-8", "surrogateescape"), "--fields", "comm")
    _, row = table(tool, trigger, *name)
    assert row == "\\x1b[2J\\xff\\x9b\\u202eq\\x0a"
    (found,) = events(tool, trigger, *name)
    assert found == {"comm": "\x1b[2J\\xff\x9b\u202eq\n"}
    line = ("--json", "--maps", "", "--cookie", trigger.cookie, *name)
    assert direct.output(tool, *line, *direct.calling(trigger)).isascii()


def test_count_ends_it(tool: pathlib.Path, trigger: Trigger) -> None:
    """Just so many events are shown, of those that pass the filter; COMMAND ends with it."""
    found = direct.objects(
        tool,
        *("--maps", "", "--cookie", trigger.cookie, "--set", "count=20", "--count", "3"),
        *("--filter", "from.pid>4", "--", "sh", "-c"),
        f"{direct.shell(trigger)}; exec sleep 1000",
    )
    assert [event["from"]["pid"] for event in found] == [5, 6, 7]


@kernel("5.8", "ring buffer", config="CONFIG_BPF_SYSCALL")
def test_program_is_attached_by_hand(tool: pathlib.Path, trigger: Trigger) -> None:
    """--attach says where a program goes whose section does not."""
    found = direct.objects(
        tool,
        *("--cookie", trigger.cookie, "--attach", "late=tracepoint:syscalls:sys_enter_getpgid"),
        *("--maps", "", "--filter", "color==RED", "--count", "1", *direct.calling(trigger)),
    )
    assert found == [{**EVENT, "color": "RED"}]


def test_several_rings_say_whose_an_event_is(bpf: Find) -> None:
    """JSON has the map as "_map", a table its name above its head; bytes are hexadecimal."""
    path = bpf("events")
    found = direct.objects(path, "--event", "lines=line", *direct.calling_zero())
    by_map = {event["_map"]: event for event in found}
    assert by_map["tagged"]["comm"] == by_map["perf"]["comm"] == "typed"
    assert by_map["lines"] == {"_map": "lines", "n": 5, "text": "hello"}
    assert by_map["plain"]["_data"][8:18] == b"typed".hex()
    lines = direct.output(path, "--table", *direct.calling_zero()).splitlines()
    at = lines.index("tagged:")
    assert lines[at + 1].split() == ["PID", "COMM"]
    assert lines[at + 2].split()[1] == "typed"


def test_unknown_events_say_how_to_name_them(bpf: Find) -> None:
    """One line for each ring tells the option, and which structs there are."""
    done = direct.run(bpf("events"), "--duration", "0")
    (line,) = [
        line for line in done.stderr.splitlines() if "plain:" in line and "--event" in line
    ]
    assert "--event plain=TYPE" in line
    assert "structs: cookie, event, line" in line
    (line,) = [line for line in done.stderr.splitlines() if "misnamed: its source" in line]
    assert "'evnt'" in line
