// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A producer of ring buffer records.
 * Maps:     events (ring, 64 KiB), and those of produce.h
 * Programs: produce (tracepoint)
 * Users:    stream/test_ringbuf*, stream/test_columns, process/test_*
 */
#include "produce.h"

RING(events, 65536);

struct hundred {
    __u32 words[25];
} *unused_hundred; /* what tests take records of that size for */

static __always_inline long
write(struct trigger *ctx, void *data, __u64 size, __u64 flags)
{
    return bpf_ringbuf_output(&events, data, size, flags);
}

ON_TRIGGER
int
produce(struct trigger *ctx)
{
    return write_records(ctx, write);
}
