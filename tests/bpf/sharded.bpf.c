// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A ring for each CPU; each trigger writes `count` records to that of its CPU.
 * Maps:     events (array of rings of 4 KiB), plain (the same, not tagged), config
 * Programs: produce (tracepoint)
 * Users:    stream/test_sharded
 */
#include "maps.h"
#include "tinybpf.bpf.h"
#include "trigger.h"

struct event {
    __u64 seq;
    __u32 cpu, zero[61];
};
struct config {
    __u64 cookie;
    __u32 count, zero;
};

TINYBPF_SHARDED_RING(events, 4096) TINYBPF_EVENT(event);
TINYBPF_COUNT_DROPS(events);
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
    __uint(max_entries, 2);
    __type(key, __u32);
    __array(values, struct events_shard);
} plain SEC(".maps");
ARRAY(config, 1, struct config);
struct event *unused_event;
__u64 seq;

ON_TRIGGER
int
produce(struct trigger *ctx)
{
    struct config *cfg = AT(config, 0);
    void *ring = tinybpf_shard(events);

    if (!is_ours(ctx, cfg) || !ring) {
        return 0;
    }
    for (int i = 0; i < 64 && i < cfg->count; i++) {
        struct event *event = tinybpf_reserve(ring, sizeof(*event), events);

        if (event) {
            event->seq = seq++; /* one trigger at a time */
            event->cpu = bpf_get_smp_processor_id();
            tinybpf_submit(event);
        }
    }
    return 0;
}
