# SPDX-License-Identifier: MIT
"""Objects with tests/bpf/ran.h: which of their programs ran, and what they are to return."""

import tinybpf
from support.objects import wait_for


class Ran:
    """The programs of an object by their numbers."""

    def __init__(self, obj: tinybpf.BpfObject) -> None:
        self.obj = obj

    def returns(self, **verdicts: int) -> "Ran":
        """Have programs return numbers; they are named as in C, "xdp_0"."""
        section = self.obj.bss
        assert section is not None
        for name, verdict in verdicts.items():
            section.verdicts[int(name.rpartition("_")[2])] = verdict
        return self

    def numbers(self) -> list[int]:
        """Return the numbers of those that ran, the first first, and forget them."""
        section = self.obj.bss
        assert section is not None
        found = list(section.ran[: section.n_runs])
        section.n_runs = 0
        return found

    def wait(self, *numbers: int) -> None:
        """Return once these have run, in this order, and nothing else; and forget them."""
        section = self.obj.bss
        assert section is not None
        wait_for(f"{len(numbers)} runs", lambda: bool(section.n_runs >= len(numbers)))
        assert self.numbers() == list(numbers)
