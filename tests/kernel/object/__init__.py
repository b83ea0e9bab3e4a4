# SPDX-License-Identifier: MIT
"""Objects: opened, set, loaded, closed."""
