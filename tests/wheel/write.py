# SPDX-License-Identifier: MIT
"""Write columns of every kind as a stream of Arrow: write.py RECORDS.bpf.o STREAM."""

import sys
from typing import Any

import tinybpf

THING = {
    "name": b"h\xffllo \xc3\xa9",
    "mac": b"abcdef",
    "is_up": True,
    "state": -3,
    "wide": 2**64 - 1,
    "ratio": 2.5,
    "grid": ((1, -2, 3), (4, 5, 6)),
    "high": -7,
    "mode": 7,
    "huge": -2,
    "words": ("ab", "cdef"),
}


def things(obj: tinybpf.BpfObject) -> Any:
    """Return the columns of a map with one row that is not zero."""
    obj.maps["things"][3] = THING
    return obj.maps["things"].read_columns()


if __name__ == "__main__":
    with tinybpf.load(sys.argv[1]) as loaded, open(sys.argv[2], "wb") as file:
        things(loaded).write_ipc(file)
