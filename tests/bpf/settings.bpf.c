// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What can be set before loading, or is given with it.
 * Maps:     small (hash of 4, u32 -> u64), kept (array, pinned by name), odd (with a
 *           flag that no kernel has), table, inner (arrays of 1 and 2 u64), outer
 *           (hash of maps as inner), events (ring of a page)
 * Programs: count (raw_tp: small[0] = 7), hook (tp_btf without a target)
 * Users:    object/test_setting, view/test_globals
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define MAP(name, kind, n, v, more)        \
    struct {                               \
        __uint(type, BPF_MAP_TYPE_##kind); \
        __uint(max_entries, n);            \
        __type(key, __u32);                \
        __type(value, v);                  \
        more                               \
    } name SEC(".maps")

MAP(small, HASH, 4, __u64, );
MAP(kept, ARRAY, 1, __u64, __uint(pinning, LIBBPF_PIN_BY_NAME););
MAP(odd, HASH, 1, __u64, __uint(map_flags, 1u << 28););
MAP(table, ARRAY, 1, __u64, );

MAP(inner, ARRAY, 2, __u64, );

struct {
    __uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
    __uint(max_entries, 4);
    __type(key, __u32);
    __array(values, typeof(inner));
} outer SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 4096);
} events SEC(".maps");

SEC("raw_tp")
int
count(void *ctx)
{
    __u64 pair[2] = {0, 7};

    return (int)bpf_map_update_elem(&small, &pair[0], &pair[1], BPF_ANY);
}

SEC("tp_btf")
int
hook(__u64 *ctx)
{
    return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
