// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Rings whose program counts what they refuse, each in another way; each trigger writes
 * `count` records to one of them.
 * Maps:     events (4 KiB, by tinybpf.bpf.h), plain, by_global, by_array (rings),
 * uncounted (ring), misled (ring, whose counter is none), config (array: cookie, count,
 *           which ring)
 * Programs: produce (tracepoint)
 * Users:    stream/test_stats
 */
#include "maps.h"
#include "tinybpf.bpf.h"
#include "trigger.h"

struct event {
    __u64 seq, more[7];
};
struct config {
    __u64 cookie;
    __u32 count, which;
};

TINYBPF_RING(events, 4096) TINYBPF_EVENT(event);
TINYBPF_COUNT_DROPS(events);
TINYBPF_RING(by_global, 4096);
TINYBPF_RING(by_array, 4096);
TINYBPF_RING(uncounted, 4096);
TINYBPF_RING(misled, 4096);
ARRAY(config, 1, struct config);
MAP(array, ARRAY, 1, __type(key, __u32); __type(value, __u64);)
TINYBPF_DROPPED(by_array);
MAP(none, HASH, 1, __type(key, __u32); __type(value, __u64);) TINYBPF_DROPPED(misled);
struct event event, *unused_event;
__u32 first, dropped TINYBPF_DROPPED(by_global);

ON_TRIGGER
int
produce(struct trigger *ctx)
{
    struct config *cfg = AT(config, 0);
    __u64 *n = AT(array, 0);

    for (int i = 0; i < 128 && is_ours(ctx, cfg) && i < cfg->count && n; i++) {
        struct event *room;
        if (cfg->which == 1) {
            dropped += bpf_ringbuf_output(&by_global, &event, sizeof(event), 0) != 0;
        }
        else if (cfg->which == 2) {
            *n += bpf_ringbuf_output(&by_array, &event, sizeof(event), 0) != 0;
        }
        else if (i % 4 == 3) {
            tinybpf_output(&events, &event, sizeof(event), events);
        }
        else if ((room = tinybpf_reserve(&events, sizeof(event), events))) {
            room->seq = event.seq++;
            tinybpf_submit(room);
        }
    }
    return 0;
}
