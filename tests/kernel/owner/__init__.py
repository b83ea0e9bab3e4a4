# SPDX-License-Identifier: MIT
"""The lives of what owns a handle of the kernel."""
