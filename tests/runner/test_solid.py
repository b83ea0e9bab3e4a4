# SPDX-License-Identifier: MIT
"""The executable's blocks have the same bytes whichever xz made them (runner/solid.py)."""

import os
import pathlib
import shutil
import subprocess
import sys

RUNNER = pathlib.Path(__file__).resolve().parents[2] / "runner"


def check_xz(**environment: str) -> str:
    """Return what a build would say of the xz that it finds."""
    done = subprocess.run(
        [sys.executable, "-B", "-c", "import solid; solid.check_xz()"],
        env={**os.environ, "PYTHONPATH": str(RUNNER), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == ""
    return done.stderr


def test_xz_makes_the_bytes_of_the_release() -> None:
    """The machine's xz makes of the sample what 5.2, 5.4 and 5.8 make of it."""
    assert check_xz() == ""


def test_settings_of_xz_do_not_reach_it() -> None:
    """XZ_OPT and XZ_DEFAULTS, which xz reads, change nothing."""
    assert check_xz(XZ_OPT="--lzma1=preset=0", XZ_DEFAULTS="--memlimit=1MiB") == ""


def test_an_xz_that_makes_other_bytes_is_told(tmp_path: pathlib.Path) -> None:
    """Who builds with an encoder of another kind hears that the bytes will differ."""
    xz = shutil.which("xz")
    (tmp_path / "xz").write_text(
        f"#!/bin/sh\nexec {xz} --format=raw --stdout --lzma1=preset=1\n"
    )
    (tmp_path / "xz").chmod(0o755)
    said = check_xz(PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert "have other bytes than the release" in said
