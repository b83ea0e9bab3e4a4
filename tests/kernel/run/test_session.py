# SPDX-License-Identifier: MIT
"""How a run of an object ends, what a terminal sees, and its exit statuses."""

import json
import os
import pathlib
import select
import shutil
import signal
import tempfile
import time

import pytest

from support import child, direct, elf
from support.gating import kernel
from support.objects import DEADLINE_S, Find
from support.traffic import Trigger

pytestmark = kernel("5.8", "ring buffer", config="CONFIG_BPF_SYSCALL")


def read_event(fd: int, trigger: Trigger) -> bytes:
    """Trigger until something can be read there, which shows that the tool is attached."""
    late = time.monotonic() + DEADLINE_S
    while not select.select([fd], [], [], 0.01)[0]:
        assert time.monotonic() < late, "no event came"
        trigger.fire()
    return os.read(fd, 4096)


@pytest.mark.parametrize(
    ("status", "expected"), [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137)]
)
def test_command_ends_it_with_its_status(
    tool: pathlib.Path, status: str, expected: int
) -> None:
    """COMMAND's status is ours, 128 and the number of a signal that ended it."""
    done = direct.run(tool, "--maps", "", "--", "sh", "-c", status)
    assert (done.returncode, done.stdout) == (expected, "")
    assert done.stderr == "tinybpf: 0 events, lost: 0\n"


def test_command_that_cannot_be_started(tool: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """Not found is 127, not to be executed 126, with the reason, and nothing else."""
    done = direct.run(tool, "--", "no-such-command-here")
    assert (done.returncode, done.stdout) == (127, "")
    assert done.stderr == "tinybpf: no-such-command-here: No such file or directory\n"
    (tmp_path / "plain").write_text("")
    done = direct.run(tool, "--", tmp_path / "plain")
    assert done.returncode == 126
    assert "Permission denied" in done.stderr


def test_command_has_signals_as_a_shell_gives_them(tool: pathlib.Path) -> None:
    """SIGPIPE and SIGINT end COMMAND: what is ignored here is not ignored there."""
    show = ["grep", "SigIgn", "/proc/self/status"]
    done = direct.run(tool, "--maps", "", "--", *show)
    ignored = int(done.stdout.split()[1], 16)
    assert not ignored & (1 << (signal.SIGPIPE - 1) | 1 << (signal.SIGINT - 1))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_it_in_order(
    tool: pathlib.Path, trigger: Trigger, number: signal.Signals
) -> None:
    """Ctrl-C detaches; what is in the rings, and the maps, are shown; the status is 0."""
    with direct.started(tool, "--json", "--cookie", trigger.cookie) as process:
        assert process.stdout
        assert process.stderr
        first = read_event(process.stdout.fileno(), trigger)
        process.send_signal(number)
        rest, said = process.communicate(timeout=child.TIMEOUT_S)
    found = [json.loads(line) for line in (first + rest).splitlines()]
    assert [line["_map"] for line in found if "_map" in line] == [
        *("counts", "per_cpu", "flows", "latency"),
    ]
    n = len([line for line in found if "comm" in line])
    assert said.decode() == f"tinybpf: {n} events, lost: 0\n"
    assert process.returncode == 0


def test_command_ends_with_the_run(tool: pathlib.Path) -> None:
    """A COMMAND that goes on when the time is over is ended."""
    line = ("--maps", "", "--duration", "0.1", "--", "sh", "-c", "echo $$; exec sleep 1000")
    done = direct.run(tool, *line)
    assert done.returncode == 0
    with pytest.raises(ProcessLookupError):
        os.kill(int(done.stdout), 0)


def test_reader_that_goes_away_ends_it(tool: pathlib.Path, trigger: Trigger) -> None:
    """When nobody reads stdout any more it ends at once, without an event, silently."""
    with direct.started(tool, "--json", "--cookie", trigger.cookie) as process:
        assert process.stdout
        assert process.stderr
        read_event(process.stdout.fileno(), trigger)
        process.stdout.close()
        said = process.stderr.read()
    assert (process.returncode, said) == (0, b"")


@pytest.mark.parametrize("no_color", ["", "1"])
def test_terminal_gets_a_table(
    tool: pathlib.Path, trigger: Trigger, monkeypatch: pytest.MonkeyPatch, no_color: str
) -> None:
    """The head comes before the first event, in bold unless NO_COLOR; text stays plain."""
    monkeypatch.setenv("NO_COLOR", no_color)
    ours, theirs = os.openpty()
    seen = b""
    args = ("--cookie", trigger.cookie, "--name", "a\x1b[31mb", "--maps", "")
    with direct.started(tool, *args, stdout=theirs) as process:
        os.close(theirs)
        while seen.count(b"\n") < 2:
            seen += read_event(ours, trigger)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=child.TIMEOUT_S)
        assert process.stderr
        process.stderr.read()
    os.close(ours)
    head, row = seen.decode().split("\r\n")[:2]
    names = "FROM.PID FROM.ADDR        COMM            COLOR        DELTA"
    assert head == (names if no_color else f"\x1b[1m{names}\x1b[0m")
    assert "\x1b" not in row
    assert "a\\x1b[31mb" in row


