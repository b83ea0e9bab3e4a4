# SPDX-License-Identifier: MIT
"""Make a bundle: a copy of tinybpf-run with a program's files appended (bundle.h)."""

# What 32-bit offsets reach, and more than anybody wants to start.
LARGEST = 1 << 30


class BundleError(Exception):
    """A bundle cannot be made, or read; the message says why and what to do."""


# What compiling a file that is no Python raises.
NO_PYTHON = (SyntaxError, ValueError, RecursionError)
