# SPDX-License-Identifier: MIT
"""What the kernel says of links: a class for each kind, `BpfLink.info`.

Imported when the first one is asked for: importing dataclasses takes its time.
"""

from __future__ import annotations

from dataclasses import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tinybpf._core import BpfAttachType, BpfLinkType


@dataclass(frozen=True)
class LinkInfo:
    """What a link is: `BpfLink.info`. Each kind has a class of its own, below this one.

    Attributes:
        type: kind of link.
        id: number that the kernel knows it by.
        prog_id: number of its program; 0 of a struct_ops.
        missing: what of a link of several could not be had, such as CPUs that are
            offline; "" if nothing. The rest is told of the first of them.
    """

    missing = ""  # not a field: it is the same for all but few

    type: BpfLinkType
    id: int
    prog_id: int


@dataclass(frozen=True)
class RawTracepointLinkInfo(LinkInfo):
    """The link of a raw or tp_btf tracepoint; before 6.17 the cookie is told as 0."""

    name: str
    cookie: int


@dataclass(frozen=True)
class TracingLinkInfo(LinkInfo):
    """The link of a fentry, fexit, fmod_ret, LSM or freplace program.

    Attributes:
        target_obj_id: number of the BTF of its target; of a freplace program, that of
            the program which it replaces a function of.
        target_btf_id: number of the function's type there.
        cookie: 0 before 6.17, where the kernel does not tell it.
    """

    attach_type: BpfAttachType
    target_obj_id: int
    target_btf_id: int
    cookie: int


@dataclass(frozen=True)
class CgroupLinkInfo(LinkInfo):
    """The link of a cgroup, which has the id 0 once it is gone."""

    cgroup_id: int
    attach_type: BpfAttachType


@dataclass(frozen=True)
class IterLinkInfo(LinkInfo):
    """The link of an iterator.

    Attributes:
        target: what it walks over, such as 'task' or 'bpf_map_elem'.
        map_id: number of the map whose entries it walks over, of such a target.
        cgroup_id: number of the cgroup that it begins at, of the target 'cgroup'.
        order: its `enum bpf_cgroup_iter_order`: 1 self, 2 pre, 3 post, 4 up, 5 children.
        tid: the one thread that it looks at, of the targets 'task...'; 0: all.
        pid: the one process; 0: all.

    The kernel has one place for the last four: only those of the target mean something.
    """

    target: str
    map_id: int
    cgroup_id: int
    order: int
    tid: int
    pid: int


@dataclass(frozen=True)
class NetnsLinkInfo(LinkInfo):
    """The link of a network namespace, which has the inode 0 once it is gone."""

    netns_ino: int
    attach_type: BpfAttachType


@dataclass(frozen=True)
class XdpLinkInfo(LinkInfo):
    """The link of an xdp program; the interface is 0 once it is gone, or detached."""

    ifindex: int


@dataclass(frozen=True)
class UprobeLinkInfo(LinkInfo):
    """The link of a uprobe (6.6). The last one is 0 where the kernel does not tell it."""

    path: str
    offset: int
    cookie: int
    ref_ctr_offset: int


@dataclass(frozen=True)
class UretprobeLinkInfo(UprobeLinkInfo):
    """The link of a uretprobe."""


@dataclass(frozen=True)
class KprobeLinkInfo(LinkInfo):
    """The link of a kprobe (6.6). The address is 0 where this process may not see it."""

    func_name: str
    offset: int
    addr: int
    missed: int
    cookie: int


@dataclass(frozen=True)
class KretprobeLinkInfo(KprobeLinkInfo):
    """The link of a kretprobe."""


@dataclass(frozen=True)
class TracepointLinkInfo(LinkInfo):
    """The link of a tracepoint (6.6)."""

    name: str
    cookie: int


@dataclass(frozen=True)
class PerfEventLinkInfo(LinkInfo):
    """The link of another perf event (6.6): its type and config as perf_event_open has them."""

    event_type: int
    config: int
    cookie: int


