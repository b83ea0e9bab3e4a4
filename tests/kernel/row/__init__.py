# SPDX-License-Identifier: MIT
"""Records as lines of text: what who runs an object without a script sees of events."""
