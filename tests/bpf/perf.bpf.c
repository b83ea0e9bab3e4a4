// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A producer of perf records on the CPU that it runs on.
 * Maps:     events (perf event array), and those of produce.h
 * Programs: produce (tracepoint)
 * Users:    stream/test_perfbuf, stream/test_event_*, stream/test_columns_large
 */
#include "produce.h"

struct {
    __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
    __uint(key_size, 4);
    __uint(value_size, 4);
} events SEC(".maps");

static __always_inline long
write(struct trigger *ctx, void *data, __u64 size, __u64 flags)
{
    return bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, data, size);
}

ON_TRIGGER
int
produce(struct trigger *ctx)
{
    return write_records(ctx, write);
}
