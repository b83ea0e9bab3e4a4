# SPDX-License-Identifier: MIT
"""Ring buffers and perf buffers."""
