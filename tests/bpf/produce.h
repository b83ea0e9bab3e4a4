/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A producer of records, driven by settings: each trigger writes `count` records of
 * min_size + seq * step % span bytes: the sequence number, then the bytes of `pattern`
 * from offset 8 on. Where to, the program says that includes this;
 * tests/support/traffic.py is the other half.
 * Maps: config, pattern (arrays of one), stats (array of u64: 0 tried, 1 no room)
 */
#ifndef TINYBPF_TESTS_PRODUCE_H
#define TINYBPF_TESTS_PRODUCE_H

#include "maps.h"
#include "trigger.h"

#define BURST 64 /* records of one trigger at most */
#define MAX_RECORD 4096

struct config {
    __u64 cookie;
    __u32 count, min_size, step, span;
    __u64 flags; /* of bpf_ringbuf_output: BPF_RB_NO_WAKEUP ... */
};
struct pattern {
    __u64 words[MAX_RECORD / 8];
};

ARRAY(config, 1, struct config);
ARRAY(pattern, 1, struct pattern);
ARRAY(stats, 2, __u64);

typedef long write_one(struct trigger *ctx, void *data, __u64 size, __u64 flags);

static __always_inline int
write_records(struct trigger *ctx, write_one *write)
{
    struct config *cfg = AT(config, 0);
    struct pattern *data = AT(pattern, 0);
    __u64 *tried = AT(stats, 0), *no_room = AT(stats, 1);

    if (!is_ours(ctx, cfg) || !data || !tried || !no_room) {
        return 0;
    }
    for (int i = 0; i < BURST && i < cfg->count; i++) {
        __u64 extra = cfg->span ? *tried * cfg->step % cfg->span : 0;
        __u64 size = cfg->min_size + extra;

        data->words[0] = (*tried)++;
        if (size > MAX_RECORD) {
            size = MAX_RECORD;
        }
        if (write(ctx, data, size, cfg->flags)) {
            (*no_room)++;
        }
    }
    return 0;
}

#endif
