// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Structs of all shapes as keys, values and events; each trigger writes one event.
 * Maps:     flows (hash, struct flow -> struct stats), per_cpu (per-CPU hash, u32 ->
 *           struct stats), sums (the same of u64), shapes (hash, u32 -> struct shapes),
 * counts (hash, u32 -> u64), config, events (ring, struct event), perf (the same)
 * Programs: produce (tracepoint)
 * Users:    ctype/test_*, object/test_register, package/test_compatibility,
 *           run/test_maps
 */
#include "shapes.h"
#include "trigger.h"

#define MAP(name, kind, ...)               \
    struct {                               \
        __uint(type, BPF_MAP_TYPE_##kind); \
        __VA_ARGS__                        \
    } name SEC(".maps")
#define OF(n, k, v)         \
    __uint(max_entries, n); \
    __type(key, k);         \
    __type(value, v);
MAP(flows, HASH, OF(64, struct flow, struct stats));
MAP(per_cpu, PERCPU_HASH, OF(8, __u32, struct stats));
MAP(sums, PERCPU_HASH, OF(8, __u32, __u64));
MAP(shapes, HASH, OF(8, __u32, struct shapes));
MAP(counts, HASH, OF(64, __u32, __u64));
MAP(config, ARRAY, OF(1, __u32, struct cookie));
MAP(events, RINGBUF, __uint(max_entries, 4096););
MAP(perf, PERF_EVENT_ARRAY, __uint(key_size, 4); __uint(value_size, 4););

/* BTF has the types of maps and variables only. */
struct event event = {.comm = "typed"};

ON_TRIGGER
int
produce(struct trigger *ctx)
{
    __u32 zero = 0;
    if (is_ours(ctx, bpf_map_lookup_elem(&config, &zero))) {
        event.pid = bpf_get_current_pid_tgid() >> 32;
        bpf_ringbuf_output(&events, &event, sizeof(event), 0);
        bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, &event, sizeof(event));
    }
    return 0;
}
