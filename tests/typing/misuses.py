# SPDX-License-Identifier: MIT
"""Mistakes that mypy must find: each line is excused for its one error, no other.

An excuse that is not needed is an error under --strict, so this file fails where a
mistake goes unnoticed. Checked, never run.
"""

import tinybpf


def mistakes(obj: tinybpf.BpfObject) -> None:
    """Each statement is wrong in one way."""
    tinybpf.load(3)  # type: ignore[arg-type]
    tinybpf.load()  # type: ignore[call-arg]
    tinybpf.nothing  # type: ignore[attr-defined]  # noqa: B018
    obj.nothing  # type: ignore[attr-defined]  # noqa: B018
    obj.name = "x"  # type: ignore[misc]
    obj.maps["counts"] = 3  # type: ignore[index]
    obj.maps[3]  # type: ignore[index]
    obj.map("counts").update(1, 2, flags="any")  # type: ignore[call-overload]
    obj.map("counts").update(1)  # type: ignore[call-overload]
    obj.map("counts").info.type = 3  # type: ignore[misc, assignment]
    tinybpf.open_pinned_map(3)  # type: ignore[call-overload]
    obj.map("counts").typed(key=3)  # type: ignore[call-overload]
    obj.program("main").type = "xdp"  # type: ignore[assignment]
    tinybpf.BpfRingBuffer(obj, print)  # type: ignore[call-overload]
    tinybpf.BpfRingBuffer(obj.maps["events"], lambda: None)  # type: ignore[arg-type, misc]
    tinybpf.BpfRingBuffer(obj.maps["events"], event_type="event", as_memoryview=True)  # type: ignore[call-overload]
    tinybpf.BpfRingBuffer().add()  # type: ignore[call-overload]
    tinybpf.BpfRingBuffer().poll("1")  # type: ignore[arg-type]
    tinybpf.BpfError("message", errno="EPERM")  # type: ignore[arg-type]


class Mine(tinybpf.BpfMap):  # type: ignore[misc]
    """The handle classes are final."""
