// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Events of several types; each trigger writes one of each.
 * Maps:     plain, tagged, lines, misnamed (rings), perf, config
 * Programs: produce (tracepoint)
 * Users:    stream/test_event_record
 */
#include "trigger.h"

#define EVENT(type) __attribute__((btf_decl_tag("tinybpf:event=" #type)))
#define RING(name)                          \
    struct {                                \
        __uint(type, BPF_MAP_TYPE_RINGBUF); \
        __uint(max_entries, 4096);          \
    } name SEC(".maps")

struct event {
    __u32 pid;
    char comm[16];
};
struct line {
    __u32 n;
    char text[];
};
enum color { RED };
RING(plain);
RING(tagged) EVENT(event);
RING(lines);
RING(misnamed) EVENT(evnt);
struct {
    __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
    __uint(key_size, 4);
    __uint(value_size, 4);
} perf SEC(".maps") EVENT(struct event);
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct cookie);
} config SEC(".maps");

struct event event = {.comm = "typed"};
char line[9] = {5, 0, 0, 0, 'h', 'e', 'l', 'l', 'o'};
struct line *unused_line;
enum color color;

ON_TRIGGER
int
produce(struct trigger *ctx)
{
    __u32 zero = 0;
    if (is_ours(ctx, bpf_map_lookup_elem(&config, &zero))) {
        event.pid = bpf_get_current_pid_tgid() >> 32;
        bpf_ringbuf_output(&plain, &event, sizeof(event), 0);
        bpf_ringbuf_output(&tagged, &event, sizeof(event), 0);
        bpf_ringbuf_output(&lines, line, sizeof(line), 0);
        bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, &event, sizeof(event));
    }
    return 0;
}
