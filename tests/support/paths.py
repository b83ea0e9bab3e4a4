# SPDX-License-Identifier: MIT
"""Paths of which a test knows what is there, on whatever machine it runs."""

import pathlib
import secrets
import shutil
import tempfile

_NAME = "tinybpf-none-" + secrets.token_hex(8)
MISSING = str(pathlib.Path(tempfile.gettempdir(), _NAME))  # nothing is there
NO_PIN = "/sys/fs/bpf/" + _NAME  # nothing is there either
TEXT = str(pathlib.Path(__file__).resolve())  # a file that is no program
FOLDER = str(pathlib.Path(__file__).resolve().parent)  # a folder, on no BPF file system
SETPRIV = shutil.which("setpriv") or "setpriv"  # a stripped program, which the suite needs
