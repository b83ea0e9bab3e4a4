// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Three programs on one hook, each with its own counter, and one that has none to
 * attach to: obj.attach() takes the three.
 * Maps:     config (array: cookie), hits (array of u64, one for each program)
 * Programs: first, second, third (tracepoint), filter (socket filter)
 * Users:    object/test_object, attach/test_link, process/test_signal
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
MAP(hits, 3, __u64);

static __always_inline int
count(struct trigger *ctx, __u32 which)
{
    __u32 zero = 0;
    struct cookie *cfg = bpf_map_lookup_elem(&config, &zero);
    __u64 *n = bpf_map_lookup_elem(&hits, &which);

    if (is_ours(ctx, cfg) && n) {
        __atomic_fetch_add(n, 1, __ATOMIC_RELAXED);
    }
    return 0;
}

#define COUNTER(name, which)      \
    ON_TRIGGER                    \
    int name(struct trigger *ctx) \
    {                             \
        return count(ctx, which); \
    }

COUNTER(first, 0)
COUNTER(second, 1)
COUNTER(third, 2)

SEC("socket")
int
filter(void *ctx)
{
    return 0;
}
