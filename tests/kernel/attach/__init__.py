# SPDX-License-Identifier: MIT
"""Attaching, links, and attachments that outlive them."""
