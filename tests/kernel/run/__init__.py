# SPDX-License-Identifier: MIT
"""Objects that are run without a script: `tinybpf-run x.bpf.o`, `python -m tinybpf run`."""
