# SPDX-License-Identifier: MIT
"""What this kernel and machine can and allow, and that refusals name it."""
