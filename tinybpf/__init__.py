# SPDX-License-Identifier: MIT
"""Load and drive compiled BPF objects (.bpf.o) from Python."""

from __future__ import annotations

from _collections_abc import Mapping, Sequence

from tinybpf._core import (
    BPF_ANY,
    BPF_EXIST,
    BPF_NOEXIST,
    BpfClosedError,
    BpfError,
    BpfLink,
    BpfLinks,
    BpfMap,
    BpfMapView,
    BpfNotSupportedError,
    BpfObject,
    BpfPermissionError,
    BpfProgram,
    BpfRelocationError,
    BpfRingBuffer,
    BpfVerifierError,
    MapCollection,
    ProgramCollection,
    TestRun,
    libbpf_version,
    load,
    version,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tinybpf._core import BpfMapType, BpfProgType

__version__ = version()

__all__ = [
    "BPF_ANY",
    "BPF_EXIST",
    "BPF_NOEXIST",
    "BpfClosedError",
    "BpfError",
    "BpfLink",
    "BpfLinks",
    "BpfMap",
    "BpfMapType",
    "BpfMapView",
    "BpfNotSupportedError",
    "BpfObject",
    "BpfPermissionError",
    "BpfProgType",
    "BpfProgram",
    "BpfRelocationError",
    "BpfRingBuffer",
    "BpfVerifierError",
    "MapCollection",
    "ProgramCollection",
    "TestRun",
    "__version__",
    "libbpf_version",
    "load",
    "version",
]

Mapping.register(ProgramCollection)
Mapping.register(MapCollection)
Sequence.register(BpfLinks)


def __getattr__(name: str) -> object:
    """Make the enums when they are first asked for: importing enum takes its time."""
    if name in ("BpfMapType", "BpfProgType"):
        from tinybpf import _core

        value = globals()[name] = getattr(_core, name)
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
