# SPDX-License-Identifier: MIT
"""A real load, and a value that goes through the kernel and back."""

import sys

import tinybpf

with tinybpf.load(sys.argv[1]) as obj:
    counts = obj.maps["counts"]
    counts[7] = 41
    counts[7] += 1
    print("loaded by", tinybpf.__version__, dict(counts.items()))
