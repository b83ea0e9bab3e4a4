// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Maps large enough for bulk: a full walk must neither lose nor repeat an entry.
 * Maps:     big (hash, u32 -> u64, 131072 entries), wide (array of 4096 s64)
 * Programs: none
 * Users:    map/test_iter, map/test_pin, object/test_object
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 131072);
    __type(key, __u32);
    __type(value, __u64);
} big SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 4096);
    __type(key, __u32);
    __type(value, __s64);
} wide SEC(".maps");
