// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Records of several types in one ring, told apart by their first field; each trigger
 * writes one of each, and one that is shorter than that field.
 * Maps:     mixed (ring), perf (perf event array), config
 * Programs: produce (tracepoint)
 * Users:    stream/test_event_kinds, stream/test_columns, run/test_kinds
 */
#include "trigger.h"

#include "maps.h"

struct header {
    __u16 version;
    __u16 type;
};
struct exec_event {
    struct header hdr;
    __u32 pid;
    char comm[8];
};
struct exit_event {
    struct header hdr;
    __s32 code;
};
struct moved_event {
    __u32 pid;
    struct header hdr;
};
struct flag_event {
    __u32 flag : 4, other : 28;
};

RING(mixed, 4096);
ARRAY(config, 1, struct cookie);
MAP(perf, PERF_EVENT_ARRAY, 0, __uint(key_size, 4); __uint(value_size, 4););

struct exec_event exec_event = {{1, 7}, 42, "sh"};
struct exit_event exit_event = {{1, 9}, -3};
struct header unknown = {1, 500};
struct moved_event *unused_moved;
struct flag_event *unused_flag;
char last = 'x';

#define SEND(value) bpf_ringbuf_output(&mixed, &value, sizeof(value), 0)

ON_TRIGGER
int
produce(struct trigger *ctx)
{
    if (is_ours(ctx, AT(config, 0))) {
        SEND(exec_event);
        SEND(exit_event);
        SEND(unknown);
        SEND(last);
        bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, &exit_event, 8);
    }
    return 0;
}
