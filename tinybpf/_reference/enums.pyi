# SPDX-License-Identifier: MIT
"""The kinds of things that BPF has; imported with the first of them that is asked for."""

import enum
from typing import Final

class BpfMapType(enum.IntEnum):
    """Kinds of BPF map, with the names of `enum bpf_map_type` less BPF_MAP_TYPE_."""

    UNSPEC = 0
    HASH = 1
    ARRAY = 2
    PROG_ARRAY = 3
    PERF_EVENT_ARRAY = 4
    PERCPU_HASH = 5
    PERCPU_ARRAY = 6
    STACK_TRACE = 7
    CGROUP_ARRAY = 8
    LRU_HASH = 9
    LRU_PERCPU_HASH = 10
    LPM_TRIE = 11
    ARRAY_OF_MAPS = 12
    HASH_OF_MAPS = 13
    DEVMAP = 14
    SOCKMAP = 15
    CPUMAP = 16
    XSKMAP = 17
    SOCKHASH = 18
    CGROUP_STORAGE = 19
    REUSEPORT_SOCKARRAY = 20
    PERCPU_CGROUP_STORAGE = 21
    QUEUE = 22
    STACK = 23
    SK_STORAGE = 24
    DEVMAP_HASH = 25
    STRUCT_OPS = 26
    RINGBUF = 27
    INODE_STORAGE = 28
    TASK_STORAGE = 29
    BLOOM_FILTER = 30
    USER_RINGBUF = 31
    CGRP_STORAGE = 32
    ARENA = 33
    INSN_ARRAY = 34

class BpfProgType(enum.IntEnum):
    """Kinds of BPF program, with the names of `enum bpf_prog_type` less BPF_PROG_TYPE_."""

    UNSPEC = 0
    SOCKET_FILTER = 1
    KPROBE = 2
    SCHED_CLS = 3
    SCHED_ACT = 4
    TRACEPOINT = 5
    XDP = 6
    PERF_EVENT = 7
    CGROUP_SKB = 8
    CGROUP_SOCK = 9
    LWT_IN = 10
    LWT_OUT = 11
    LWT_XMIT = 12
    SOCK_OPS = 13
    SK_SKB = 14
    CGROUP_DEVICE = 15
    SK_MSG = 16
    RAW_TRACEPOINT = 17
    CGROUP_SOCK_ADDR = 18
    LWT_SEG6LOCAL = 19
    LIRC_MODE2 = 20
    SK_REUSEPORT = 21
    FLOW_DISSECTOR = 22
    CGROUP_SYSCTL = 23
    RAW_TRACEPOINT_WRITABLE = 24
    CGROUP_SOCKOPT = 25
    TRACING = 26
    STRUCT_OPS = 27
    EXT = 28
    LSM = 29
    SK_LOOKUP = 30
    SYSCALL = 31
    NETFILTER = 32

class BpfAttachType(enum.IntEnum):
    """Kinds of hook, with the names of `enum bpf_attach_type` less BPF_."""

    CGROUP_INET_INGRESS = 0
    CGROUP_INET_EGRESS = 1
    CGROUP_INET_SOCK_CREATE = 2
    CGROUP_SOCK_OPS = 3
    SK_SKB_STREAM_PARSER = 4
    SK_SKB_STREAM_VERDICT = 5
    CGROUP_DEVICE = 6
    SK_MSG_VERDICT = 7
    CGROUP_INET4_BIND = 8
    CGROUP_INET6_BIND = 9
    CGROUP_INET4_CONNECT = 10
    CGROUP_INET6_CONNECT = 11
    CGROUP_INET4_POST_BIND = 12
    CGROUP_INET6_POST_BIND = 13
    CGROUP_UDP4_SENDMSG = 14
    CGROUP_UDP6_SENDMSG = 15
    LIRC_MODE2 = 16
    FLOW_DISSECTOR = 17
    CGROUP_SYSCTL = 18
    CGROUP_UDP4_RECVMSG = 19
    CGROUP_UDP6_RECVMSG = 20
    CGROUP_GETSOCKOPT = 21
    CGROUP_SETSOCKOPT = 22
    TRACE_RAW_TP = 23
    TRACE_FENTRY = 24
    TRACE_FEXIT = 25
    MODIFY_RETURN = 26
    LSM_MAC = 27
    TRACE_ITER = 28
    CGROUP_INET4_GETPEERNAME = 29
    CGROUP_INET6_GETPEERNAME = 30
    CGROUP_INET4_GETSOCKNAME = 31
    CGROUP_INET6_GETSOCKNAME = 32
    XDP_DEVMAP = 33
    CGROUP_INET_SOCK_RELEASE = 34
    XDP_CPUMAP = 35
    SK_LOOKUP = 36
    XDP = 37
    SK_SKB_VERDICT = 38
    SK_REUSEPORT_SELECT = 39
    SK_REUSEPORT_SELECT_OR_MIGRATE = 40
    PERF_EVENT = 41
    TRACE_KPROBE_MULTI = 42
    LSM_CGROUP = 43
    STRUCT_OPS = 44
    NETFILTER = 45
    TCX_INGRESS = 46
    TCX_EGRESS = 47
    TRACE_UPROBE_MULTI = 48
    CGROUP_UNIX_CONNECT = 49
    CGROUP_UNIX_SENDMSG = 50
    CGROUP_UNIX_RECVMSG = 51
    CGROUP_UNIX_GETPEERNAME = 52
    CGROUP_UNIX_GETSOCKNAME = 53
    NETKIT_PRIMARY = 54
    NETKIT_PEER = 55
    TRACE_KPROBE_SESSION = 56
    TRACE_UPROBE_SESSION = 57
    TRACE_FSESSION = 58

