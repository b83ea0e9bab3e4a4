// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Maps that are pinned by their names.
 * Maps:     routes (LPM trie), jobs (queue of u64)
 * Programs: none
 * Users:    host/test_pinned
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
    __uint(type, BPF_MAP_TYPE_LPM_TRIE);
    __uint(key_size, 8);
    __uint(value_size, 4);
    __uint(max_entries, 10);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __uint(pinning, LIBBPF_PIN_BY_NAME);
} routes SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_QUEUE);
    __uint(max_entries, 3);
    __type(value, __u64);
    __uint(pinning, LIBBPF_PIN_BY_NAME);
} jobs SEC(".maps");

char LICENSE[] SEC("license") = "Dual MIT/GPL";
