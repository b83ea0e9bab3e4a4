# SPDX-License-Identifier: MIT
"""Load and drive compiled BPF objects (.bpf.o) from Python.

    import tinybpf

    with tinybpf.load("tool.bpf.o") as obj, obj.attach():
        obj.maps["counts"][1234] = 0
        with tinybpf.BpfRingBuffer(obj.maps["events"], callback=print) as ring:
            ring.poll(timeout_ms=1000)

What people do, and with what; help() of each says more:

    load an object           load(path), open(path), open_bytes(data), BpfObject
    let its programs run     obj.attach(), BpfProgram.attach_...(), BpfLink
    ask the kernel's lists   BpfProgram.attach_iter(), link.read(), for line in link
    make one of several      link(*paths)
    run one program once     BpfProgram.test_run()
    see what programs cost   enable_stats(), BpfProgram.info
    read and write maps      obj.maps["name"]: BpfMap; BpfMap.create(), open_pinned_map()
    read and write globals   obj.bss, obj.data, obj.rodata: View
    receive events           BpfRingBuffer, BpfPerfBuffer
    send to programs         BpfUserRingBuffer
    read what they print     prog.stdout, prog.stderr, trace_pipe()
    columns for analysis     rb.read_columns(), m.read_columns(): Columns
    use structs of the C     obj.types, Record; m.typed() for classes of ctypes
    ask for types            Btf, BtfType
    name addresses           Symbols, Symbol
    draw a profile           folded(), flamegraph()
    see what hangs where     prog_query(), xdp_query(), tc_query()
    ask what this host can   features
    see what is loaded       iter_programs(), iter_maps(), iter_links(), iter_btfs()
    give up privileges       drop_privileges()
    see why it failed        BpfError and the classes below it: .errno, .libbpf_log

Begin with help(tinybpf.load), help(tinybpf.BpfObject) and help(tinybpf.BpfMap). The enums,
constants and classes of errors stand below with all the rest. `python -m tinybpf --help`
is the command line. Editors read the same texts in the stubs, tinybpf/_core.pyi and
tinybpf/_reference/*.pyi.
"""

from __future__ import annotations

from _collections_abc import Mapping, MutableMapping, Sequence

try:
    from tinybpf._core import *
except ModuleNotFoundError as error:
    from os.path import isdir

    if error.name != "tinybpf._core" or not isdir(f"{__path__[0]}/core"):
        raise
    raise ModuleNotFoundError(
        f"{__path__[0]} is the source of tinybpf, without the compiled tinybpf._core: install "
        "the wheel and start in another folder, or run the script by ./dev run",
        name=error.name,
    ) from None
from tinybpf import _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tinybpf._features import Feature, Features, KernelFacts, features
    from tinybpf._flame import flamegraph, folded
    from tinybpf._links import (
        AttachedProgram,
        CgroupLinkInfo,
        IterLinkInfo,
        KprobeLinkInfo,
        KprobeMultiLinkInfo,
        KretprobeLinkInfo,
        LinkInfo,
        NetfilterLinkInfo,
        NetkitLinkInfo,
        NetnsLinkInfo,
        PerfEventLinkInfo,
        ProgQuery,
        RawTracepointLinkInfo,
        SockmapLinkInfo,
        StructOpsLinkInfo,
        TcFilter,
        TcxLinkInfo,
        TracepointLinkInfo,
        TracingLinkInfo,
        UprobeLinkInfo,
        UprobeMultiLinkInfo,
        UretprobeLinkInfo,
        XdpLinkInfo,
        XdpQuery,
    )
    from tinybpf._system import Holder, LinkStats, LoadedBtf, ObjectStats, ProgramStats, Seen
    from tinybpf._values import (
        BtfField,
        BtfType,
        MapInfo,
        ProgramInfo,
        ProgramLine,
        RingBufferEvent,
        RingStats,
    )

__version__ = _core.version()

