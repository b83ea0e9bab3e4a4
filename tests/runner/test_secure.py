# SPDX-License-Identifier: MIT
"""tinybpf-run refuses to be a privilege boundary."""

import os
import pathlib
import shutil
import subprocess

import pytest

pytestmark = pytest.mark.real

NOBODY = 65534


@pytest.fixture
def copy(runner: pathlib.Path, public_dir: pathlib.Path) -> pathlib.Path:
    """Return a copy of the executable that other users can run."""
    path = public_dir / "tinybpf-run"
    shutil.copy(runner, path)
    path.chmod(0o755)
    return path


def run_as_nobody(path: pathlib.Path, **env: str) -> "subprocess.CompletedProcess[str]":
    """Run code that would print its identity, as a user without privilege."""
    command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", str(path)]
    return subprocess.run(
        [*command, "-c", "import os; print(os.geteuid())"],
        capture_output=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, **env},
    )


def check_refused(done: "subprocess.CompletedProcess[str]") -> None:
    assert (done.returncode, done.stdout) == (2, "")
    assert "refusing to start with privilege" in done.stderr
    assert "setpriv" in done.stderr


def test_setuid_copy_exits_2(copy: pathlib.Path) -> None:
    """A setuid executable says why it does not start."""
    copy.chmod(0o4755)
    check_refused(run_as_nobody(copy))


def test_file_capabilities_exit_2(copy: pathlib.Path) -> None:
    """So does one with file capabilities."""
    # CAP_NET_RAW, permitted and effective: struct vfs_cap_data, revision 2.
    data = b"".join(n.to_bytes(4, "little") for n in (0x02000001, 1 << 13, 0, 0, 0))
    os.setxattr(copy, "security.capability", data)
    check_refused(run_as_nobody(copy))


def test_nothing_of_the_environment_is_looked_at(copy: pathlib.Path) -> None:
    """Not even by the allocator, which reads its variables before main()."""
    shown = run_as_nobody(copy, MIMALLOC_VERBOSE="1")
    assert "mimalloc: process init" in shown.stderr
    copy.chmod(0o4755)
    plain = run_as_nobody(copy)
    check_refused(plain)
    assert run_as_nobody(copy, MIMALLOC_VERBOSE="1").stderr == plain.stderr


def test_plain_copy_starts(copy: pathlib.Path) -> None:
    """The same file without them runs as the caller."""
    done = run_as_nobody(copy)
    assert (done.returncode, done.stdout) == (0, f"{NOBODY}\n"), done.stderr
