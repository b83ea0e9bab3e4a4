# SPDX-License-Identifier: MIT
"""Headers for BPF programs, libbpf's and our own; the module is made when tinybpf is built."""

FILES: dict[str, str]  # name -> text
