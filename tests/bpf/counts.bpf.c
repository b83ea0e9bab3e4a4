// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The plain map of most map tests, and a program that counts triggers into it.
 * Maps:     counts (hash, u32 -> u64), tiny (hash of 4), table (array of s32),
 *           config (array: the cookie)
 * Programs: on_trigger (tracepoint): counts[0] += 1
 * Users:    object/test_*, program/test_program, attach/test_link*, map/test_*
 */
#include "trigger.h"

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1024);
    __type(key, __u32);
    __type(value, __u64);
} counts SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 4);
    __type(key, __u32);
    __type(value, __u32);
} tiny SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 8);
    __type(key, __u32);
    __type(value, __s32);
} table SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct cookie);
} config SEC(".maps");

ON_TRIGGER
int
on_trigger(struct trigger *ctx)
{
    __u32 zero = 0;
    __u64 one = 1, *count;
    struct cookie *cfg = bpf_map_lookup_elem(&config, &zero);

    if (!is_ours(ctx, cfg)) {
        return 0;
    }
    count = bpf_map_lookup_elem(&counts, &zero);
    if (count) {
        __atomic_fetch_add(count, 1, __ATOMIC_RELAXED);
    }
    else {
        bpf_map_update_elem(&counts, &zero, &one, BPF_ANY);
    }
    return 0;
}
