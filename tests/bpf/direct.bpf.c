// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A tool that is run without a script. Who calls getpgid(cookie) makes `count` events.
 * Maps:     events (ring), counts (hash), per_cpu, flows (structs), latency (histogram)
 * Programs: on_getpgid (tracepoint), late (attached by hand: it sends an event)
 * Users:    run/test_*
 */
#include "direct.h"

const volatile __u32 cookie TINYBPF_HELP("events are of getpgid(cookie)");
const volatile __u32 count = 1;
const volatile __s16 delta = -5;
const volatile char name[16] = "direct";
const volatile bool is_quiet;
const volatile enum color color = GREEN;
const int hidden = 3;

TINYBPF_RING(events, 1 << 20) TINYBPF_EVENT(event) TINYBPF_HELP("some for each call");
TINYBPF_COUNT_DROPS(events);
MAP(counts, HASH, 64, __type(key, __u32); __type(value, __u64););
MAP(per_cpu, PERCPU_ARRAY, 1, __type(key, __u32); __type(value, __u64););
MAP(flows, HASH, 64, __type(key, struct from); __type(value, struct hist););
MAP(latency, ARRAY, 32, __type(key, __u32); __type(value, __u64);) TINYBPF_LOG2(usecs);

static int
send(int n, __u32 of)
{
    struct from from = {1, 0x0100007f};
    struct hist hist = {.total = n, .slots = {0, 0, n, n / 2}};
    __u64 total = n + hidden, *sum = AT(per_cpu, 0), *slot = AT(latency, 3);

    sum ? *sum += n : 0;
    slot ? *slot += n : 0;
    bpf_map_update_elem(&counts, &of, &total, 0);
    bpf_map_update_elem(&flows, &from, &hist, 0);
    for (int i = 0; i < n && i < 200; i++) {
        struct event e = {{i, from.addr}, {}, of, delta};

        for (int k = 0; k < 16; k++) {
            e.comm[k] = name[k];
        }
        tinybpf_output(&events, &e, sizeof(e), events);
    }
    return 0;
}

ON_TRIGGER
int
on_getpgid(struct trigger *ctx)
{
    return (__u32)ctx->args[0] == cookie && !is_quiet ? send(count, color) : 0;
}

SEC("?tracepoint")
int
late(struct trigger *ctx)
{
    return send(1, RED);
}
