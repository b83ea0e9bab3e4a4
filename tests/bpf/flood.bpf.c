// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Records that tell their number on their CPU, and when they were written.
 * Maps:     events (ring, 256 KiB), samples (perf event array), config (array: cookie,
 *           count, where), cpus (per-CPU array: what was written)
 * Programs: produce (tracepoint)
 * Users:    stream/test_flood, package/test_scenes
 */
#include "maps.h"
#include "tinybpf.bpf.h"
#include "trigger.h"

struct event {
    __u64 seq;        /* of its CPU */
    __u64 begun;      /* ns, before it was written */
    __u64 prev_ended; /* ns, behind the write of the one before it */
    __u32 cpu, zero;
};
struct config {
    __u64 cookie;
    __u32 count, to_perf;
};
struct written {
    __u64 n, ended;
};

struct event *unused_event;
TINYBPF_RING(events, 256 << 10) TINYBPF_EVENT(event);
TINYBPF_COUNT_DROPS(events);
MAP(samples, PERF_EVENT_ARRAY, 0, __uint(key_size, 4); __uint(value_size, 4););
MAP(cpus, PERCPU_ARRAY, 1, __type(key, __u32); __type(value, struct written););
ARRAY(config, 1, struct config);

static __always_inline void
write(struct trigger *ctx, struct written *cpu, int to_perf)
{
    struct event event = {cpu->n++, 0, cpu->ended, bpf_get_smp_processor_id(), 0};

    event.begun = bpf_ktime_get_ns();
    if (to_perf) {
        bpf_perf_event_output(ctx, &samples, BPF_F_CURRENT_CPU, &event, sizeof(event));
    }
    else {
        tinybpf_output(&events, &event, sizeof(event), events);
    }
    cpu->ended = bpf_ktime_get_ns();
}

ON_TRIGGER
int
produce(struct trigger *ctx)
{
    struct config *cfg = AT(config, 0);
    struct written *cpu = AT(cpus, 0);

    for (int i = 0; i < 64 && is_ours(ctx, cfg) && cpu && i < cfg->count; i++) {
        write(ctx, cpu, cfg->to_perf);
    }
    return 0;
}
