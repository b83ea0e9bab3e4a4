# SPDX-License-Identifier: MIT
"""--ssh: a program runs on hosts that have nothing, and nothing is left there."""

import contextlib
import os
import pathlib
import signal
import subprocess
import time
from collections.abc import Iterator
from typing import Any, Callable

import pytest
from bundling import Bundle
from launch import PLAIN, Completed, Run

from support import sshd

pytestmark = pytest.mark.real

WAIT_S = 60


@pytest.fixture(scope="module")
def server(
    runner: pathlib.Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sshd.Server]:
    """Return a real sshd, which root may enter."""
    with sshd.running(runner, tmp_path_factory.mktemp("sshd")) as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_is_left(server: sshd.Server) -> Iterator[None]:
    """Look behind each test for what lies in the places where a program may be put."""
    yield
    assert server.clear() == ""


Ssh = Callable[..., Completed]


@pytest.fixture
def ssh(run: Run, server: sshd.Server) -> Ssh:
    """Return the function that runs it with --ssh and these words."""

    def start(*words: object, **options: Any) -> Completed:
        env = {"PATH": sshd.path_with(server), **options.pop("env", {})}
        return run("--ssh", *words, env=env, **options)

    return start


@pytest.fixture
def script(tmp_path: pathlib.Path) -> Callable[[str], pathlib.Path]:
    """Return the function that writes a script."""

    def write(text: str) -> pathlib.Path:
        (tmp_path / "tool.py").write_text(text)
        return tmp_path / "tool.py"

    return write


Script = Callable[[str], pathlib.Path]

SHOW = """\
import glob, os, sys
print([os.fsencode(arg) for arg in sys.argv[1:]], repr(sys.stdin.read()))
print(os.path.basename(sys.argv[0]), glob.glob("/dev/shm/.tiny*") + glob.glob("/tmp/.tiny*"))
print("to stderr", file=sys.stderr)
raise SystemExit(3)
"""


def test_script_runs_there(ssh: Ssh, script: Script) -> None:
    """Arguments as they are, nothing to read, both outputs, the status; no file any more."""
    words = [
        "--pid",
        "",
        "a  b",
        "$HOME `id`",
        'it\'s "so"',
        "*",
        "\\n!",
        "--sudo",
        "caf\udce9",
    ]
    done = ssh("one", script(SHOW), *words)
    wanted = [os.fsencode(word) for word in words]
    assert done.stdout == f"{wanted} ''\ntool []\n"
    assert (done.returncode, done.stderr) == (3, "to stderr\n")


def test_what_belongs_to_the_script_goes_along(
    ssh: Ssh, script: Script, tmp_path: pathlib.Path, bpf: Callable[[str], pathlib.Path]
) -> None:
    """SCRIPT*.bpf.o beside it, and what --with names."""
    for name in ("tool.bpf.o", "tool_two.bpf.o", "other.bpf.o"):
        (tmp_path / name).write_bytes(bpf("guide").read_bytes())
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg/__init__.py").write_text("NAME = 'packed'\n")
    (tmp_path / "words.txt").write_text("words")
    path = script(
        "import pathlib, pkg, tinybpf\n"
        "here = pathlib.Path(__file__)\n"
        "for name in ('tool.bpf.o', 'tool_two.bpf.o', 'other.bpf.o'):\n"
        "    try:\n"
        "        print(len(tinybpf.open(here.with_name(name)).maps) > 0)\n"
        "    except OSError as error:\n"
        "        print(type(error).__name__)\n"
        "print(pkg.NAME, __loader__.get_data(str(here.with_name('words.txt'))))\n"
    )
    done = ssh("one", "--with", tmp_path / "pkg", f"--with={tmp_path / 'words.txt'}", path)
    assert done.stdout == "True\nTrue\nFileNotFoundError\npacked b'words'\n", done.stderr


def test_bundle_runs_there(ssh: Ssh, script: Script, bundle: Bundle) -> None:
    """A bundle is sent as it is."""
    done = ssh("one", bundle(script("print('bundled')\n")))
    assert (done.returncode, done.stdout, done.stderr) == (0, "bundled\n", "")
    done = ssh("one", "--with", "x", bundle(script("")))
    assert "is a bundle: it takes no --with and no --base" in done.stderr


