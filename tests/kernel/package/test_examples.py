# SPDX-License-Identifier: MIT
"""The examples do what they promise, each run as a user runs it."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from support import child
from support.gating import kernel

EXAMPLES = child.TESTS.parent / "examples"
TIMEOUT_S = 180

# Unbuffered, print() writes a line and its end apart, and the command's output, which
# goes to the same pipe, could come between.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}

pytestmark = kernel("5.8", "ring buffer", config="CONFIG_BPF_SYSCALL")


def command_line(tool: str, *args: str) -> "list[str]":
    """Return how to start an example with the Python that runs this test."""
    return [sys.executable, str(EXAMPLES / tool / (tool + ".py")), *args]


def run(tool: str, *args: str) -> "subprocess.CompletedProcess[str]":
    """Run an example to its end."""
    return subprocess.run(
        command_line(tool, *args),
        check=False,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
    )


def started(
    tool: str, *args: str
) -> "contextlib.AbstractContextManager[subprocess.Popen[str]]":
    """Start an example, with a session of its own, that is to end before long."""
    return child.session(command_line(tool, *args), ENVIRONMENT)


def rows(output: str, pattern: str) -> "list[re.Match[str]]":
    """Return the lines that match the whole pattern."""
    found = (re.fullmatch(pattern, line) for line in output.splitlines())
    return [match for match in found if match]


def read_until(process: "subprocess.Popen[str]", pattern: str) -> "re.Match[str]":
    """Read the example's output up to the line that matches the whole pattern."""
    assert process.stdout
    seen = []
    for line in process.stdout:
        seen.append(line)
        match = re.fullmatch(pattern, line.rstrip("\n"))
        if match:
            return match
    raise AssertionError(f"no line like {pattern!r} in {''.join(seen)}")


def interrupt(process: "subprocess.Popen[str]") -> str:
    """Send what Ctrl-C sends to the example and its children; return what it prints."""
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate()
    assert err == ""
    return out


def test_execsnoop_command_shows_its_programs() -> None:
    """Each program that the command starts is a row with its pid, parent and argv."""
    # By their paths, because a shell may have them built in; the last one it may become.
    ls, id_ = shutil.which("ls"), shutil.which("id")
    script = f"{ls} / 'a b' 2>/dev/null; {id_}; true"
    with started("execsnoop", "--", "sh", "-c", script) as process:
        out, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    assert re.fullmatch(r"PID +PPID +COMM +ARGS", out.splitlines()[0])
    (shell,) = rows(out, rf"(\d+) +{process.pid} +sh +sh -c {ls} / 'a b'.*; {id_}; true")
    assert len(rows(out, rf"\d+ +{shell[1]} +ls +{ls} / a b")) == 1
    assert len(rows(out, rf"\d+ +{shell[1]} +id +{id_}")) == 1
    shown = len(rows(out, r"\d+ +\d+ +.*"))
    assert out.splitlines()[-1] == f"{shown} events, lost: 0"


# As it stands on the first page that people see.
SCENE = """\
# execsnoop.py
import tinybpf

with tinybpf.load("execsnoop.bpf.o") as obj, obj.attach():
    print(f"{'PID':<8}{'PPID':<8}{'COMM':<17}ARGS")
    rb = tinybpf.BpfRingBuffer(obj.maps["events"], event_type="event")
    try:
        for e in rb.stream():
            print(f"{e.pid:<8}{e.ppid:<8}{e.comm:<17}{e.args}")
    except KeyboardInterrupt:
        stats = rb.stats()
        print(f"{stats.records} events, lost: {stats.lost}")
"""


