# SPDX-License-Identifier: MIT
"""The system: what is loaded and who holds it, what this host has, and what it lacks."""
