# SPDX-License-Identifier: MIT
"""Run an object of a bundle that has no script: all arguments are its options."""

import os
import sys

import _tbpy_bundle
from tinybpf import _run


def run(name):
    """Run the object of this name, and end with its status."""
    program = os.path.basename(sys.argv[0])
    path = f"{_tbpy_bundle.ROOT}/{name}"
    sys.exit(_run.main([path, *sys.argv[1:]], program, program))
