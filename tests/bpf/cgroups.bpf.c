// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A program for each place of a cgroup: it counts, and lets pass or not as the test
 * says. Those of SEES may not refuse. Maps:     globals Programs: as their sections,
 * all of them "?" Users:    attach/test_cgroup_kinds
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u32 runs;
int verdict = 1;

#define DECIDES(section, name)                          \
    SEC("?cgroup" section)                              \
    int name(void *ctx)                                 \
    {                                                   \
        __atomic_fetch_add(&runs, 1, __ATOMIC_RELAXED); \
        return *(volatile int *)&verdict & 1;           \
    }

#define SEES(section, name)                             \
    SEC("?" section)                                    \
    int name(void *ctx)                                 \
    {                                                   \
        __atomic_fetch_add(&runs, 1, __ATOMIC_RELAXED); \
        return 1;                                       \
    }

DECIDES("_skb/ingress", ingress)
DECIDES("/sock_create", sock_create)
DECIDES("/bind4", bind4)
DECIDES("/bind6", bind6)
DECIDES("/post_bind4", post_bind4)
DECIDES("/post_bind6", post_bind6)
DECIDES("/connect4", connect4)
DECIDES("/connect6", connect6)
DECIDES("/connect_unix", connect_unix)
DECIDES("/sendmsg4", sendmsg4)
DECIDES("/sendmsg6", sendmsg6)
DECIDES("/sendmsg_unix", sendmsg_unix)
DECIDES("/getsockopt", getsockopt)
DECIDES("/setsockopt", setsockopt)
DECIDES("/sysctl", sysctl)
DECIDES("/dev", dev)
SEES("cgroup/sock_release", sock_release)
SEES("cgroup/recvmsg4", recvmsg4)
SEES("cgroup/recvmsg6", recvmsg6)
SEES("cgroup/recvmsg_unix", recvmsg_unix)
SEES("cgroup/getpeername4", getpeername4)
SEES("cgroup/getpeername6", getpeername6)
SEES("cgroup/getpeername_unix", getpeername_unix)
SEES("cgroup/getsockname4", getsockname4)
SEES("cgroup/getsockname6", getsockname6)
SEES("cgroup/getsockname_unix", getsockname_unix)
SEES("sockops", sockops)

char LICENSE[] SEC("license") = "Dual MIT/GPL";