def test_shortest_execsnoop_is_a_tool(tmp_path: Path) -> None:
    """A dozen lines beside the object file: a row for each program, and a sum at Ctrl-C."""
    shutil.copy(EXAMPLES / "execsnoop" / "execsnoop.bpf.o", tmp_path)
    (tmp_path / "execsnoop.py").write_text(SCENE)
    with subprocess.Popen(
        [sys.executable, "-u", "-W", "ignore::ResourceWarning", "execsnoop.py"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        read_until(process, "PID +PPID +COMM +ARGS")
        subprocess.run(["/bin/sh", "-c", "true 'a b'"], check=True)
        read_until(process, rf"\d+ +{os.getpid()} +sh +/bin/sh -c true 'a b'")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=TIMEOUT_S)
    assert re.fullmatch(r"[1-9]\d* events, lost: 0", out.splitlines()[-1])
    assert (err, process.returncode) == ("", 0)


def test_execsnoop_long_arguments_are_cut() -> None:
    """At most 255 bytes of the arguments are shown."""
    out = run("execsnoop", "--", "true", "x" * 1000).stdout
    assert len(rows(out, r"\d+ +\d+ +true +true x{250}")) == 1


def test_execsnoop_second_dashes_belong_to_the_command() -> None:
    """Only the first -- is the tool's own; so are options behind it the command's."""
    out = run("execsnoop", "--", "env", "--", "echo", "--help", "--").stdout
    assert "--help --" in out.splitlines()
    assert len(rows(out, r"\d+ +\d+ +env +env -- echo --help --")) == 1


@pytest.mark.parametrize("tool", ["execsnoop", "opensnoop", "counter", "profile"])
@pytest.mark.parametrize(
    ("script", "status"), [("exit 0", 0), ("exit 3", 3), ("kill -TERM $$", 128 + 15)]
)
def test_command_exit_status_is_passed_on(tool: str, script: str, status: int) -> None:
    """An example ends with the status of its command, as a shell would tell it."""
    assert run(tool, "--", "sh", "-c", script).returncode == status


@pytest.mark.parametrize("tool", ["execsnoop", "opensnoop", "counter", "profile"])
def test_missing_command_is_one_line(tool: str) -> None:
    """A command that does not exist is named in one line, without a traceback."""
    ended = run(tool, "--", "/nowhere/to/be-found")
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert re.match(tool + ": .*/nowhere/to/be-found", line)


def test_execsnoop_interrupted_prints_the_total() -> None:
    """Without a command it shows what others start, and Ctrl-C ends it well."""
    with started("execsnoop") as process:
        read_until(process, r"PID .*")
        subprocess.run(["true", "from-elsewhere"], check=True)
        read_until(process, rf"\d+ +{os.getpid()} +true +true from-elsewhere")
        out = interrupt(process)
    assert process.returncode == 0
    assert rows(out, r"\d+ events, lost: 0")


@pytest.mark.parametrize("tool", ["execsnoop", "opensnoop", "counter"])
def test_interrupted_command_decides(tool: str) -> None:
    """Ctrl-C goes to the command, and the example ends with it, total included."""
    status = 7
    script = f"trap 'exit {status}' INT; echo ready; while :; do :; done"
    with started(tool, "--", "sh", "-c", script) as process:
        read_until(process, "ready")
        out = interrupt(process)
    assert process.returncode == status
    assert rows(out, r"\d+ (events, lost: \d+|processes, \d+ calls)")


def test_execsnoop_reader_that_leaves_ends_it_quietly() -> None:
    """`execsnoop.py | head` ends by SIGPIPE, with nothing on standard error."""
    with started("execsnoop") as process:
        read_until(process, r"PID .*")
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        subprocess.run(["true"], check=True)
        process.wait()
        assert process.stderr.read() == ""
    assert process.returncode == -signal.SIGPIPE


def test_opensnoop_command_shows_files_and_failures(tmp_path: Path) -> None:
    """A file that is opened is a row with its descriptor, another with its error."""
    there, missing = tmp_path / "there", tmp_path / "missing"
    there.write_text("text\n")
    ended = run("opensnoop", "-n", "cat", "--", "cat", str(there), str(missing))
    assert ended.returncode == 1
    assert re.fullmatch(r"PID +COMM +RESULT +PATH", ended.stdout.splitlines()[0])
    (opened,) = rows(ended.stdout, rf"(\d+) +cat +\d+ +{re.escape(str(there))}")
    failed = rf"{opened[1]} +cat +ENOENT +{re.escape(str(missing))}"
    assert len(rows(ended.stdout, failed)) == 1
    assert rows(ended.stdout, r"\d+ events, lost: \d+")
    assert not rows(ended.stdout, r"\d+ +(?!cat )\S+ +\S+ +/.*")


def test_opensnoop_leaves_itself_out() -> None:
    """What the tool opens itself, to attach for one thing, is not shown."""
    with started("opensnoop", "--", "cat", "/dev/null") as process:
        out, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    assert rows(out, r"\d+ +cat +\d+ +/dev/null")
    assert not rows(out, rf"{process.pid} +.*")


def test_opensnoop_failed_shows_failures_only(tmp_path: Path) -> None:
    """With -x what was opened is left out."""
    there, missing = tmp_path / "there", tmp_path / "missing"
    there.write_text("text\n")
    out = run("opensnoop", "-x", "--", "cat", str(there), str(missing)).stdout
    assert rows(out, rf"\d+ +cat +ENOENT +{re.escape(str(missing))}")
    assert str(there) not in out


def test_opensnoop_pid_shows_that_process_only(tmp_path: Path) -> None:
    """With -p only that process is seen, whichever system call it opens files by."""
    ours, other, last = tmp_path / "ours", tmp_path / "other", tmp_path / "last"
    with started("opensnoop", "-p", str(os.getpid())) as process:
        read_until(process, r"PID .*")
        os.close(os.open(ours, os.O_CREAT | os.O_WRONLY))
        read_until(process, rf"{os.getpid()} +\S.* +\d+ +{re.escape(str(ours))}")
        subprocess.run(["touch", str(other)], check=True)
        os.close(os.open(last, os.O_CREAT | os.O_WRONLY))
        assert process.stdout
        for line in process.stdout:
            assert str(other) not in line
            if str(last) in line:
                break
        out = interrupt(process)
    assert process.returncode == 0
    assert rows(out, r"\d+ events, lost: 0")


def test_counter_counts_the_commands_calls() -> None:
    """The command's process is a row with its pid, its name and at least its calls."""
    made = 5000
    script = f"import os\nprint(os.getpid())\nfor _ in range({made}): os.getppid()"
    out = run("counter", "-t", "100000", "--", sys.executable, "-c", script).stdout
    pid, header, *table, total = out.splitlines()
    assert re.fullmatch(r"CALLS +PID +COMM", header)
    (row,) = rows(out, rf"(\d+) +{pid} +(\S.*)")
    assert made <= int(row[1]) < 2 * made
    assert row[2] == Path(sys.executable).name[:15]
    calls = [int(line.split()[0]) for line in table]
    assert calls == sorted(calls, reverse=True)
    assert total.split()[:2] == [str(len(table)), "processes,"]


def test_counter_top_and_interval() -> None:
    """With -t so many rows are shown, with -i a table every so often."""
    with started("counter", "-t", "1", "-i", "0.01") as process:
        for _ in range(3):
            read_until(process, r"CALLS .*")
            read_until(process, r"\d+ +\d+ +.*")
            read_until(process, r"\d+ processes, \d+ calls")
        out = interrupt(process)
    assert process.returncode == 0
    assert rows(out, r"\d+ processes, \d+ calls")


def test_profile_shows_the_commands_stacks_and_draws_them(tmp_path: Path) -> None:
    """The command's process is in the lines, its samples are summed up, the picture whole."""
    picture = tmp_path / "profile.svg"
    code = "import time\nuntil = time.monotonic() + 1\nwhile time.monotonic() < until: pass"
    with started("profile", "-o", str(picture), "--", sys.executable, "-c", code) as process:
        out, err = process.communicate()
    assert process.returncode == 0
    (total,) = rows(err, r"(\d+) samples, lost: \d+")
    lines = rows(out, r"(\S.*?)(?:;.*)? (\d+)")
    assert len(lines) == len(out.splitlines())
    assert sum(int(line[2]) for line in lines) == int(total[1])
    assert Path(sys.executable).name[:15] in {line[1] for line in lines}
    ET.parse(picture)


def test_profile_names_functions_of_ended_processes() -> None:
    """Frames of a command that is over have the names of its files' functions."""
    until = "import time; until = time.monotonic() + 1\nwhile time.monotonic() < until: pass"
    out = run("profile", "--", sys.executable, "-c", until).stdout
    name = re.escape(Path(sys.executable).name[:15])
    stacks = rows(out, rf"{name};(.*) \d+")
    frames = {frame for stack in stacks for frame in stack[1].split(";")}
    assert any(not frame.startswith("[") for frame in frames), frames
