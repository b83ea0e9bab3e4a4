# SPDX-License-Identifier: MIT
"""tinybpf-run needs nothing of the host: no files, no descriptors, no environment."""

import os
import pathlib
import shutil
import subprocess
from typing import Any, Callable

import pytest
from launch import Completed, Run

pytestmark = pytest.mark.real

USE_EVERYTHING = """\
import sys, threading, subprocess, asyncio, decimal, json, ctypes, tinybpf
answers = []
thread = threading.Thread(target=answers.append, args=("thread",))
thread.start()
thread.join()
answers.append(subprocess.run([sys.executable, "-c", "print('child')"],
                              capture_output=True, text=True).stdout.strip())
async def main():
    await asyncio.sleep(0)
    return "asyncio"
answers.append(asyncio.run(main()))
print(answers, sys.argv[1:])
"""


@pytest.fixture
def root(runner: pathlib.Path, tmp_path: pathlib.Path) -> pathlib.Path:
    """Return a directory that holds the executable, and nothing else."""
    directory = tmp_path / "root"
    directory.mkdir()
    shutil.copy(runner, directory / "tinybpf-run")
    return directory


@pytest.fixture
def run_in(root: pathlib.Path) -> Callable[..., Completed]:
    """Return the function that runs it in that root, without an environment."""

    def run(*args: object, **options: Any) -> Completed:
        def enter() -> None:
            os.chroot(root)
            os.chdir("/")

        options.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run(
            [str(options.pop("executable", "/tinybpf-run")), *map(str, args)],
            preexec_fn=enter,
            env={},
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
            **options,
        )

    return run


def test_empty_root_runs_everything(
    root: pathlib.Path, run_in: Callable[..., Completed]
) -> None:
    """Without /proc, /dev, /tmp and environment: threads, children, asyncio, imports."""
    (root / "tool.py").write_text(USE_EVERYTHING)
    done = run_in("tool.py", "a")
    assert done.stdout == "['thread', 'child', 'asyncio'] ['a']\n", done.stderr


def test_empty_root_runs_every_kind_of_program(
    root: pathlib.Path, run_in: Callable[..., Completed]
) -> None:
    """-c, -m, -, a directory and a zip."""
    package = root / "tool"
    package.mkdir()
    (package / "__main__.py").write_text("import helper\n")
    (package / "helper.py").write_text("print('helper')\n")
    shutil.make_archive(str(root / "archive"), "zip", package)
    assert run_in("-c", "print(1)").stdout == "1\n"
    assert run_in("tool").stdout == "helper\n"
    assert run_in("archive.zip").stdout == "helper\n"
    assert "usage" in run_in("-m", "json.tool", "--help").stdout
    command = ["chroot", str(root), "/tinybpf-run", "-"]
    done = subprocess.run(command, input=b"print('typed')", capture_output=True, check=False)
    assert done.stdout == b"typed\n"


def test_empty_root_tells_of_errors(run_in: Callable[..., Completed]) -> None:
    """A missing script and an exception are reported as anywhere."""
    assert run_in("tool.py").returncode == 2
    done = run_in("-c", "import json; json.loads('')")
    assert done.returncode == 1
    assert "json/decoder.py" in done.stderr
    assert "raise JSONDecodeError" in done.stderr


def test_executable_is_found_without_proc(run_in: Callable[..., Completed]) -> None:
    """sys.executable is right for absolute and relative starts."""
    code = "import sys; print(sys.executable)"
    for name in ("/tinybpf-run", "./tinybpf-run"):
        assert run_in("-c", code, executable=name).stdout == "/tinybpf-run\n"


def test_first_process_of_a_namespace(runner: pathlib.Path) -> None:
    """As PID 1 it runs, has children and reports their status."""
    code = (
        "import os, subprocess, sys\n"
        "child = subprocess.run([sys.executable, '-c', 'raise SystemExit(3)'])\n"
        "print(os.getpid(), child.returncode)"
    )
    done = subprocess.run(
        ["unshare", "--fork", "--pid", str(runner), "-c", code], capture_output=True, check=True
    )
    assert done.stdout == b"1 3\n"