def test_interval_shows_maps_meanwhile(tool: pathlib.Path, trigger: Trigger) -> None:
    """Maps come at each interval, and once more at the end, each time with its number."""
    command = ("sh", "-c", f"{direct.shell(trigger)}; sleep 0.7")
    line = ("--json", "--maps", "counts,per_cpu", "--interval", "0.2")
    began = time.time()
    done = direct.run(tool, *line, "--cookie", trigger.cookie, "--", *command)
    found = [json.loads(text) for text in done.stdout.splitlines()]
    batches = [one for one in found if one.get("_map") == "per_cpu"]
    assert [one["_interval"] for one in batches] == list(range(1, len(batches) + 1))
    assert len(batches) > 2
    times = [one["_time"] for one in batches]
    assert began <= times[0] < times[-1] <= time.time()
    assert found[-2:] == [
        {**batches[-1], "_map": "counts", "key": 7, "value": 4},
        {**batches[-1], "_map": "per_cpu", "key": 0, "value": 1},
    ]
    told = [text for text in done.stderr.splitlines() if text.endswith(" events, lost: 0")]
    assert len(told) == len(batches)
    assert told[-1] == "tinybpf: 1 events, lost: 0"


def test_trace_shows_what_programs_print(bpf: Find) -> None:
    """--trace shows the lines of bpf_printk(), as text, and as "_trace" in JSON."""
    line = ("--trace", "--maps", "", *direct.calling_zero())
    assert ": traced 0" in direct.output(bpf("printing"), "--table", *line)
    found = direct.objects(bpf("printing"), *line)
    assert [one for one in found if one["_trace"].endswith(": traced 0")]


def test_lost_events_are_told(tool: pathlib.Path, trigger: Trigger) -> None:
    """What found no room is counted by the program, and told at the end."""
    args = ("--maps", "", "--cookie", trigger.cookie, "--set", "count=200")
    command = direct.calling(trigger, times=1000)
    done = direct.run(tool, *args, *command)
    n = len(done.stdout.splitlines())
    last = done.stderr.splitlines()[-1]
    assert last.startswith(f"tinybpf: {n} events, lost: ")
    assert n + int(last.rpartition(" ")[2]) == 200 * 1000


def test_without_privileges_it_says_what_is_missing(tool: pathlib.Path) -> None:
    """An error is the library's sentence on stderr, with status 1, and no traceback."""
    # Imported before: a Python in the home of root is out of reach then.
    run = "import sys\nfrom tinybpf import _command, _run\nfrom tinybpf._run import manual\n"
    run += "from tinybpf._run import session, tables\n" + child.BECOME_NOBODY
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        copy = shutil.copy(tool, folder)
        done = child.run(run + f"sys.exit(_run.main([{copy!r}]))")
        manual = child.run(run + f"sys.exit(_run.main([{copy!r}, '--help']))")
    assert done.returncode == 1
    assert done.stderr.startswith("tinybpf: load ")
    assert "CAP_BPF" in done.stderr
    assert "Traceback" not in done.stderr
    assert (manual.returncode, manual.stderr) == (0, "")
    assert "--cookie" in manual.stdout


@pytest.mark.parametrize("content", [b"", b"\x7fELF", b"print(1)\n"])
def test_file_that_is_no_object(tmp_path: pathlib.Path, content: bytes) -> None:
    """What is no object is refused with the reason, and status 1."""
    path = tmp_path / "x.bpf.o"
    path.write_bytes(content)
    done = direct.run(path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("tinybpf: ")
    assert "Traceback" not in done.stderr
    done = direct.run(tmp_path / "absent.bpf.o")
    assert done.returncode == 1
    assert "No such file or directory" in done.stderr


@kernel("5.8", "iterators of tasks", config="CONFIG_BPF_SYSCALL")
def test_iterators_are_asked_once(bpf: Find) -> None:
    """An object of iterators alone shows what they write, and ends."""
    lines = direct.output(bpf("iter"), "--table").splitlines()
    assert len([line for line in lines if line.startswith("task ")]) > 1
    found = direct.objects(bpf("iter"))
    assert found[0]["_line"].startswith("task ")


def test_programs_that_are_not_attached_are_named(bpf: Find) -> None:
    """Who attaches one by hand is told of those whose sections do not say where, either."""
    done = direct.run(bpf("nested"), "--attach", "jump=xdp:lo", "--duration", "0")
    assert done.returncode == 0, done.stderr
    assert "do not say where: drop (xdp), count (xdp); see --attach\n" in done.stderr
    done = direct.run(bpf("nested"))
    assert done.returncode == 1
    assert (
        "Say it by --attach PROG=KIND:TARGET (programs: jump (xdp), drop (xdp)" in done.stderr
    )


@kernel("5.6", "struct_ops")
def test_struct_ops_are_attached_with_their_map(bpf: Find) -> None:
    """While it runs the kernel has the operations; their programs are not told as idle."""
    available = "/proc/sys/net/ipv4/tcp_available_congestion_control"
    done = direct.run(bpf("struct_ops"), "--maps", "", "--", "cat", available)
    assert done.returncode == 0, done.stderr
    assert "tinybpf_test" in done.stdout.split()
    assert "not attached" not in done.stderr
    assert "tinybpf_test" not in pathlib.Path(available).read_text().split()


def test_hostile_names_do_not_reach_a_terminal(
    tool: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    """Names of fields and maps out of the file are escaped, in heads, JSON and errors."""
    path = tmp_path / "hostile.bpf.o"
    data = elf.renamed(tool.read_bytes(), "delta", "d\x1b[2J")
    path.write_bytes(elf.renamed(data, "comm", "\x1b[2J"))
    for args in (["--table", "--duration", "0"], ["--json", "--duration", "0"], ["--help"]):
        done = direct.run(path, *args)
        assert "\x1b" not in done.stdout + done.stderr
    assert "\\x1b[2J".upper() in direct.output(path, "--table", "--duration", "0", "--maps", "")
