/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Maps in a line each, and what lies in arrays. */
#ifndef TINYBPF_TESTS_MAPS_H
#define TINYBPF_TESTS_MAPS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define MAP(name, kind, n, more)           \
    struct {                               \
        __uint(type, BPF_MAP_TYPE_##kind); \
        __uint(max_entries, n);            \
        more                               \
    } name SEC(".maps")
#define RING(name, bytes) MAP(name, RINGBUF, bytes, )
#define ARRAY(name, n, v) MAP(name, ARRAY, n, __type(key, __u32); __type(value, v);)

/* The value of an array at that key. */
#define AT(array, key) bpf_map_lookup_elem(&(array), &(__u32){key})

#endif
