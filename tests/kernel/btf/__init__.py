# SPDX-License-Identifier: MIT
"""BTF by itself: where it comes from, its types, the few that objects need."""
