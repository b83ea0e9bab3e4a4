// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The other half of linked.bpf.c.
 * Maps:     totals (array)
 * Programs: none; the function add_parts
 * Users:    system/test_linker
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __type(key, __u32);
    __type(value, __u32);
    __uint(max_entries, 1);
} totals SEC(".maps");

__noinline int
add_parts(__u32 both)
{
    return (both & 0xffff) + (both >> 16);
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
