# SPDX-License-Identifier: MIT
"""Lines of events, as an object that is run writes them: out of a full ring to /dev/null.

It loads direct.bpf.o, then reads "json" or "table" from standard input, one a line, and
answers each with the nanoseconds that its records took.
"""

import os
import sys
from time import perf_counter_ns

import tinybpf
from tinybpf import _core
from tinybpf._run import events, formats, options

RECORDS = 65_536


def main() -> None:
    """Answer what standard input asks for."""
    constants = {"burst": RECORDS}
    null = os.open(os.devnull, os.O_WRONLY)
    with tinybpf.load(sys.argv[1], rodata=constants) as obj, obj.attach():
        tags = _core._tags(obj.btf) if obj.btf else []
        kinds = {}
        for name in ("json", "table"):
            no_formats = formats.Choice({}, tags)
            (kinds[name],) = events.plan(
                obj, tags, options.Options(), no_formats, name == "json"
            )
            kinds[name].open()
        for line in sys.stdin:
            one = kinds[line.strip()]
            obj.maps["writer"][0] = os.getpid()
            start = perf_counter_ns()
            n = 0
            while n < RECORDS:
                lines, taken = one.read(-1)
                os.write(null, lines)
                n += taken
            print(perf_counter_ns() - start, flush=True)


if __name__ == "__main__":
    main()
