// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A map of the newest type that libbpf's headers know, for kernels without it.
 * Maps:     places (insn array)
 * Programs: none
 * Users:    host/test_support
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
    __uint(type, BPF_MAP_TYPE_INSN_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct bpf_insn_array_value);
} places SEC(".maps");

char LICENSE[] SEC("license") = "Dual MIT/GPL";
