# SPDX-License-Identifier: MIT
"""The matrix: the series of kernels that every change must pass on, by architecture.

"7" is the newest 7.x that the machine's mirror has. tests/meta checks that each test of
the kernel suite runs on one of these kernels at least.
"""

SERIES = {"x86_64": ["5.10", "6.1", "6.12", "7"], "aarch64": ["6.1", "7"]}
