// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A program that the verifier rejects: it reads through a pointer that may be NULL.
 * Maps:     numbers (hash, u32 -> u64)
 * Programs: reads_null (socket filter)
 * Users:    error/test_log, object/test_load_refused, process/test_threads
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u64);
} numbers SEC(".maps");

SEC("socket")
int
reads_null(void *ctx)
{
    __u32 zero = 0;
    __u64 *value = bpf_map_lookup_elem(&numbers, &zero);

    return *value;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
