# SPDX-License-Identifier: MIT
"""libbpf's headers for BPF programs; the module is made when tinybpf is built."""

FILES: dict[str, str]  # name -> text
