// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A producer of perf records on the CPU that it runs on: each trigger writes `count`
 * records of `size` bytes: the sequence number, then the bytes of `pattern`.
 * Maps:     events (perf event array), config, pattern (arrays of one),
 *           seq (array of one u64)
 * Programs: produce (tracepoint)
 * Users:    stream/test_perfbuf, stream/test_event_*
 */
#include "trigger.h"

#define MAX_RECORD 2048
struct config {
    __u64 cookie;
    __u32 count, size;
};
struct pattern {
    __u64 words[MAX_RECORD / 8];
};
#define MAP(name, kind, n, v)              \
    struct {                               \
        __uint(type, BPF_MAP_TYPE_##kind); \
        __uint(max_entries, n);            \
        v                                  \
    } name SEC(".maps")

struct {
    __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
    __uint(key_size, 4);
    __uint(value_size, 4);
} events SEC(".maps");
MAP(config, ARRAY, 1, __type(key, __u32); __type(value, struct config););
MAP(pattern, ARRAY, 1, __type(key, __u32); __type(value, struct pattern););
MAP(seq, ARRAY, 1, __type(key, __u32); __type(value, __u64););

ON_TRIGGER
int
produce(struct trigger *ctx)
{
    __u32 zero = 0;
    struct config *cfg = bpf_map_lookup_elem(&config, &zero);
    struct pattern *data = bpf_map_lookup_elem(&pattern, &zero);
    __u64 *n = bpf_map_lookup_elem(&seq, &zero);

    if (!is_ours(ctx, cfg) || !data || !n) {
        return 0;
    }
    for (int i = 0; i < 64 && i < cfg->count; i++) {
        __u64 size = cfg->size;

        if (size < 8 || size > MAX_RECORD) {
            size = 8;
        }
        data->words[0] = (*n)++;
        bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, data, size);
    }
    return 0;
}
