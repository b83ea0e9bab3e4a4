# SPDX-License-Identifier: MIT
"""Classes of ctypes and built-in types in place of BTF's."""
