// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Maps that hold maps or programs, and types that libbpf forgets.
 * Maps:     progs (4 programs), outer (array of 4 maps: array u32 -> u64),
 *           by_key (hash u64 -> map: hash u32 -> s32), numbers (queue of s64)
 * Programs: jump (xdp: tail call to progs[0], else XDP_PASS), drop (xdp: XDP_DROP),
 *           count (xdp: adds 1 to outer[0][1])
 * Users:    map/test_descriptor, map/test_inner, map/test_queue
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define MAP(name, kind, n, more)           \
    struct {                               \
        __uint(type, BPF_MAP_TYPE_##kind); \
        __uint(max_entries, n);            \
        more                               \
    } name SEC(".maps")
#define TYPES(k, v) __type(key, k) __type(value, v)
#undef __type
#define __type(name, val) typeof(val) *name;

struct table {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 8);
    TYPES(__u32, __u64)
};

struct names {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 16);
    TYPES(__u32, __s32)
};

MAP(progs, PROG_ARRAY, 4, TYPES(__u32, __u32));
MAP(outer, ARRAY_OF_MAPS, 4, __type(key, __u32) __array(values, struct table););
MAP(by_key, HASH_OF_MAPS, 4, __type(key, __u64) __array(values, struct names););
MAP(numbers, QUEUE, 4, __type(value, __s64));

SEC("xdp") int jump(struct xdp_md *ctx)
{
    bpf_tail_call(ctx, &progs, 0);
    return XDP_PASS;
}

SEC("xdp") int drop(struct xdp_md *ctx)
{
    return XDP_DROP;
}

SEC("xdp") int count(struct xdp_md *ctx)
{
    __u32 zero = 0, one = 1;
    void *table = bpf_map_lookup_elem(&outer, &zero);
    __u64 *n = table ? bpf_map_lookup_elem(table, &one) : 0;

    return n ? (__atomic_fetch_add(n, 1, __ATOMIC_RELAXED), XDP_TX) : XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
