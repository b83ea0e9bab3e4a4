# SPDX-License-Identifier: MIT
"""Fixtures and hooks of pytest by concern; tests/conftest.py lists them.

None of them imports another: what they do stands in the modules of support, which tests
of the harness use without pytest's machinery.
"""
