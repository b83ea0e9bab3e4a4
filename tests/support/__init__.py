# SPDX-License-Identifier: MIT
"""What the tests share: the host, the leak check, traffic, children, ELF files.

Nothing here imports more than pytest and tinybpf, and all of it runs on Python 3.9
and inside tinybpf-run.
"""