__all__ = [
    "BPF_ANY",
    "BPF_DROP",
    "BPF_EXIST",
    "BPF_FLOW_DISSECTOR_CONTINUE",
    "BPF_F_ALL_CPUS",
    "BPF_F_CPU",
    "BPF_F_INNER_MAP",
    "BPF_F_LOCK",
    "BPF_F_MMAPABLE",
    "BPF_F_NO_COMMON_LRU",
    "BPF_F_NO_PREALLOC",
    "BPF_F_PRESERVE_ELEMS",
    "BPF_F_RDONLY",
    "BPF_F_RDONLY_PROG",
    "BPF_F_STACK_BUILD_ID",
    "BPF_F_WRONLY",
    "BPF_F_WRONLY_PROG",
    "BPF_LWT_REROUTE",
    "BPF_NOEXIST",
    "BPF_OK",
    "BPF_REDIRECT",
    "NETKIT_DROP",
    "NETKIT_NEXT",
    "NETKIT_PASS",
    "NETKIT_REDIRECT",
    "NF_ACCEPT",
    "NF_DROP",
    "SK_DROP",
    "SK_PASS",
    "TCX_DROP",
    "TCX_NEXT",
    "TCX_PASS",
    "TCX_REDIRECT",
    "TC_ACT_OK",
    "TC_ACT_PIPE",
    "TC_ACT_QUEUED",
    "TC_ACT_RECLASSIFY",
    "TC_ACT_REDIRECT",
    "TC_ACT_REPEAT",
    "TC_ACT_SHOT",
    "TC_ACT_STOLEN",
    "TC_ACT_TRAP",
    "TC_ACT_UNSPEC",
    "XDP_ABORTED",
    "XDP_DROP",
    "XDP_PASS",
    "XDP_REDIRECT",
    "XDP_TX",
    "AttachedProgram",
    "BpfAttachType",
    "BpfClosedError",
    "BpfError",
    "BpfLines",
    "BpfLink",
    "BpfLinkType",
    "BpfLinks",
    "BpfMap",
    "BpfMapType",
    "BpfMapView",
    "BpfNotSupportedError",
    "BpfObject",
    "BpfPerfBuffer",
    "BpfPermissionError",
    "BpfProgType",
    "BpfProgram",
    "BpfRelocationError",
    "BpfRetCode",
    "BpfRingBuffer",
    "BpfStats",
    "BpfUserRingBuffer",
    "BpfVerifierError",
    "Btf",
    "BtfField",
    "BtfKind",
    "BtfType",
    "BtfValidationError",
    "CgroupLinkInfo",
    "Columns",
    "Feature",
    "Features",
    "Holder",
    "IterLinkInfo",
    "KernelFacts",
    "KprobeLinkInfo",
    "KprobeMultiLinkInfo",
    "KretprobeLinkInfo",
    "LinkInfo",
    "LinkStats",
    "LoadedBtf",
    "MapCollection",
    "MapInfo",
    "NetfilterLinkInfo",
    "NetkitAction",
    "NetkitLinkInfo",
    "NetnsLinkInfo",
    "NfVerdict",
    "ObjectStats",
    "PerfEventLinkInfo",
    "ProgQuery",
    "ProgramCollection",
    "ProgramInfo",
    "ProgramLine",
    "ProgramStats",
    "RawTracepointLinkInfo",
    "Record",
    "RingBufferEvent",
    "RingStats",
    "Seen",
    "SkAction",
    "SockmapLinkInfo",
    "StructOpsLinkInfo",
    "Symbol",
    "Symbols",
    "TcAction",
    "TcFilter",
    "TcxAction",
    "TcxLinkInfo",
    "TestRun",
    "TracepointLinkInfo",
    "TracingLinkInfo",
    "TypeCollection",
    "UprobeLinkInfo",
    "UprobeMultiLinkInfo",
    "UretprobeLinkInfo",
    "View",
    "XdpAction",
    "XdpLinkInfo",
    "XdpQuery",
    "__version__",
    "drop_privileges",
    "enable_stats",
    "features",
    "flamegraph",
    "folded",
    "init",
    "iter_btfs",
    "iter_links",
    "iter_maps",
    "iter_programs",
    "libbpf_version",
    "link",
    "load",
    "open",
    "open_bytes",
    "open_pinned_link",
    "open_pinned_map",
    "open_pinned_program",
    "prog_query",
    "tc_query",
    "trace_pipe",
    "version",
    "xdp_query",
]

# What needs dataclasses, and where it is; what needs enum is in _core. Both take their time.
_LAZY = {
    "AttachedProgram": "_links",
    "BtfField": "_values",
    "BtfType": "_values",
    "CgroupLinkInfo": "_links",
    "Feature": "_features",
    "Features": "_features",
    "Holder": "_system",
    "IterLinkInfo": "_links",
    "KernelFacts": "_features",
    "KprobeLinkInfo": "_links",
    "KprobeMultiLinkInfo": "_links",
    "KretprobeLinkInfo": "_links",
    "LinkInfo": "_links",
    "LinkStats": "_system",
    "LoadedBtf": "_system",
    "MapInfo": "_values",
    "NetfilterLinkInfo": "_links",
    "NetkitLinkInfo": "_links",
    "NetnsLinkInfo": "_links",
    "PerfEventLinkInfo": "_links",
    "ObjectStats": "_system",
    "ProgQuery": "_links",
    "ProgramInfo": "_values",
    "ProgramLine": "_values",
    "ProgramStats": "_system",
    "RawTracepointLinkInfo": "_links",
    "RingBufferEvent": "_values",
    "RingStats": "_values",
    "Seen": "_system",
    "SockmapLinkInfo": "_links",
    "StructOpsLinkInfo": "_links",
    "TcFilter": "_links",
    "TcxLinkInfo": "_links",
    "TracepointLinkInfo": "_links",
    "TracingLinkInfo": "_links",
    "UprobeLinkInfo": "_links",
    "UprobeMultiLinkInfo": "_links",
    "UretprobeLinkInfo": "_links",
    "XdpLinkInfo": "_links",
    "XdpQuery": "_links",
    "features": "_features",
    "flamegraph": "_flame",
    "folded": "_flame",
}

Mapping.register(_core.ProgramCollection)
Mapping.register(_core.MapCollection)
Mapping.register(_core.TypeCollection)
MutableMapping.register(_core.BpfMap)
Sequence.register(_core.BpfLinks)


if not TYPE_CHECKING:  # a checker would take every name for one of ours

    def __getattr__(name: str) -> object:
        """Import what is first asked for now."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        where = _LAZY.get(name, "_core")
        value = globals()[name] = getattr(import_module("tinybpf." + where), name)
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
