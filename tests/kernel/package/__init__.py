# SPDX-License-Identifier: MIT
"""The package as its users see it: names, help, commands, pages, examples, old programs."""
