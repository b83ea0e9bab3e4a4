# SPDX-License-Identifier: MIT
"""Programs: what they say of themselves, and their test runs."""
