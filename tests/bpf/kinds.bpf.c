// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * One map of each common kind, and one that says sizes instead of types.
 * Maps:     hash array lru percpu_hash percpu_array lru_percpu queue stack lpm
 *           ring perf; sizes (hash: 4 bytes -> 6 bytes, no BTF)
 * Programs: none
 * Users:    map/test_*, stream/test_ringbuf_misuse
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct prefix {
    __u32 len;
    __u8 address[4];
};

#define MAP(name, kind, k, n, more)        \
    struct {                               \
        __uint(type, BPF_MAP_TYPE_##kind); \
        __uint(max_entries, n);            \
        __type(key, k);                    \
        __type(value, __u64);              \
        more                               \
    } name SEC(".maps")

MAP(hash, HASH, __u32, 16, );
MAP(array, ARRAY, __u32, 16, );
MAP(lru, LRU_HASH, __u32, 64, );
MAP(percpu_hash, PERCPU_HASH, __u32, 16, );
MAP(percpu_array, PERCPU_ARRAY, __u32, 16, );
MAP(lru_percpu, LRU_PERCPU_HASH, __u32, 64, );
MAP(lpm, LPM_TRIE, struct prefix, 512, __uint(map_flags, BPF_F_NO_PREALLOC););

#define SIZED(name, kind, k, v, n)         \
    struct {                               \
        __uint(type, BPF_MAP_TYPE_##kind); \
        __uint(key_size, k);               \
        __uint(value_size, v);             \
        __uint(max_entries, n);            \
    } name SEC(".maps")

SIZED(queue, QUEUE, 0, 8, 16);
SIZED(stack, STACK, 0, 8, 16);
SIZED(ring, RINGBUF, 0, 0, 4096);
SIZED(perf, PERF_EVENT_ARRAY, 4, 4, 0);
SIZED(sizes, HASH, 4, 6, 16);
