# SPDX-License-Identifier: MIT
"""Symbols of processes that are elsewhere, hidden or gone: containers, hidepid, bounds."""

import contextlib
import os
import pathlib
import shutil
import signal
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from support import child, libraries, privilege
from support.gating import kernel
from support.libraries import Function
from tinybpf import Symbol, Symbols

OTHER = libraries.library((Function(b"of_the_host", 0x11000, 0x80),))
MAP = "/tmp/perf-1.map"
CONTAINER = """
import ctypes, mmap, os, sys, time
from support import confine
pid = confine.fork_into(sys.argv[1])
if pid:
    os.waitpid(pid, 0)
    raise SystemExit(0)
mode = mmap.PROT_READ | mmap.PROT_EXEC
file = open("/lib.so", "rb")
mapped = mmap.mmap(file.fileno(), 0x1000, mmap.MAP_PRIVATE, mode, offset=0x1000)
private = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
made = mmap.mmap(-1, 0x1000, private, mode | mmap.PROT_WRITE)
address = ctypes.addressof(ctypes.c_char.from_buffer(made))
with open(f"/tmp/perf-{os.getpid()}.map", "w") as out:
    out.write(f"{address:x} 40 compiled\\n")
os.chmod("/tmp/perf-1.map", 0o644)
exec(sys.argv[2])
print("ready", flush=True)
print(os.getpid(), address, flush=True)
time.sleep(1000)
"""
ASK = """
(pid, *addresses) = map(int, sys.argv[1:])
for symbol in attempt(lambda: tinybpf.Symbols().user(pid, addresses)):
    print(symbol.name, symbol.module)
"""
# What a tool has that is to look into containers, and is not root.
LEAST = ("sys_ptrace", "dac_read_search")


class Container(NamedTuple):
    """A process in a container, the first of its kind there."""

    pid: int
    code: int  # where /lib.so is
    compiled: int  # where what its map file names is


@contextlib.contextmanager
def container(
    root: pathlib.Path, meanwhile: str = "pass", data: bytes = libraries.library()
) -> Iterator[Container]:
    """Start it with that root, which gets a library; `meanwhile` is run in it at last."""
    (root / "tmp").mkdir(parents=True)
    (root / "lib.so").write_bytes(data)
    with child.started(CONTAINER, root, meanwhile) as process:
        task = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children")
        (pid,) = map(int, task.read_text().split())
        try:
            assert process.stdout is not None
            own, compiled = map(int, process.stdout.readline().split())
            assert own == 1
            places = libraries.code_of(pid)
            (code,) = (m.start for m in places if "lib.so" in m.path)
            yield Container(pid, code, compiled)
        finally:
            os.kill(pid, signal.SIGKILL)


def asked(who: Container) -> list[str]:
    """Return what a tool without root's rights says of a container's two functions."""
    said = privilege.attempt(LEAST, ASK, who.pid, who.code + 4, who.compiled + 4)
    return said.splitlines()[:-1]


def test_container_is_named_by_its_own_files(public_dir: pathlib.Path) -> None:
    """The file and the map are those of its root, and the number that of its namespace."""
    with container(public_dir / "root") as who:
        assert Symbols().user(who.pid, [who.code + 4, who.compiled + 4]) == [
            Symbol("first", 4, "/lib.so", who.code + 4),
            Symbol("compiled", 4, "[jit]", who.compiled + 4),
        ]
        assert asked(who) == ["first /lib.so", "compiled [jit]"]


def test_debug_file_of_a_container_is_its_own(public_dir: pathlib.Path) -> None:
    """A stripped file is named by what lies in the container's folder for debuggers."""
    build_id = bytes(range(40, 60))
    folder = public_dir / "root/usr/lib/debug/.build-id/28"
    folder.mkdir(parents=True)
    (folder / (build_id[1:].hex() + ".debug")).write_bytes(libraries.library(build_id=build_id))
    stripped = libraries.library((), build_id=build_id)
    with container(public_dir / "root", data=stripped) as who:
        assert Symbols().user(who.pid, [who.code + 4])[0].name == "first"
        assert asked(who)[0] == "first /lib.so"


