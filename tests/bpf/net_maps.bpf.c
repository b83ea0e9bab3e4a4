// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A kind of map that belongs to the network's administrator.
 * Maps:     ports (devmap)
 * Programs: none
 * Users:    host/test_privilege
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
    __uint(type, BPF_MAP_TYPE_DEVMAP);
    __uint(max_entries, 4);
    __type(key, __u32);
    __type(value, __u32);
} ports SEC(".maps");

char LICENSE[] SEC("license") = "Dual MIT/GPL";
