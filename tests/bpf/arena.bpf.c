// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * An arena: memory at one address for programs and user space.
 * Maps:     arena (2 pages)
 * Programs: none
 * Users:    map/test_memory
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
    __uint(type, BPF_MAP_TYPE_ARENA);
    __uint(map_flags, BPF_F_MMAPABLE);
    __uint(max_entries, 2);
} arena SEC(".maps");

char LICENSE[] SEC("license") = "Dual MIT/GPL";
