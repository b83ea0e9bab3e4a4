# SPDX-License-Identifier: MIT
"""The suite itself."""
