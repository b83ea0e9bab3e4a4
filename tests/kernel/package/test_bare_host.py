# SPDX-License-Identifier: MIT
"""A host with nothing on it: tools are made there and trace it, and one file is all it has.

As it is told to users: a bundle is made, is run by root, its script by nobody with two
capabilities, and an object alone. In an empty root, in one that has /sys, and in a container
FROM scratch.
"""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess

import pytest

from support import child, confine
from support.gating import kernel
from support.objects import Find

pytestmark = kernel("5.8", "ring buffer", config="CONFIG_BPF_SYSCALL")

OPENSNOOP = child.TESTS.parent / "examples" / "opensnoop"

# Neither tracefs nor BTF of the kernel: with these two it is opensnoop that is run.
WATCH = """\
import argparse, pathlib, tinybpf

parser = argparse.ArgumentParser()
parser.add_argument("--pid", type=int, required=True)
path = pathlib.Path(__file__).with_name("bare.bpf.o")
with tinybpf.load(path, rodata={"pid": parser.parse_args().pid}) as obj, obj.attach():
    print("PID     UID", flush=True)
    rb = tinybpf.BpfRingBuffer(obj.maps["events"], event_type="event")
    try:
        for e in rb.stream():
            print(f"{e.pid:<8}{e.uid}", flush=True)
    except KeyboardInterrupt:
        print(f"{rb.stats().records} events, lost: unknown")
    rb.close()
"""

OBJECT = ("/tinybpf-run", "/bare.bpf.o")
CALL = ("--", "/tinybpf-run", "-c", "import os; os.getpgid(0)")

# Before Linux 5.11 maps count as locked memory, of which a runtime gives what it is told.
ENTER = """\
import contextlib, os, resource, sys
from support import container

root, place = sys.argv[1:3]
with contextlib.suppress(ValueError):
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (resource.RLIM_INFINITY,) * 2)
if place == "container":
    container.enter(root, ("bpf", "perfmon", "dac_read_search"), ("/sys/kernel/tracing",))
else:
    container.change_root(root, ("/sys",) if place == "sys" else ())
os.execve(sys.argv[3], sys.argv[3:], {})
"""


class Host:
    """A place with nothing but these files, and a tool that is to watch this process."""

    def __init__(self, place: str, root: pathlib.Path, files: "list[pathlib.Path]") -> None:
        self._line = [str(root), place]
        for file in files:
            shutil.copy(file, root)
            (root / file.name).chmod(0o755 if os.access(file, os.X_OK) else 0o644)
        self._file = root / "opened"
        self._file.touch()

    def start(
        self, *command: str
    ) -> "contextlib.AbstractContextManager[subprocess.Popen[str]]":
        """Start a command there, in a session of its own, that is to end before long."""
        line = child.command(ENTER, *self._line, *command)
        return child.session(line, child.environment(), child.TESTS)

    def output(self, *command: str, told: str = "") -> str:
        """Run a command there, which must succeed and say just that on stderr."""
        with self.start(*command) as process:
            out, err = process.communicate()
        assert (process.returncode, err) == (0, told)
        return out

    def watch(self, *command: str) -> None:
        """Start a tool there, which must see what this process does, and end by Ctrl-C."""
        with self.start(*command, "--pid", str(os.getpid())) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            head = process.stdout.readline()
            assert head.startswith("PID "), head + process.stderr.read()
            self._file.read_text()
            os.getpgid(0)
            line = process.stdout.readline()
            os.killpg(process.pid, signal.SIGINT)
            rest, err = process.communicate()
        assert re.match(rf"{os.getpid()} +\S", line), line
        assert (process.returncode, err) == (0, "")
        assert re.search(r"^[1-9]\d* events, lost: ", rest, re.MULTILINE), rest


@pytest.mark.parametrize("place", ["empty", "sys", "container"])
def test_one_file_is_all_it_takes(
    bpf: Find, public_dir: pathlib.Path, tmp_path: pathlib.Path, place: str
) -> None:
    """Make a bundle, run it, be nobody, run an object: root has tinybpf-run and the sources."""
    runner, bare = pathlib.Path(os.environ["TINYBPF_RUN"]), bpf("bare")
    (tmp_path / "watch.py").write_text(WATCH)
    name, sources, caps = "watch", [tmp_path / "watch.py"], "bpf,perfmon"
    if place != "empty":
        name, caps = "opensnoop", "bpf,perfmon,dac_read_search"
        sources = [OPENSNOOP / "opensnoop.py", OPENSNOOP / "opensnoop.bpf.o"]
    host = Host(place, public_dir, [runner, bare, *sources])
    inside = [f"/{file.name}" for file in (*sources, bare)]
    said = host.output("/tinybpf-run", "--bundle", "-o", f"/{name}", *inside)
    assert re.fullmatch(rf"/{name}: \d+\.\d MB, runs on any Linux {os.uname().machine}\n", said)
    with confine.paranoid(2):
        host.watch(f"/{name}")
        host.watch("/tinybpf-run", "--user", "65534:65534", "--caps", caps, inside[0])
        told = "tinybpf: 1 events, lost: unknown\n"
        line = host.output(*OBJECT, "--count", "1", "--maps", "", *CALL, told=told)
    assert json.loads(line).keys() == {"pid", "uid"}
    assert "the process, 0 for all" in host.output(*OBJECT, "--help")
