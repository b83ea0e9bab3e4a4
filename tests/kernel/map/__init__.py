# SPDX-License-Identifier: MIT
"""Maps: as dictionaries, of every kind, walked, made, opened and pinned."""
