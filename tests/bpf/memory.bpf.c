// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Memory that programs and user space share.
 * Maps:     shared (mmapable array of 4 u64), wide (the same of 12 bytes),
 *           closed (the same as shared, not mmapable)
 * Programs: add (raw_tp: adds the u64 of its context to shared[1])
 * Users:    map/test_memory, map/test_mmapable, map/test_references
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define MAP(name, n, v, flags)            \
    struct {                              \
        __uint(type, BPF_MAP_TYPE_ARRAY); \
        __uint(map_flags, flags);         \
        __uint(max_entries, n);           \
        __type(key, __u32);               \
        __type(value, v);                 \
    } name SEC(".maps")

struct twelve {
    __u32 words[3];
};

MAP(shared, 4, __u64, BPF_F_MMAPABLE);
MAP(wide, 2000, struct twelve, BPF_F_MMAPABLE);
MAP(closed, 4, __u64, 0);

SEC("raw_tp") int add(__u64 *number)
{
    __u32 one = 1;
    __u64 *sum = bpf_map_lookup_elem(&shared, &one);

    if (sum) {
        __atomic_fetch_add(sum, *number, __ATOMIC_RELAXED);
    }
    return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
