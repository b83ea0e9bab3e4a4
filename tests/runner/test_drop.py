# SPDX-License-Identifier: MIT
"""--user and --caps: from root to exactly that, before Python starts."""

import os
import pathlib
import shutil

import pytest
from launch import Completed, Run

pytestmark = pytest.mark.real

BPF, PERFMON, NET_ADMIN = 1 << 39, 1 << 38, 1 << 12
SHOW = """\
import sys
rows = dict(line.split(":\\t", 1) for line in open("/proc/self/status") if ":\\t" in line)
print(*rows["Uid"].split(), sep=",")
print(*rows["Gid"].split(), sep=",")
print(*rows["Groups"].split(), sep=",")
print(*(int(rows["Cap" + name], 16) for name in ("Inh", "Prm", "Eff", "Bnd", "Amb")), sep=",")
print(rows["NoNewPrivs"].strip(), rows["Threads"].strip(), sys.argv[1:])
"""


def sets(kept: int) -> str:
    return f"0,{kept},{kept},{kept},0"


@pytest.mark.parametrize(
    ("options", "ids", "groups", "kept"),
    [
        (["--user", "1234:4321", "--caps", "bpf,perfmon"], (1234, 4321), "4321", BPF | PERFMON),
        (["--user=1234:4321"], (1234, 4321), "4321", 0),
        (["--user", "nobody:daemon", "--caps=CAP_BPF"], (65534, 1), "1", BPF),
        (["--caps", "net_admin,bpf"], (0, 0), "0,27", BPF | NET_ADMIN),
        (["--caps", "none"], (0, 0), "0,27", 0),
        (["-B", "--caps", "bpf", "-W", "ignore", "--caps=perfmon"], (0, 0), "0,27", PERFMON),
    ],
)
def test_process_is_exactly_what_was_said(
    run: Run, options: list[str], ids: tuple[int, int], groups: str, kept: int
) -> None:
    """Ids, groups and all five sets, of the one thread; the words are gone from argv."""
    done = run(*options, "-c", SHOW, "--user", "x", extra_groups=[0, 27])
    four = [",".join([str(number)] * 4) for number in ids]
    wanted = [*four, groups, sets(kept), "1 1 ['--user', 'x']"]
    assert done.stdout.splitlines() == wanted, done.stderr


def test_python_starts_as_that_user(run: Run, tmp_path: pathlib.Path) -> None:
    """What root alone may read is read by nobody: neither the script nor PYTHONPATH."""
    (tmp_path / "helper.py").write_text("print('read')\n")
    tmp_path.chmod(0o700)
    env = {"PYTHONPATH": str(tmp_path)}
    assert run("-c", "import helper", env=env).stdout == "read\n"
    done = run("--user", "1234:1234", "-c", "import helper", env=env)
    assert (done.returncode, done.stdout) == (1, "")
    assert "No module named 'helper'" in done.stderr
    done = run("--user", "1234:1234", tmp_path / "helper.py")
    assert done.returncode == 2
    assert "Permission denied" in done.stderr


@pytest.fixture
def bare(runner: pathlib.Path, public_dir: pathlib.Path) -> pathlib.Path:
    """Return a folder to be a root, with the executable and an empty /etc."""
    (public_dir / "etc").mkdir()
    shutil.copy(runner, public_dir / "run")
    (public_dir / "run").chmod(0o755)
    return public_dir


def in_root(run: Run, root: pathlib.Path, *args: str) -> Completed:
    """Run the executable with that folder as its root."""

    def enter() -> None:
        os.chroot(root)
        os.chdir("/")

    return run(*args, executable="/run", preexec_fn=enter)


IDS = "import os; print(os.getresuid(), os.getresgid(), sorted(os.getgroups()))"


