// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Values with names: every kind of field, and maps whose keys and values have them.
 *
 * Maps: flows (flow -> stats), things, names, choices, per_cpu.
 * Programs: none.
 * Users:    value/test_*, row/test_*, column/test_*, map/test_record, map/test_columns,
 *           run/test_maps
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "records.h"

struct flow {
    __u32 saddr;
    __u16 sport;
}; /* two bytes of padding */
struct stats {
    __u64 bytes;
    __u64 packets;
};

#define MAP(name, kind, k, v)    \
    struct {                     \
        __uint(type, kind);      \
        __uint(max_entries, 64); \
        __type(key, k);          \
        __type(value, v);        \
    } name SEC(".maps")

MAP(flows, BPF_MAP_TYPE_HASH, struct flow, struct stats);
MAP(things, BPF_MAP_TYPE_ARRAY, __u32, struct thing);
MAP(names, BPF_MAP_TYPE_HASH, char[8], quad);
MAP(choices, BPF_MAP_TYPE_HASH, enum state, void *);
MAP(per_cpu, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct stats);

struct line *line;
char LICENSE[] SEC("license") = "Dual MIT/GPL";
