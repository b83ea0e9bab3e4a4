// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Two rings of different sizes filled by one program: even numbers go to the one,
 * odd numbers to the other.
 * Maps:     even (ring, 4 KiB), odd (ring, 8 KiB), config (array: cookie),
 *           seq (array of one u64)
 * Programs: produce (tracepoint)
 * Users:    stream/test_ringbuf*, process/test_signal, process/test_threads
 */
#include "maps.h"
#include "trigger.h"

RING(even, 4096);
RING(odd, 8192);
ARRAY(config, 1, struct cookie);
ARRAY(seq, 1, __u64);

ON_TRIGGER
int
produce(struct trigger *ctx)
{
    struct cookie *cfg = AT(config, 0);
    __u64 *n = AT(seq, 0);

    if (!is_ours(ctx, cfg) || !n) {
        return 0;
    }
    if (*n % 2) {
        bpf_ringbuf_output(&odd, n, sizeof(*n), 0);
    }
    else {
        bpf_ringbuf_output(&even, n, sizeof(*n), 0);
    }
    (*n)++;
    return 0;
}
