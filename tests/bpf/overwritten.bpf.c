// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A ring whose oldest records are written over; see produce.h.
 * Maps:     events (ring, 4 KiB, overwrite mode), and those of produce.h
 * Programs: produce (tracepoint)
 * Users:    stream/test_overwritten
 */
#include "produce.h"

MAP(events, RINGBUF, 4096, __uint(map_flags, BPF_F_RB_OVERWRITE););

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
