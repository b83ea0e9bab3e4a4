// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Records that are reserved, and then submitted or discarded.
 * Maps:     events (ring, 4 KiB), config (array: cookie, count, one submitted
 *           record in `keep`; 0 discards all), seq (array of one u64)
 * Programs: produce (tracepoint)
 * Users:    stream/test_ringbuf, stream/test_stats
 */
#include "maps.h"
#include "trigger.h"

struct config {
    __u64 cookie;
    __u32 count, keep;
};

RING(events, 4096);
ARRAY(config, 1, struct config);
ARRAY(seq, 1, __u64);

ON_TRIGGER
int
produce(struct trigger *ctx)
{
    struct config *cfg = AT(config, 0);
    __u64 *n = AT(seq, 0);

    if (!is_ours(ctx, cfg) || !n) {
        return 0;
    }
    for (int i = 0; i < 32 && i < cfg->count; i++) {
        __u64 *record = bpf_ringbuf_reserve(&events, 24, 0);

        if (!record) {
            return 0;
        }
        record[0] = record[1] = record[2] = *n;
        if (cfg->keep && *n % cfg->keep == 0) {
            bpf_ringbuf_submit(record, 0);
        }
        else {
            bpf_ringbuf_discard(record, 0);
        }
        (*n)++;
    }
    return 0;
}