def test_users_and_groups_are_those_of_the_files(run: Run, bare: pathlib.Path) -> None:
    """/etc/passwd and /etc/group are read; nothing else of a distribution is needed."""
    (bare / "etc/passwd").write_text("root:x:0:0::/:\ntool:x:1234:1000:Tool:/:/bin/sh\n")
    (bare / "etc/group").write_text("one:x:2000:tool\ntwo:x:2001:root,tool\nno:x:2002:root\n")
    for user in ("tool", "1234"):
        done = in_root(run, bare, "--user", user, "-c", IDS)
        wanted = "(1234, 1234, 1234) (1000, 1000, 1000) [1000, 2000, 2001]\n"
        assert done.stdout == wanted, done.stderr
    done = in_root(run, bare, "--user", "tool:no", "-c", IDS)
    assert done.stdout == "(1234, 1234, 1234) (2002, 2002, 2002) [2002]\n", done.stderr
    done = in_root(run, bare, "--user", "tol", "-c", IDS)
    assert done.stderr == "tinybpf-run: --user: there is no user 'tol'\n  nearest: 'tool'\n"
    done = in_root(run, bare, "--user", "tool:tow", "-c", IDS)
    assert done.stderr == "tinybpf-run: --user: there is no group 'tow'\n  nearest: 'two'\n"


def test_numbers_need_no_files(run: Run, bare: pathlib.Path) -> None:
    """In an empty root numbers work, and a name is refused with what to say."""
    done = in_root(run, bare, "--user", "1234:99", "-c", IDS)
    assert done.stdout == "(1234, 1234, 1234) (99, 99, 99) [99]\n", done.stderr
    done = in_root(run, bare, "--user", "nobody", "-c", IDS)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no user 'nobody': no /etc/passwd here; say numbers, UID:GID" in done.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--user"], "--user: who? NAME, UID or UID:GID"),
        (["--caps"], "--caps: which capabilities? bpf,perfmon is a list, none an empty"),
        (["--user="], "--user: '' is no user: say NAME, UID or UID:GID"),
        (["--user", "nobdy"], "--user: there is no user 'nobdy'\n  nearest: 'nobody'"),
        (["--user", "4294967295:1"], "--user: '4294967295' is out of range"),
        (["--user", "1:4294967295"], "--user: '4294967295' is out of range"),
        (["--user", "3999999999"], "his group is not known: say it, too, as in 3999999999:"),
        (["--caps", "bfp"], "--caps: there is no capability 'bfp'\n  nearest: 'bpf'"),
        (["--caps", "bpf,,perfmon"], "--caps: a capability is missing in 'bpf,,perfmon'"),
        (["--caps", "none,bpf"], "--caps: there is no capability 'none'"),
        (["--caps", "x" * 5000], "--caps: there is no capability 'xxxx"),
    ],
)
def test_what_cannot_be_is_refused(run: Run, options: list[str], said: str) -> None:
    """With status 2 and the nearest name; the program does not run."""
    rest = [] if options in (["--user"], ["--caps"]) else ["-c", "print('ran')"]
    done = run(*options, *rest)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("tinybpf-run: ")
    assert said in done.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--caps", "bpf"], "--caps: this process does not have CAP_BPF, and cannot keep it"),
        (["--caps", "none"], "--caps: this process lacks CAP_SETPCAP, which root has"),
        (["--user", "0:0"], "--user: this process lacks CAP_SETGID, CAP_SETUID, CAP_SETPCAP"),
    ],
)
def test_only_root_can_become_less(
    run: Run, bare: pathlib.Path, options: list[str], said: str
) -> None:
    """Others are told what they lack."""
    done = run(*options, "-c", "print('ran')", executable=bare / "run", user=65534, cwd="/")
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_children_have_no_capabilities(run: Run) -> None:
    """Programs that the script starts have none, as root, too, and cannot regain them."""
    code = """
import subprocess
show = ["cat", "/proc/self/status"]
rows = subprocess.run(show, stdout=subprocess.PIPE, text=True).stdout.splitlines()
print([row.split()[1] for row in rows if row[:6] in ("CapPrm", "CapEff", "CapAmb")])
"""
    done = run("--caps", "bpf,perfmon", "-c", code)
    assert done.stdout == f"{['0' * 16] * 3}\n", done.stderr


def test_help_shows_both(run: Run) -> None:
    """--help has a row for each."""
    rows = run("--help").stdout.splitlines()
    assert any(row.startswith("  --user NAME ") for row in rows)
    assert any(row.startswith("  --caps LIST ") for row in rows)
