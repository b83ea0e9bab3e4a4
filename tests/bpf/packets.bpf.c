// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Programs for the packets of IPv4 that interfaces and cgroups see; they note their
 * numbers when they run, and return what the test has set (ran.h).
 * Maps:     globals
 * Programs: xdp_0, xdp_1, tc_0, tc_1, tc_2, tcx_3 (ingress), cgroup_0, cgroup_1,
 *           cgroup_2 (egress)
 * Users:    attach/test_xdp, attach/test_tc, attach/test_tcx, attach/test_cgroup,
 *           attach/test_lirc, run/test_attach_kinds
 */
#include "ran.h"

#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>

#define XDP(number)                                            \
    SEC("xdp")                                                 \
    int xdp_##number(struct xdp_md *ctx)                       \
    {                                                          \
        struct ethhdr *eth = (void *)(long)ctx->data;          \
                                                               \
        if ((void *)(eth + 1) > (void *)(long)ctx->data_end || \
            eth->h_proto != bpf_htons(ETH_P_IP)) {             \
            return XDP_PASS;                                   \
        }                                                      \
        return ran_one(number);                                \
    }

#define TC(section, name, number)                                                      \
    SEC(section)                                                                       \
    int name(struct __sk_buff *skb)                                                    \
    {                                                                                  \
        return skb->protocol == bpf_htons(ETH_P_IP) ? ran_one(number) : TC_ACT_UNSPEC; \
    }

#define CGROUP(number)                         \
    SEC("cgroup_skb/egress")                   \
    int cgroup_##number(struct __sk_buff *skb) \
    {                                          \
        return ran_one(number) & 1;            \
    }

XDP(0)
XDP(1)
TC("tc", tc_0, 0)
TC("tc", tc_1, 1)
TC("tc", tc_2, 2)
TC("tcx/ingress", tcx_3, 3)
CGROUP(0)
CGROUP(1)
CGROUP(2)

char LICENSE[] SEC("license") = "Dual MIT/GPL";
