# SPDX-License-Identifier: MIT
"""Bytes as Python values: the types of an object, and their records."""
