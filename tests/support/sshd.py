# SPDX-License-Identifier: MIT
"""A real sshd on loopback, in a network and a mount namespace of its own."""

import contextlib
import os
import pathlib
import subprocess
from collections.abc import Iterator

# In the namespaces: a network with loopback, and places of the server's own.
BEGIN = """\
import fcntl, os, socket, struct, sys
UP, SIOCGIFFLAGS, SIOCSIFFLAGS = 1, 0x8913, 0x8914
with socket.socket() as sock:
    lo = struct.pack("16sH14x", b"lo", UP)
    fcntl.ioctl(sock, SIOCSIFFLAGS, lo)
for folder in ("/dev/shm", "/run"):
    assert os.spawnlp(os.P_WAIT, "mount", "mount", "-t", "tmpfs", "none", folder) == 0
os.mkdir("/run/sshd", 0o755)
os.execv("/usr/sbin/sshd", ["/usr/sbin/sshd", "-D", "-e", "-f", sys.argv[1]])
"""
CONFIG = """\
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/user.pub
PidFile {folder}/pid
StrictModes no
UsePAM no
PermitRootLogin yes
AcceptEnv WHO NOISE
SetEnv PATH={folder}/there:/usr/sbin:/usr/bin:/sbin:/bin
Match User root
    ForceCommand test -z "$NOISE" || echo "welcome"; eval "$SSH_ORIGINAL_COMMAND"
"""
CLIENT = """\
Host *
    HostName 127.0.0.1
    User root
    IdentityFile {folder}/user
    UserKnownHostsFile {folder}/known
    StrictHostKeyChecking no
    LogLevel ERROR
Host one
    SetEnv WHO=one
Host two
    SetEnv WHO=two
Host noisy
    SetEnv NOISE=yes
Host nowhere
    Port 1
"""


class Server:
    """A running sshd: what of it is where. Its host is "one", "two", "noisy", in $WHO."""

    def __init__(self, folder: pathlib.Path, pid: int) -> None:
        self.pid = pid
        self.here = folder / "here"  # for PATH: an ssh that finds it
        self.there = folder / "there"  # in front of the PATH that commands on it have

    def inside(self, *command: str) -> str:
        """Run a command in its namespaces, and return what it printed."""
        enter = ["nsenter", f"--target={self.pid}", "--net", "--mount"]
        return subprocess.run(
            [*enter, *command], check=True, stdout=subprocess.PIPE, encoding="utf-8"
        ).stdout

    def put(self, name: str, text: str) -> None:
        """Put a program of the shell in front of the host's own of that name."""
        (self.there / name).write_text(f"#!/bin/sh\n{text}\n")
        (self.there / name).chmod(0o755)

    def clear(self) -> str:
        """Remove these; return what lies where --ssh may put a program, a line each."""
        for path in self.there.iterdir():
            path.unlink()
        places = ("/dev/shm", "/tmp", "/root")
        return self.inside("find", *places, "-maxdepth", "1", "-name", ".tinybpf-*")


def _write(folder: pathlib.Path) -> None:
    """Make keys and settings."""
    for name in ("host", "user"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(command, check=True)
    (folder / "server").write_text(CONFIG.format(folder=folder))
    (folder / "client").write_text(CLIENT.format(folder=folder))
    for name in ("here", "there"):
        (folder / name).mkdir()


@contextlib.contextmanager
def running(runner: pathlib.Path, folder: pathlib.Path) -> Iterator[Server]:
    """Start one, and end it."""
    _write(folder)
    process = subprocess.Popen(
        ["unshare", "--net", "--mount", str(runner), "-c", BEGIN, str(folder / "server")],
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        assert process.stderr is not None
        first = process.stderr.readline()
        assert "listening" in first, first + process.stderr.read()
        ssh = folder / "here/ssh"
        enter = f"nsenter --target={process.pid} --net"
        ssh.write_text(f'#!/bin/sh\nexec {enter} /usr/bin/ssh -F {folder}/client "$@"\n')
        ssh.chmod(0o755)
        yield Server(folder, process.pid)
    finally:
        process.kill()
        process.communicate()


def path_with(server: Server) -> str:
    """Return a PATH on which its ssh is first."""
    return os.pathsep.join([str(server.here), os.environ["PATH"]])
