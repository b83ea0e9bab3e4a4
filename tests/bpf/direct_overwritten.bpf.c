// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A tool that keeps the newest events: each getpgid(cookie) writes `number` of them, of
 * which the ring has room for some.
 * Maps:     newest (ring of 4 KiB in overwrite mode)
 * Programs: produce (tracepoint)
 * Users:    run/test_snapshots, host/test_support
 */
#include "maps.h"
#include "tinybpf.bpf.h"
#include "trigger.h"

struct event {
    __u32 seq, cpu;
    char fill[240];
} event;

const volatile __u32 cookie;
const volatile __u32 number = 5;
MAP(newest, RINGBUF, 4096, __uint(map_flags, BPF_F_RB_OVERWRITE);) TINYBPF_EVENT(event);

ON_TRIGGER
int
produce(struct trigger *ctx)
{
    if ((__u32)ctx->args[0] != cookie) {
        return 0;
    }
    for (int i = 0; i < 64 && i < number; i++) {
        bpf_ringbuf_output(&newest, &event, sizeof(event), 0);
        event.seq++;
    }
    return 0;
}