def test_object_alone_runs_there(ssh: Ssh, bpf: Callable[[str], pathlib.Path]) -> None:
    """An object is a tool without any script."""
    done = ssh("one", bpf("guide"), "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "counts" in done.stdout


def test_lines_of_several_hosts_say_whose_they_are(ssh: Ssh, script: Script) -> None:
    """By a prefix, or a key in lines of JSON; the last line need have no end."""
    text = (
        "import os, sys\nprint('text')\nprint('{\"a\": 1}')\nprint('{}')\n"
        "print('error', file=sys.stderr)\nsys.stdout.write('end')\n"
        "raise SystemExit({'one': 0, 'two': 7}.get(os.environ.get('WHO'), 9))\n"
    )
    done = ssh("one,two,three", script(text))
    for host in ("one", "two", "three"):
        lines = [line for line in done.stdout.splitlines() if host in line]
        json_line = f'{{"_host": "{host}", "a": 1}}'
        assert lines == [f"{host}: text", json_line, f"{host}: {{}}", f"{host}: end"]
    errors = [f"{host}: error" for host in ("one", "three", "two")]
    assert sorted(done.stderr.splitlines()) == errors
    assert done.returncode == 7  # the first that is not 0, in the order of the hosts
    assert ssh("three,two", script(text)).returncode == 9
    done = ssh("nowhere,one", script(text))
    assert (done.returncode, "one: text" in done.stdout) == (255, True)
    assert "nowhere: ssh: connect to host" in done.stderr


def test_what_a_profile_prints_is_no_output(ssh: Ssh, script: Script) -> None:
    """What stands in front of the program's output goes to standard error."""
    done = ssh("noisy", script("print('output')\n"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "output\n", "welcome\n")


@contextlib.contextmanager
def started(
    server: sshd.Server, runner: pathlib.Path, path: pathlib.Path
) -> "Iterator[subprocess.Popen[bytes]]":
    """Start --ssh with a script that prints its pid first, which is in .first then."""
    env = {**PLAIN, "PATH": sshd.path_with(server)}
    with subprocess.Popen(
        [str(runner), "--ssh", "one", str(path)],
        env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def pid_of(process: "subprocess.Popen[bytes]") -> int:
    assert process.stdout is not None
    assert process.stderr is not None
    line = process.stdout.readline()
    assert line, process.stderr.read()
    return int(line)


def wait_for_end(pid: int) -> None:
    """Return when a process is no more."""
    late = time.monotonic() + WAIT_S
    while os.path.exists(f"/proc/{pid}"):
        assert time.monotonic() < late, f"process {pid} is left"
        time.sleep(0.01)


ENDLESS = """\
import os, signal, subprocess, sys, time
child = subprocess.Popen(["sleep", "1000"])
{before}
print(child.pid, flush=True)
try:
    time.sleep(1000)
except KeyboardInterrupt:
    child.kill()
    print("summary")
    raise SystemExit(5)
"""


def test_interrupt_is_the_programs(
    server: sshd.Server, runner: pathlib.Path, script: Script
) -> None:
    """Ctrl-C reaches it there; what it says then is seen, and its status."""
    with started(server, runner, script(ENDLESS.format(before=""))) as process:
        pid_of(process)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=WAIT_S)
    assert (process.returncode, out, err) == (5, b"summary\n", b"")


def test_second_interrupt_lets_go(
    server: sshd.Server, runner: pathlib.Path, script: Script
) -> None:
    """One that is not obeyed is followed by the end of the lifeline: SIGTERM."""
    text = ENDLESS.format(
        before="signal.signal(signal.SIGINT, lambda *a: print('no', flush=1))"
    )
    with started(server, runner, script(text)) as process:
        pid = pid_of(process)
        process.send_signal(signal.SIGINT)
        assert process.stdout is not None
        assert process.stdout.readline() == b"no\n"
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=WAIT_S)
    assert process.returncode == 128 + signal.SIGTERM
    wait_for_end(pid)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_program_ends_with_the_connection(
    server: sshd.Server, runner: pathlib.Path, script: Script, number: int
) -> None:
    """However this end ends, the program there does, and what it has started."""
    with started(server, runner, script(ENDLESS.format(before=""))) as process:
        pid = pid_of(process)
        process.send_signal(number)
        process.communicate(timeout=WAIT_S)
    assert process.returncode == (-9 if number == signal.SIGKILL else 128 + number)
    wait_for_end(pid)


def test_program_that_will_not_end_is_killed(
    server: sshd.Server, runner: pathlib.Path, script: Script
) -> None:
    """Five seconds after a SIGTERM that it ignores, with all of its group."""
    before = "for n in (1, 2, 15): signal.signal(n, signal.SIG_IGN)\n"
    before += "child = subprocess.Popen(['sleep', '1000'])"
    with started(server, runner, script(ENDLESS.format(before=before))) as process:
        pid = pid_of(process)
        process.kill()
        process.communicate(timeout=WAIT_S)
    wait_for_end(pid)


def test_closed_output_ends_it(ssh: Ssh, script: Script) -> None:
    """`| head`: who cannot tell any more ends the program, as a pipe would here."""
    read, write = os.pipe()
    os.close(read)
    try:
        done = ssh("one", script("while True: print('x' * 1000)\n"), stdout=write)
    finally:
        os.close(write)
    assert done.returncode == 128 + signal.SIGPIPE
    assert done.stderr == ""


def test_sudo_runs_all_of_it(ssh: Ssh, script: Script, server: sshd.Server) -> None:
    """`sudo -n` is before the shell that takes the bundle; its refusal is what is seen."""
    text = "import os, sys; print(os.environ['SUDO_UID'], sys.argv[1:])\n"
    done = ssh("one", "--sudo", script(text), "a b")
    assert (done.returncode, done.stdout, done.stderr) == (0, "0 ['a b']\n", "")
    server.put("sudo", 'exec /usr/bin/sudo -n -u nobody /usr/bin/sudo "$@"')
    done = ssh("one", "--sudo", script("print('ran')\n"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "sudo: a password is required\n"


def test_other_machines_are_refused(
    ssh: Ssh, script: Script, bundle: Bundle, server: sshd.Server
) -> None:
    """One that has no runner here says which to give by --base."""
    server.put("uname", "echo Linux riscv64")
    done = ssh("one", script("print('ran')\n"))
    assert (done.returncode, done.stdout) == (2, "")
    said = "one is riscv64, this is for x86_64: add --base with the tinybpf-run for riscv64"
    assert said.replace("x86_64", os.uname().machine) in done.stderr
    done = ssh("one", bundle(script("print('ran')\n")))
    assert "make the bundle for it, or name the script" in done.stderr
    server.put("uname", "echo FreeBSD amd64")
    assert "one is no Linux but FreeBSD" in ssh("one", script("")).stderr


def test_folders_that_take_no_program_are_passed_by(
    ssh: Ssh, script: Script, server: sshd.Server
) -> None:
    """noexec, or no room; what cannot be is told."""
    path = script("import sys; print(sys.executable)\n")
    server.inside("mount", "-o", "remount,noexec", "/dev/shm")
    try:
        done = ssh("one", path)
        assert (done.returncode, done.stderr) == (0, "")
    finally:
        server.inside("mount", "-o", "remount,exec,size=1m", "/dev/shm")
    try:
        done = ssh("one", path)
        assert (done.returncode, done.stdout) == (255, "")
        assert "it did not arrive whole: is there room?" in done.stderr
    finally:
        server.inside("mount", "-o", "remount,size=50%", "/dev/shm")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "say the hosts"),
        (["one"], "it takes HOST and FILE"),
        (["-oProxyCommand=x", "tool.py"], "say the hosts behind --ssh: HOST or HOST,HOST"),
        (["one,", "tool.py"], "say the hosts"),
        (["one", "--sdo", "tool.py"], "unknown option '--sdo'\n  nearest: '--sudo'"),
        (["one", "--with"], "--with takes a path"),
    ],
)
def test_wrong_words_are_told(ssh: Ssh, words: "list[str]", said: str) -> None:
    """With status 2 and the usage; the host is not even asked."""
    done = ssh(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "usage: tinybpf-run --ssh HOST[,HOST...]" in done.stderr


def test_files_that_are_none_are_told(ssh: Ssh, run: Run, tmp_path: pathlib.Path) -> None:
    """One that is missing, an executable that is no bundle, a machine without ssh."""
    done = ssh("one", tmp_path / "none.py")
    assert (done.returncode, "No such file" in done.stderr) == (1, True)
    done = ssh("one", "/bin/true")
    assert (done.returncode, "/bin/true is no tinybpf-run" in done.stderr) == (1, True)
    (tmp_path / "tool.py").write_text("")
    done = run("--ssh", "one", tmp_path / "tool.py", env={"PATH": "/nonexistent"})
    assert done.stderr == "tinybpf-run: --ssh takes the program ssh, which is not in PATH\n"


def test_help_says_how(run: Run) -> None:
    """--ssh --help."""
    done = run("--ssh", "--help")
    assert done.returncode == 0
    assert "--sudo" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 90
