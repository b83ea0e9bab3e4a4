# SPDX-License-Identifier: MIT
"""The rows of catalog/hook.c, read from its text: the kinds of hook that there are."""

import pathlib
import re
from typing import NamedTuple, Optional

SOURCE = pathlib.Path(__file__).resolve().parents[2] / "tinybpf/core/catalog/hook.c"
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# Methods that say the kind whatever the section of the program is.
METHODS = {
    "attach_kprobe": "kprobe",
    "attach_kretprobe": "kprobe",
    "attach_ksyscall": "ksyscall",
    "attach_uprobe": "uprobe",
    "attach_uretprobe": "uprobe",
    "attach_usdt": "usdt",
    "attach_tracepoint": "tracepoint",
    "attach_raw_tracepoint": "raw_tracepoint",
    "attach_perf_event": "perf_event",
    "attach_xdp": "xdp",
    "attach_xdp_netlink": "xdp",
    "attach_tc": "tc",
    "attach_tcx": "tcx",
    "attach_netkit": "netkit",
}


class Hook(NamedTuple):
    """A row of it."""

    name: str
    sections: list[str]
    types: list[str]
    attach_types: list[str]

    def takes(self, section: str) -> bool:
        """Tell whether a section is of this kind; "x+" stands for "x" and "x/..."."""
        return any(
            section == form.rstrip("+")
            or (form.endswith("+") and section.startswith(form[:-1] + "/"))
            for form in self.sections
        )


def hooks(text: str) -> list[Hook]:
    """Return the rows of catalog/hook.c."""
    rows = re.split(r"\{\.name = ", COMMENT.sub("", text))[1:]

    def column(row: str, name: str, item: str) -> list[str]:
        found = re.search(rf"\.{name} =\s*\w+\((.*?)\)", row, re.DOTALL)
        return re.findall(item, found.group(1)) if found else []

    return [
        Hook(
            row.split('"')[1],
            column(row, "sections", r'"([^"]+)"'),
            column(row, "types", r"BPF_\w+"),
            column(row, "attach_types", r"BPF_\w+"),
        )
        for row in rows
    ]


def kind(method: str, section: str, rows: list[Hook]) -> Optional[str]:
    """Return the kind of hook that a method attached a program of a section to."""
    return METHODS.get(method) or next((r.name for r in rows if r.takes(section)), None)
