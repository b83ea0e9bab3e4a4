/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Programs that count for one process: the test puts its tgid into `target`, and each
 * program counts under a key of its own in `hits`.
 */
#ifndef TINYBPF_TESTS_HITS_H
#define TINYBPF_TESTS_HITS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define MAP(name, v, n)                   \
    struct {                              \
        __uint(type, BPF_MAP_TYPE_ARRAY); \
        __uint(max_entries, n);           \
        __type(key, __u32);               \
        __type(value, v);                 \
    } name SEC(".maps")

MAP(target, __u32, 1);
MAP(hits, __u64, 4);

/* Count under `key` if the target runs this; tell whether it does. */
static __always_inline int
count(__u32 key)
{
    __u32 zero = 0;
    __u32 *tgid = bpf_map_lookup_elem(&target, &zero);
    __u64 *n = bpf_map_lookup_elem(&hits, &key);

    if (!tgid || !n || *tgid != bpf_get_current_pid_tgid() >> 32) {
        return 0;
    }
    __atomic_fetch_add(n, 1, __ATOMIC_RELAXED);
    return 1;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#endif
