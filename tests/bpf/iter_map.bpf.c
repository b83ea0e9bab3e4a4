// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * An iterator over the entries of a map, as text.
 * Maps:     counts (hash, u32 -> u64)
 * Programs: dump_map (iter/bpf_map_elem)
 * Users:    attach/test_iter, package/test_docs
 */
#include <linux/bpf.h>
#include <bpf/bpf_tracing.h>
#include "iter.h"
#include "maps.h"

MAP(counts, HASH, 100000, __type(key, __u32); __type(value, __u64););

SEC("iter/bpf_map_elem")
int
dump_map(struct bpf_iter__bpf_map_elem *ctx)
{
    __u32 *key = ctx->key;
    __u64 *value = ctx->value;

    if (key && value) {
        BPF_SEQ_PRINTF(ctx->meta->seq, "%u: %llu\n", *key, *value);
    }
    return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
