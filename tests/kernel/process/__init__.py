# SPDX-License-Identifier: MIT
"""What concerns the process as a whole: signals, threads, its end."""