@pytest.mark.parametrize("hosts", [None, "127.0.0.1 other\n"])
def test_localhost_is_this_host(
    root: pathlib.Path, run_in: Callable[..., Completed], hosts: "str | None"
) -> None:
    """Without an /etc/hosts, and with one that does not have it; no server is asked."""
    if hosts is not None:
        (root / "etc").mkdir()
        (root / "etc" / "hosts").write_text(hosts)
        # Without a name server the answer would be the same, ten seconds later.
        (root / "etc" / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1\n")
    code = (
        "import socket, urllib.request\n"
        "server = socket.create_server(('localhost', 0))\n"
        "port = server.getsockname()[1]\n"
        "socket.create_connection(('localhost', port)).close()\n"
        "address = socket.getaddrinfo('localhost', port, socket.AF_INET6, socket.SOCK_STREAM)\n"
        "print(server.getsockname()[0], address[0][4][0])\n"
        "for node in ('localhost.other', 'elsewhere'):\n"
        "    try: socket.getaddrinfo(node, 1, flags=socket.AI_NUMERICHOST)\n"
        "    except socket.gaierror: print('not numeric')"
    )
    done = run_in("-c", code)
    assert done.stdout.splitlines() == ["127.0.0.1 ::1"] + ["not numeric"] * 2, done.stderr


@pytest.mark.parametrize(
    "code",
    [
        "import multiprocessing; multiprocessing.Pool(1)",
        "import concurrent.futures as f; f.ProcessPoolExecutor(1).submit(print)",
        "import multiprocessing; multiprocessing.Lock()",
    ],
)
def test_processes_without_shared_memory_name_it(
    run_in: Callable[..., Completed], code: str
) -> None:
    """The locks of multiprocessing need /dev/shm: the error says so, and what does not."""
    done = run_in("-c", code)
    assert done.returncode == 1
    assert "FileNotFoundError: [Errno 2] No such file or directory: '/dev/shm'" in done.stderr
    assert "mount -t tmpfs tmpfs /dev/shm" in done.stderr


def test_read_only_file_system(root: pathlib.Path) -> None:
    """Nothing is unpacked or cached: a read-only, noexec-free root is enough."""
    (root / "tool.py").write_text("import helper, json\nprint('ran')\n")
    (root / "helper.py").write_text("")
    script = (
        f"mount --bind {root} {root} && mount -o remount,ro,bind {root} && "
        f"! touch {root}/x 2>/dev/null && chroot {root} /tinybpf-run tool.py"
    )
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script], capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, b"ran\n"), done.stderr


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)])
def test_closed_standard_descriptors(
    run: Run, tmp_path: pathlib.Path, closed: tuple[int, ...]
) -> None:
    """With stdin, stdout or stderr closed a script runs to its end."""
    result = tmp_path / "result"
    script = tmp_path / "script.py"
    script.write_text(
        "import os, sys\n"
        "print('to stdout')\n"
        "print('to stderr', file=sys.stderr)\n"
        f"open({str(result)!r}, 'w').write(repr([sys.stdin, sys.stdout, sys.stderr]))\n"
    )

    def close() -> None:
        for fd in closed:
            os.close(fd)

    done = run(script, preexec_fn=close, stdin=None)
    assert done.returncode == 0
    assert result.read_text().count("None") == len(closed)


def test_executable_without_a_file(runner: pathlib.Path) -> None:
    """Started from memory, or deleted, it can still start itself again."""
    code = (
        "import subprocess, sys\n"
        "print(subprocess.run([sys.executable, '-c', 'print(6)'], capture_output=True).stdout)"
    )
    fd = os.memfd_create("tinybpf-run", 0)
    with open(runner, "rb") as file:
        os.sendfile(fd, file.fileno(), 0, runner.stat().st_size)
    done = subprocess.run(
        [f"/proc/self/fd/{fd}", "-c", code], pass_fds=[fd], capture_output=True, check=False
    )
    os.close(fd)
    assert done.stdout == b"b'6\\n'\n", done.stderr
