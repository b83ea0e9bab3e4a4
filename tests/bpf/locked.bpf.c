// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Values with a lock.
 * Maps:     locked, locked_array (u32 -> struct locked)
 * Programs: none
 * Users:    map/test_flags
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct locked {
    struct bpf_spin_lock lock;
    __u32 a;
    __u64 b;
};

#define LOCKED(name, kind, v)              \
    struct {                               \
        __uint(type, BPF_MAP_TYPE_##kind); \
        __uint(max_entries, 8);            \
        __type(key, __u32);                \
        __type(value, v);                  \
    } name SEC(".maps")

LOCKED(locked, HASH, struct locked);
LOCKED(locked_array, ARRAY, struct locked);

char LICENSE[] SEC("license") = "GPL";
