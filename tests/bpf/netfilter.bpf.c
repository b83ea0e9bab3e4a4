// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Programs for the hooks of netfilter; they note their numbers when they run, and
 * return what the test has set (ran.h).
 * Maps:     globals
 * Programs: netfilter_0, netfilter_1
 * Users:    attach/test_netfilter, run/test_attach_kinds
 */
#include "ran.h"

#define NETFILTER(number)             \
    SEC("netfilter")                  \
    int netfilter_##number(void *ctx) \
    {                                 \
        return ran_one(number) & 1;   \
    }

NETFILTER(0)
NETFILTER(1)

char LICENSE[] SEC("license") = "Dual MIT/GPL";
