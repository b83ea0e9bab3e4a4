// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * An object whose first program can attach and whose second cannot: attaching all
 * must leave nothing behind.
 * Maps:     config (array: cookie), hits (array of one u64)
 * Programs: good (tracepoint), bad (a tracepoint that does not exist)
 * Users:    object/test_object, program/test_program
 */
#include "trigger.h"

#define MAP(name, n, v)                   \
    struct {                              \
        __uint(type, BPF_MAP_TYPE_ARRAY); \
        __uint(max_entries, n);           \
        __type(key, __u32);               \
        __type(value, v);                 \
    } name SEC(".maps")

MAP(config, 1, struct cookie);
MAP(hits, 1, __u64);

ON_TRIGGER
int
good(struct trigger *ctx)
{
    __u32 zero = 0;
    struct cookie *cfg = bpf_map_lookup_elem(&config, &zero);
    __u64 *n = bpf_map_lookup_elem(&hits, &zero);

    if (is_ours(ctx, cfg) && n) {
        __atomic_fetch_add(n, 1, __ATOMIC_RELAXED);
    }
    return 0;
}

SEC("tracepoint/syscalls/sys_enter_no_such_call")
int
bad(struct trigger *ctx)
{
    return 0;
}
