// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A producer of ring buffer records, driven by settings: each trigger writes
 * `count` records of min_size + seq * step % span bytes: the sequence number, then
 * the bytes of `pattern` from offset 8 on.
 * Maps:     events (ring, 64 KiB), config, pattern (arrays of one),
 *           stats (array of u64: 0 tried, 1 no room)
 * Programs: produce (tracepoint)
 * Users:    stream/test_ringbuf*, process/test_*
 */
#include "trigger.h"

#define MAX_RECORD 4096
struct config {
    __u64 cookie;
    __u32 count, min_size, step, span;
    __u64 flags; /* of bpf_ringbuf_output: BPF_RB_NO_WAKEUP ... */
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

MAP(events, RINGBUF, 65536, );
MAP(config, ARRAY, 1, __type(key, __u32); __type(value, struct config););
MAP(pattern, ARRAY, 1, __type(key, __u32); __type(value, struct pattern););
MAP(stats, ARRAY, 2, __type(key, __u32); __type(value, __u64););

ON_TRIGGER
int
produce(struct trigger *ctx)
{
    __u32 zero = 0, one = 1;
    struct config *cfg = bpf_map_lookup_elem(&config, &zero);
    struct pattern *data = bpf_map_lookup_elem(&pattern, &zero);
    __u64 *tried = bpf_map_lookup_elem(&stats, &zero);
    __u64 *no_room = bpf_map_lookup_elem(&stats, &one);

    if (!is_ours(ctx, cfg) || !data || !tried || !no_room) {
        return 0;
    }
    for (int i = 0; i < 64 && i < cfg->count; i++) {
        __u64 extra = cfg->span ? *tried * cfg->step % cfg->span : 0;
        __u64 size = cfg->min_size + extra;

        data->words[0] = (*tried)++;
        if (size > MAX_RECORD) {
            size = MAX_RECORD;
        }
        if (bpf_ringbuf_output(&events, data, size, cfg->flags)) {
            (*no_room)++;
        }
    }
    return 0;
}
