# SPDX-License-Identifier: MIT
"""The consumers of rings, in C, against a producer that does as the kernel's."""

import os
import pathlib
import subprocess


def test_rings_are_read_whatever_a_page_has() -> None:
    """Positions, wrap-around, busy and discarded records, with pages of up to 64 KiB."""
    program = pathlib.Path(os.environ["TINYBPF_BUILD"], "check_ring")
    done = subprocess.run([program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "ok 4096\nok 16384\nok 65536\n")