@pytest.mark.parametrize(
    "trap",
    [
        "os.mkfifo(TRAP)",
        "os.mkdir(TRAP)",
        "os.link('/lib.so', '/another'); os.symlink('/another', TRAP)",
        "os.symlink(TRAP, TRAP)",
        "os.link('/lib.so', TRAP); os.chown(TRAP, 12345, 12345)",
        "open(TRAP, 'wb').write(open('/lib.so', 'rb').read())",
    ],
)
def test_trap_in_a_container_catches_nobody(public_dir: pathlib.Path, trap: str) -> None:
    """Of what lies at the path of mapped code by now nothing is read, and nobody waits.

    Root reads what is mapped itself, whatever became of its path.
    """
    meanwhile = f"TRAP = '/lib.so (deleted)'; {trap}; os.unlink('/lib.so')"
    with container(public_dir / "root", meanwhile) as who:
        assert asked(who) == ["None /lib.so (deleted)", "compiled [jit]"]
        assert Symbols().user(who.pid, [who.code])[0].name == "first"


@pytest.mark.parametrize(
    ("meanwhile", "said"),
    [
        ("os.rename('/tmp', '/x'); os.symlink('/../../x', '/tmp')", "compiled [jit]"),
        ("os.rename('/tmp', '/x'); os.symlink('/proc/self/root/x', '/tmp')", "None None"),
        (f"os.rename({MAP!r}, '/x'); os.symlink('/x', {MAP!r})", "None None"),
        (f"os.unlink({MAP!r}); os.mkfifo({MAP!r})", "None None"),
    ],
)
def test_links_lead_to_nothing_outside_of_a_root(
    public_dir: pathlib.Path, meanwhile: str, said: str
) -> None:
    """A folder may be a link, which leads to what is in there; a file may not."""
    with container(public_dir / "root", meanwhile) as who:
        assert asked(who) == ["first /lib.so", said]


HIDDEN = """
import sys, tinybpf
symbols = tinybpf.Symbols()
for ask in (symbols.observe, lambda pid: symbols.user(pid, [5])):
    try:
        print(ask(int(sys.argv[1])))
    except tinybpf.BpfPermissionError as error:
        print(error)
print(symbols.user(2**22, [5])[0])
"""
BE_NOBODY = child.BECOME_NOBODY + "import time\nprint('ready', flush=True)\ntime.sleep(1000)\n"


def test_hidden_process_is_no_ended_one() -> None:
    """Where /proc hides what is there, that is told; a number that nobody has is unknown."""
    setpriv = shutil.which("setpriv") or "setpriv"  # a shell may have one of its own
    script = 'mount -t proc -o hidepid=2 none /proc && exec "$@"'
    command = ["unshare", "--mount", "sh", "-c", script, "sh", setpriv]
    command += ["--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace"]
    command += ["--regid=65534", "--clear-groups"]  # that of root sees all
    with child.started(BE_NOBODY) as process:
        done = child.finish([*command, *child.command(HIDDEN, str(process.pid))])
    assert done.stderr == ""
    seen, asked, nobody = done.stdout.splitlines()
    assert seen == asked
    assert seen.startswith(f"symbols of process {process.pid}: it is not in /proc, which hides")
    assert nobody == "0x5"


REUSED = """
import mmap, os, sys, time, tinybpf
from support import confine
def start(fork, path):
    ends = os.pipe()
    pid = fork()
    if pid == 0:
        with open(path, "rb") as file:
            mapped = mmap.mmap(file.fileno(), 0x1000, mmap.MAP_PRIVATE,
                               mmap.PROT_READ | mmap.PROT_EXEC, offset=0x1000)
        os.write(ends[1], b"x")
        time.sleep(1000)
    os.read(ends[0], 1)
    return pid
def end(pid):
    os.kill(pid, 9)
    os.waitpid(pid, 0)
def place(pid, path):
    with open(f"/proc/{pid}/maps") as lines:
        return next(int(x.split("-")[0], 16) for x in lines if x.endswith(path + "\\n"))
symbols, (one, other) = tinybpf.Symbols(), sys.argv[1:]
pid = start(os.fork, one)
print(symbols.observe(pid), symbols.user(pid, [place(pid, one) + 4])[0])
end(pid)
again = start(lambda: confine.fork_as(pid), other)
deadline, at = time.monotonic() + 10, place(again, other) + 4
while symbols.user(again, [at])[0].name == "first" and time.monotonic() < deadline:
    pass  # it is looked at again some milliseconds later
print(again == pid, symbols.user(again, [at])[0])
end(again)
"""


