// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * One program for each kind, all switched off ("?"); a test switches one on
 * (support.elf.enable) to see which privileges the kernel asks for.
 * Maps:     none
 * Programs: is_<kind>
 * Users:    host/test_privilege, host/test_target
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define PROGRAM(section, name) \
    SEC("?" section)           \
    int name(void *ctx)        \
    {                          \
        return 0;              \
    }

PROGRAM("tracepoint/syscalls/sys_enter_getpgid", is_tracepoint)
PROGRAM("raw_tp/sys_enter", is_raw_tp)
PROGRAM("raw_tp.w/sys_enter", is_raw_tp_w)
PROGRAM("tp_btf/sys_enter", is_tp_btf)
PROGRAM("fentry/vfs_read", is_fentry)
PROGRAM("lsm/file_open", is_lsm)
PROGRAM("perf_event", is_perf_event)
PROGRAM("uprobe", is_uprobe)
PROGRAM("kprobe", is_kprobe)
PROGRAM("iter/task", is_iter)
PROGRAM("syscall", is_syscall)
PROGRAM("socket", is_socket)
PROGRAM("sk_reuseport", is_reuseport)
PROGRAM("sk_lookup", is_sk_lookup)
PROGRAM("xdp", is_xdp)
PROGRAM("tc", is_tc)
PROGRAM("tcx/ingress", is_tcx)
PROGRAM("netkit/primary", is_netkit)
PROGRAM("lwt_in", is_lwt_in)
PROGRAM("lwt_out", is_lwt_out)
PROGRAM("lwt_xmit", is_lwt_xmit)
PROGRAM("lwt_seg6local", is_lwt_seg6local)
PROGRAM("action", is_action)
PROGRAM("sk_msg", is_sk_msg)
PROGRAM("sk_skb/stream_verdict", is_sk_skb)
PROGRAM("sockops", is_sockops)
PROGRAM("flow_dissector", is_flow_dissector)
PROGRAM("netfilter", is_netfilter)
PROGRAM("cgroup_skb/egress", is_cgroup_skb)
PROGRAM("cgroup/sock", is_cgroup_sock)
PROGRAM("cgroup/dev", is_cgroup_dev)
PROGRAM("cgroup/connect4", is_cgroup_connect)
PROGRAM("cgroup/sysctl", is_cgroup_sysctl)
PROGRAM("cgroup/getsockopt", is_cgroup_sockopt)

char LICENSE[] SEC("license") = "Dual MIT/GPL";
