# SPDX-License-Identifier: MIT
"""The command line of an object that is run: its help, and what means nothing."""

import pathlib

import pytest

from support import command, direct


def test_help_shows_what_the_object_has(tool: pathlib.Path) -> None:
    """Constants with range, default and the help of tags; programs, maps, events."""
    text = direct.output(tool, "--help")
    lines = [" ".join(line.split()) for line in text.splitlines()]
    program = "tinybpf-run" if direct.IS_RUNNER else "python -m tinybpf run"
    assert lines[0] == f"usage: {program} {tool} [option]... [-- COMMAND [arg]...]"
    assert "--cookie N 0 to 4294967295 (default 0)" in lines
    assert "events are of getpgid(cookie)" in lines
    assert "--delta N -32768 to 32767 (default -5)" in lines
    assert "--name TEXT text of at most 15 bytes (default 'direct')" in lines
    assert "--[no-]is-quiet true or false (default false)" in lines
    assert "--color NAME RED, GREEN (default GREEN)" in lines
    assert "--set count=N 0 to 4294967295 (default 1)" in lines
    assert "hidden" not in text
    assert "on_getpgid tracepoint/syscalls/sys_enter_getpgid" in lines
    assert "events ringbuf of event" in lines
    assert "some for each call" in lines
    assert "counts hash __u32 -> __u64" in lines
    assert "events from from.pid from.addr comm color delta" in lines


def test_defaults_are_those_of_the_source(tool: pathlib.Path) -> None:
    """What is set on the same command line is no default."""
    assert "(default -5)" in direct.output(tool, "--delta", "3", "-h")


WRONG = [
    (["--cooky", "1"], "there is no option --cooky; did you mean --cookie?"),
    (["--zzz"], "there is no option --zzz\n"),
    (["--filtre", "a"], "there is no option --filtre; did you mean --filter?"),
    (["--no-cookie"], "there is no option --no-cookie"),
    (["--cookie"], "--cookie needs a value"),
    (["--cookie", "x"], "--cookie x: 'cookie' is 0 to 4294967295"),
    (["--cookie=-1"], "--cookie -1: 'cookie' is 0 to 4294967295"),
    (["--delta", "32768"], "'delta' is -32768 to 32767"),
    (["--name", "x" * 16], "'name' is text of at most 15 bytes"),
    (["--color", "BLUE"], "'color' is RED, GREEN"),
    (["--is-quiet=1"], "--is-quiet takes no value"),
    (["--set", "is_quiet=maybe"], "'is_quiet' is true or false"),
    (["--set", "cooky=1"], "there is no constant 'cooky'; did you mean cookie?"),
    (["--set", "cookie"], "--set cookie: it is NAME=VALUE"),
    (["--json=1"], "--json takes no value"),
    (["--count", "0"], "--count 0: it needs a whole number, from 1 on"),
    (["--duration", "nan"], "--duration nan: it needs a number of seconds"),
    (["--fields", "com"], "no event has a field 'com'; did you mean comm?"),
    (["--filter", "comm"], "'comm' is no condition"),
    (["--filter", "comm=x"], "'comm=x' is no condition"),
    (["--filter", "cmm==x"], "no field 'cmm' of events or maps; did you mean comm?"),
    (["--filter", "counts:comm==x"], "no field 'comm' of 'counts' (there are key, value)"),
    (["--filter", "counts:key==x"], "'x' is nothing that the field 'key' can be"),
    (["--filter", "from.pid==x"], "'x' is nothing that the field 'from.pid' can be"),
    (["--filter", "from.pid<1.5"], "'1.5' is nothing that the field 'from.pid' can be"),
    (["--filter", "color==BLUE"], "'BLUE' is nothing that the field 'color' can be"),
    (["--filter", "from>1"], "the field 'from' has no order"),
    (["--format", "comm=mac"], "it is for 6 bytes, not for text"),
    (["--format", "comm=nothing"], "there is no format 'nothing'; there are ipv4"),
    (["--format", "nobody=hex"], "there is no such field"),
    (["--event", "event=event"], "there is no ring 'event'; did you mean events?"),
    (["--event", "events=evnt"], "there is no struct 'evnt'; there are event, from, hist"),
    (["--maps", "count"], "there is no map 'count' to be shown; did you mean counts?"),
    (["--sort", "-nothing"], "no map has a column 'nothing'"),
    (["--attach", "lat=xdp:lo"], "there is no program 'lat'; did you mean late?"),
    (["--attach", "late=kprob:x"], "there is no kind 'kprob'; did you mean kprobe?"),
    (["--attach", "late=tracepoint:x"], "the target of tracepoint is CATEGORY:NAME"),
    (["--attach", "late=xdp:"], "the target of xdp is INTERFACE"),
    (["ls"], "what is 'ls'? A command to run stands behind --"),
    (["--"], "no command stands behind --"),
]


@pytest.mark.parametrize(("args", "words"), WRONG, ids=lambda value: str(value)[:30])
def test_what_means_nothing_is_status_2(
    tool: pathlib.Path, args: "list[str]", words: str
) -> None:
    """The sentence says what there is, or what comes near; nothing was loaded."""
    done = direct.run(tool, *args)
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.startswith("tinybpf: ")
    assert done.stderr.endswith("\n  see --help\n")
    assert done.stdout == ""


def test_without_an_object() -> None:
    """--help alone tells how it is called; nothing at all is wrong."""
    text = command.output("run", "--help")
    assert text.startswith("usage: python -m tinybpf run FILE.bpf.o [option]...")
    done = command.run("run", "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "which object?" in done.stderr


def test_command_is_the_same(tool: pathlib.Path) -> None:
    """`python -m tinybpf run` says of an object what the executable says of its script."""
    _, _, rest = command.output("run", tool, "--help").partition("\n")
    assert rest == direct.output(tool, "--help").partition("\n")[2]