class BpfLinkType(enum.IntEnum):
    """Kinds of BPF link, with the names of `enum bpf_link_type` less BPF_LINK_TYPE_."""

    UNSPEC = 0
    RAW_TRACEPOINT = 1
    TRACING = 2
    CGROUP = 3
    ITER = 4
    NETNS = 5
    XDP = 6
    PERF_EVENT = 7
    KPROBE_MULTI = 8
    STRUCT_OPS = 9
    NETFILTER = 10
    TCX = 11
    UPROBE_MULTI = 12
    NETKIT = 13
    SOCKMAP = 14

class BtfKind(enum.IntEnum):
    """Kinds of type in BTF, with the names of BTF_KIND_*."""

    UNKN = 0
    INT = 1
    PTR = 2
    ARRAY = 3
    STRUCT = 4
    UNION = 5
    ENUM = 6
    FWD = 7
    TYPEDEF = 8
    VOLATILE = 9
    CONST = 10
    RESTRICT = 11
    FUNC = 12
    FUNC_PROTO = 13
    VAR = 14
    DATASEC = 15
    FLOAT = 16
    DECL_TAG = 17
    TYPE_TAG = 18
    ENUM64 = 19

class XdpAction(enum.IntEnum):
    """What an XDP program returns: the names of `enum xdp_action` less XDP_."""

    ABORTED = 0
    DROP = 1
    PASS = 2
    TX = 3
    REDIRECT = 4

class TcAction(enum.IntEnum):
    """What a tc program returns: the names of TC_ACT_* less that."""

    UNSPEC = -1
    OK = 0
    RECLASSIFY = 1
    SHOT = 2
    PIPE = 3
    STOLEN = 4
    QUEUED = 5
    REPEAT = 6
    REDIRECT = 7
    TRAP = 8

class TcxAction(enum.IntEnum):
    """What a tcx program returns: the names of `enum tcx_action_base` less TCX_."""

    NEXT = -1
    PASS = 0
    DROP = 2
    REDIRECT = 7

class NetkitAction(enum.IntEnum):
    """What a netkit program returns: the names of `enum netkit_action` less NETKIT_."""

    NEXT = -1
    PASS = 0
    DROP = 2
    REDIRECT = 7

class SkAction(enum.IntEnum):
    """What a program of sockets returns: the names of `enum sk_action` less SK_."""

    DROP = 0
    PASS = 1

class NfVerdict(enum.IntEnum):
    """What a netfilter program returns: the names of NF_* less that."""

    DROP = 0
    ACCEPT = 1

class BpfRetCode(enum.IntEnum):
    """What a program of lwt or flow_dissector returns: `enum bpf_ret_code` less BPF_."""

    OK = 0
    DROP = 2
    REDIRECT = 7
    LWT_REROUTE = 128
    FLOW_DISSECTOR_CONTINUE = 129

XDP_ABORTED: Final = XdpAction.ABORTED
XDP_DROP: Final = XdpAction.DROP
XDP_PASS: Final = XdpAction.PASS
XDP_TX: Final = XdpAction.TX
XDP_REDIRECT: Final = XdpAction.REDIRECT
TC_ACT_UNSPEC: Final = TcAction.UNSPEC
TC_ACT_OK: Final = TcAction.OK
TC_ACT_RECLASSIFY: Final = TcAction.RECLASSIFY
TC_ACT_SHOT: Final = TcAction.SHOT
TC_ACT_PIPE: Final = TcAction.PIPE
TC_ACT_STOLEN: Final = TcAction.STOLEN
TC_ACT_QUEUED: Final = TcAction.QUEUED
TC_ACT_REPEAT: Final = TcAction.REPEAT
TC_ACT_REDIRECT: Final = TcAction.REDIRECT
TC_ACT_TRAP: Final = TcAction.TRAP
TCX_NEXT: Final = TcxAction.NEXT
TCX_PASS: Final = TcxAction.PASS
TCX_DROP: Final = TcxAction.DROP
TCX_REDIRECT: Final = TcxAction.REDIRECT
NETKIT_NEXT: Final = NetkitAction.NEXT
NETKIT_PASS: Final = NetkitAction.PASS
NETKIT_DROP: Final = NetkitAction.DROP
NETKIT_REDIRECT: Final = NetkitAction.REDIRECT
SK_DROP: Final = SkAction.DROP
SK_PASS: Final = SkAction.PASS
NF_DROP: Final = NfVerdict.DROP
NF_ACCEPT: Final = NfVerdict.ACCEPT
BPF_OK: Final = BpfRetCode.OK
BPF_DROP: Final = BpfRetCode.DROP
BPF_REDIRECT: Final = BpfRetCode.REDIRECT
BPF_LWT_REROUTE: Final = BpfRetCode.LWT_REROUTE
BPF_FLOW_DISSECTOR_CONTINUE: Final = BpfRetCode.FLOW_DISSECTOR_CONTINUE