@kernel("5.5", "clone3 with set_tid")
def test_number_that_is_used_again_is_another_process(tmp_path: pathlib.Path) -> None:
    """What was kept of the one that has ended is not said of the next one of its number."""
    one, other = tmp_path / "one.so", tmp_path / "other.so"
    one.write_bytes(libraries.library())
    other.write_bytes(OTHER)
    assert child.output(REUSED, one, other).splitlines() == [
        "True first+0x4",
        "True of_the_host+0x4",
    ]


AS_TEXT = """
import errno, fcntl, mmap, os, sys, tinybpf
from support import confine
with open(sys.argv[1], "rb") as file:
    mapped = mmap.mmap(file.fileno(), 0x1000, mmap.MAP_PRIVATE,
                       mmap.PROT_READ | mmap.PROT_EXEC, offset=0x1000)
def ask():
    return tinybpf.Symbols().user(os.getpid(), addresses)
addresses = []
with open("/proc/self/maps") as lines:
    for line in lines:
        span, mode = line.split()[:2]
        start, end = (int(part, 16) for part in span.split("-"))
        addresses += [start, end - 1] if start < 2**63 else []
before = ask()
confine.refuse("ioctl", errno.ENOTTY, 0xC0686611)
try:
    fcntl.ioctl(os.open("/proc/self/maps", os.O_RDONLY), 0xC0686611, bytes(104))
except OSError as error:
    print(error.errno == errno.ENOTTY)
after = ask()
print(before == after, [s for s in zip(before, after) if s[0] != s[1]])
print([s.module == sys.argv[1] for s in after if s.name == "first"])
"""


def test_mappings_are_the_same_as_text(tmp_path: pathlib.Path) -> None:
    """A kernel that cannot be asked for mappings one by one (before 6.11) tells the same."""
    path = tmp_path / "with spaces\nand lines (deleted).so"
    path.write_bytes(libraries.library())
    assert child.output(AS_TEXT, path).splitlines() == ["True", "True []", "[True]"]


def test_many_files_are_told_apart(tmp_path: pathlib.Path) -> None:
    """More than are kept: those that were dropped are read again, also for a process."""
    symbols, paths = Symbols(), [tmp_path / f"{i}.so" for i in range(1100)]
    for i, path in enumerate(paths):
        path.write_bytes(libraries.library((Function(b"f%d" % i, 0x11000, 0x40),), size=0x40))
    (tmp_path / "lib.so").write_bytes(libraries.library())
    with libraries.mapped(tmp_path / "lib.so") as (pid, start):
        assert symbols.user(pid, [start + 1])[0].name == "first"
        for _ in range(2):
            found = [symbols.file(path, [0x1000])[0].name for path in paths]
            assert found == [f"f{i}" for i in range(1100)]
        assert symbols.user(pid, [start + 2])[0].name == "first"


BOUNDED = """
import resource, tinybpf
symbols, size = tinybpf.Symbols(), 10_000
with open("/proc/kallsyms") as lines:
    begin = next(int(line.split()[0], 16) for line in lines if line.endswith(" _stext\\n"))
def ask(first, last):
    for i in range(first, last):
        symbols.kernel(range(begin + i * size, begin + (i + 1) * size))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
filled = ask(0, 20)
print(ask(20, 120) - filled < 24)
"""


def test_answers_that_are_kept_are_bounded() -> None:
    """A million addresses take no more memory than the first of them."""
    assert child.output(BOUNDED) == "True\n"