@dataclass(frozen=True)
class KprobeMultiLinkInfo(LinkInfo):
    """The link of many kernel functions (6.6), by address, with a cookie for each."""

    addrs: tuple[int, ...]
    cookies: tuple[int, ...]
    flags: int
    missed: int


@dataclass(frozen=True)
class StructOpsLinkInfo(LinkInfo):
    """The link of a struct_ops: the number of its map."""

    map_id: int


@dataclass(frozen=True)
class NetfilterLinkInfo(LinkInfo):
    """The link of a netfilter program: numbers of NFPROTO_* and of the hook."""

    pf: int
    hooknum: int
    priority: int
    flags: int


@dataclass(frozen=True)
class TcxLinkInfo(LinkInfo):
    """The link of a tcx program; the interface is 0 once it is gone, or detached."""

    ifindex: int
    attach_type: BpfAttachType


@dataclass(frozen=True)
class UprobeMultiLinkInfo(LinkInfo):
    """The link of many places in one binary (6.8), with a cookie for each."""

    path: str
    offsets: tuple[int, ...]
    ref_ctr_offsets: tuple[int, ...]
    cookies: tuple[int, ...]
    flags: int
    pid: int


@dataclass(frozen=True)
class NetkitLinkInfo(LinkInfo):
    """The link of a netkit program; the interface is 0 once it is gone, or detached."""

    ifindex: int
    attach_type: BpfAttachType


@dataclass(frozen=True)
class SockmapLinkInfo(LinkInfo):
    """The link of a map of sockets."""

    map_id: int
    attach_type: BpfAttachType


CLASSES = (
    LinkInfo,
    RawTracepointLinkInfo,
    TracingLinkInfo,
    CgroupLinkInfo,
    IterLinkInfo,
    NetnsLinkInfo,
    XdpLinkInfo,
    UprobeLinkInfo,
    UretprobeLinkInfo,
    KprobeLinkInfo,
    KretprobeLinkInfo,
    TracepointLinkInfo,
    PerfEventLinkInfo,
    KprobeMultiLinkInfo,
    StructOpsLinkInfo,
    NetfilterLinkInfo,
    TcxLinkInfo,
    UprobeMultiLinkInfo,
    NetkitLinkInfo,
    SockmapLinkInfo,
)
for _class in CLASSES:
    _class.__module__ = "tinybpf"


@dataclass(frozen=True)
class AttachedProgram:
    """A program at a hook, as prog_query() lists it.

    Attributes:
        prog_id: number of the program.
        link_id: number of the link that it is attached by; 0: none, or of a hook where
            the kernel does not tell it (tcx and netkit only).
        flags: BPF_F_ bits that it was attached with, of cgroups, from 6.0 on.
    """

    prog_id: int
    link_id: int = 0
    flags: int = 0


@dataclass(frozen=True)
class ProgQuery:
    """What hangs at a hook: prog_query().

    Attributes:
        programs: in the order in which they run.
        revision: changes with each change of the list; 0 where there is none.
        flags: BPF_F_ALLOW_OVERRIDE (1) or BPF_F_ALLOW_MULTI (2) of a cgroup.
    """

    programs: tuple[AttachedProgram, ...]
    revision: int
    flags: int


@dataclass(frozen=True)
class XdpQuery:
    """XDP of an interface: xdp_query(). Numbers of programs are 0 where there is none.

    Attributes:
        mode: 'driver', 'skb', 'hw', 'multi' if there are several; None: no program.
        prog_id: the program, if there is one alone.
        features: bits of NETDEV_XDP_ACT_ that the driver has, from 6.3 on.
        zc_max_segs: buffers that a packet of AF_XDP may have without a copy.
    """

    mode: str | None
    prog_id: int
    skb_prog_id: int
    drv_prog_id: int
    hw_prog_id: int
    features: int
    zc_max_segs: int


@dataclass(frozen=True)
class TcFilter:
    """A filter of tc: tc_query().

    Attributes:
        priority: its place, smaller ones run first.
        handle: its number there.
        prog_id: number of its program; 0: a filter of another kind.
    """

    priority: int
    handle: int
    prog_id: int
