# SPDX-License-Identifier: MIT
"""The classes of tinybpf._core with arguments, results, errors and kernel versions.

Stubs only: the classes are made by the C module. Each file stays short enough to read.
"""
