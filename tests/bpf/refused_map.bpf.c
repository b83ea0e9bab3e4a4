// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * An object whose second map the kernel refuses: a value of 1 GiB is too large for
 * any hash.
 * Maps:     good (array of one u64), bad (hash with values of 1 GiB)
 * Programs: none
 * Users:    object/test_load_refused, host/test_support
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u64);
} good SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1);
    __uint(key_size, 4);
    __uint(value_size, 1 << 30);
} bad SEC(".maps");
