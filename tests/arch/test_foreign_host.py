# SPDX-License-Identifier: MIT
"""--ssh to a host of another architecture: the runner that --base names goes there.

A real sshd on loopback; the shell that the command gets there is in a user namespace which
starts programs of that architecture by qemu-user, and its uname says so.
"""

import os
import pathlib
import signal
import subprocess
import time
from collections.abc import Iterator

import foreign
import pytest

from support import sshd
from support.gating import kernel

pytestmark = kernel("6.7", "binfmt_misc in user namespaces", config="CONFIG_BINFMT_MISC")

WAIT_S = 60
# Host "two" is the other one. `register` takes: name, type, offset, magic, mask, emulator,
# flags (P: argv[0] as it is, F: the emulator is opened at once).
SHELL = """\
[ "$WHO" = two ] || exec /bin/sh "$@"
exec unshare --user --map-root-user --mount /bin/sh -c '
mount -t binfmt_misc none /proc/sys/fs/binfmt_misc &&
printf %s ":other:M::{magic}:{mask}:{emulator}:PF" >/proc/sys/fs/binfmt_misc/register &&
exec /bin/sh "$@"' sh "$@"
"""
UNAME = '[ "$WHO" = two ] && echo Linux {arch} || exec /bin/uname "$@"'
MACHINES = {"aarch64": 183, "x86_64": 62}  # e_machine


def escaped(data: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in data)


@pytest.fixture(scope="module")
def native() -> pathlib.Path:
    """Return the executable of this machine."""
    return pathlib.Path(os.environ["TINYBPF_NATIVE_RUN"])


@pytest.fixture(scope="module")
def running(
    native: pathlib.Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sshd.Server]:
    """Return a real sshd."""
    with sshd.running(native, tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture
def server(running: sshd.Server, arch: str) -> Iterator[sshd.Server]:
    """Return it with a host "two" of the other architecture, on which nothing is left."""
    head = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\0" + bytes([MACHINES[arch], 0])
    mask = b"\xff" * 7 + b"\0" + b"\xff" * 8 + b"\xfe\xff" + b"\xff\xff"
    names = {"magic": escaped(head), "mask": escaped(mask), "emulator": foreign.emulator(arch)}
    running.put("sh", SHELL.format(**names))
    running.put("uname", UNAME.format(arch=arch))
    yield running
    assert running.clear() == ""


def line(server: sshd.Server, native: pathlib.Path, *words: object) -> "list[str]":
    """Return a command line with --ssh."""
    path = f"PATH={sshd.path_with(server)}"
    return ["env", "-i", path, str(native), "--ssh", *map(str, words)]


SHOW = """\
import platform, sys
print(platform.machine(), sys.argv[1:])
raise SystemExit(0 if platform.machine() == sys.argv[1] else 3)
"""


def test_each_host_gets_the_runner_of_its_machine(
    server: sshd.Server, native: pathlib.Path, arch: str, tmp_path: pathlib.Path
) -> None:
    """One bundle is made for this machine's kind, one of --base; both run, and are gone."""
    (tmp_path / "tool.py").write_text(SHOW)
    base = f"--base={os.environ['TINYBPF_RUN']}"
    command = line(server, native, "one,two", base, tmp_path / "tool.py", arch, "a b")
    done = subprocess.run(command, capture_output=True, text=True, timeout=WAIT_S, check=False)
    words = f"['{arch}', 'a b']"
    assert sorted(done.stdout.splitlines()) == [
        f"one: {os.uname().machine} {words}",
        f"two: {arch} {words}",
    ]
    assert (done.returncode, done.stderr) == (3, "")


def test_host_without_its_runner_is_told(
    server: sshd.Server, native: pathlib.Path, arch: str, tmp_path: pathlib.Path
) -> None:
    """Without --base nothing is sent there: the error says what to add."""
    (tmp_path / "tool.py").write_text("print('ran')\n")
    command = line(server, native, "two", tmp_path / "tool.py")
    done = subprocess.run(command, capture_output=True, text=True, timeout=WAIT_S, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    said = f"two is {arch}, this is for {os.uname().machine}: add --base with the tinybpf-run"
    assert f"{said} for {arch}" in done.stderr


ENDLESS = """\
import os, time
print(os.getpid(), flush=True)
try:
    time.sleep(1000)
except KeyboardInterrupt:
    print("summary")
    raise SystemExit(5)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_program_there_ends(
    server: sshd.Server, native: pathlib.Path, tmp_path: pathlib.Path, number: int
) -> None:
    """Ctrl-C is its own; a connection that is gone ends it."""
    (tmp_path / "tool.py").write_text(ENDLESS)
    base = f"--base={os.environ['TINYBPF_RUN']}"
    command = line(server, native, "two", base, tmp_path / "tool.py")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        process.send_signal(number)
        rest, _ = process.communicate(timeout=WAIT_S)
    if number == signal.SIGINT:
        assert (process.returncode, rest) == (5, "summary\n")
    late = time.monotonic() + WAIT_S
    while os.path.exists(f"/proc/{pid}"):
        assert time.monotonic() < late, f"process {pid} is left"
        time.sleep(0.01)
