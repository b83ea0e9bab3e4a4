// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A program with a function that another program can stand in for.
 * Maps:     none
 * Programs: filter (socket filter), substitute (freplace, switched off)
 * Users:    host/test_privilege
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__noinline int
verdict(struct __sk_buff *skb)
{
    return skb->len ? 1 : 0;
}

SEC("socket")
int
filter(struct __sk_buff *skb)
{
    return verdict(skb);
}

SEC("?freplace/verdict")
int
substitute(struct __sk_buff *skb)
{
    return skb->len ? 2 : 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
