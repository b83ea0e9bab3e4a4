# SPDX-License-Identifier: MIT
"""Memory that is shared with the kernel: global variables and views."""
