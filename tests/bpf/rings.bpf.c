// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Two rings of different sizes filled by one program: even numbers go to the one,
 * odd numbers to the other.
 * Maps:     even (ring, 4 KiB), odd (ring, 8 KiB), config (array: cookie),
 *           seq (array of one u64)
 * Programs: produce (tracepoint)
 * Users:    stream/test_ringbuf*, process/test_signal, process/test_threads
 */
#include "trigger.h"

#define MAP(name, kind, n, v)              \
    struct {                               \
        __uint(type, BPF_MAP_TYPE_##kind); \
        __uint(max_entries, n);            \
        v                                  \
    } name SEC(".maps")

MAP(even, RINGBUF, 4096, );
MAP(odd, RINGBUF, 8192, );
MAP(config, ARRAY, 1, __type(key, __u32); __type(value, struct cookie););
MAP(seq, ARRAY, 1, __type(key, __u32); __type(value, __u64););

ON_TRIGGER
int
produce(struct trigger *ctx)
{
    __u32 zero = 0;
    struct cookie *cfg = bpf_map_lookup_elem(&config, &zero);
    __u64 *n = bpf_map_lookup_elem(&seq, &zero);

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
