# SPDX-License-Identifier: MIT
"""Columns for other programs: Arrow's structs, its stream format, pickles."""
