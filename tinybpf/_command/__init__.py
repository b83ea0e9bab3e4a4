# SPDX-License-Identifier: MIT
"""The commands of `python -m tinybpf`, one a module, which has declare() and run().

`declare(parser)` says which arguments there are; `run(args)` does it and prints. What a
command raises of BpfError, OSError and KeyError is told in a line, with status 1.
"""
