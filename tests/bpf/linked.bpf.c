// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The half of an object that is not whole before it is linked with linked_with.bpf.c:
 * it calls a function, and counts in a map, that are there.
 * Maps:     totals (array: the last sum; declared, and defined there)
 * Programs: on_linked (tc: adds the two parts of a packet's mark)
 * Users:    system/test_linker
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int add_parts(__u32 both);

extern struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __type(key, __u32);
    __type(value, __u32);
    __uint(max_entries, 1);
} totals SEC(".maps");

SEC("tc")
int
on_linked(struct __sk_buff *skb)
{
    __u32 key = 0, sum = add_parts(0x10002);

    bpf_map_update_elem(&totals, &key, &sum, BPF_ANY);
    return sum;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
