# SPDX-License-Identifier: MIT
"""The kernel suite: the live kernel, by real programs; a folder for each of tinybpf/core.

What belongs to no folder of core is in package/ (what a user sees of the package as a
whole), process/ (what ends, interrupts or divides a process) and harness/ (the suite
itself). The folders are packages, so that names of files may repeat in them.
"""
