# SPDX-License-Identifier: MIT
"""What errors say: their classes, libbpf's lines, the verifier, CO-RE."""
