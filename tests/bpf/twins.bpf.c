// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Types that a test renames in BTF: event_2 becomes a second `event_1`, as the linker
 * of two files leaves it, and so copy_2; the pair gets a name as Rust's compiler writes
 * it. Maps:     first, second (hash, u32 -> event_1, event_2), pairs (hash, u32 -> the
 *           pair), records (ring buffer)
 * Programs: send (raw_tp): one event_1
 * Users:    btf/test_twin
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct event_1 {
    __u32 pid;
    char comm[12];
};

struct event_2 {
    __u64 when;
    __u32 kind, code;
};

struct copy_1 {
    __u32 n;
} copy_of_first;

struct copy_2 {
    __u32 n;
} copy_of_second;

struct pair_u32__u64_ {
    __u32 key;
    __u64 value;
};

#define HASH(name, type_of_value)        \
    struct {                             \
        __uint(type, BPF_MAP_TYPE_HASH); \
        __uint(max_entries, 4);          \
        __type(key, __u32);              \
        __type(value, type_of_value);    \
    } name SEC(".maps")

HASH(first, struct event_1);
HASH(second, struct event_2);
HASH(pairs, struct pair_u32__u64_);

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 4096);
} records SEC(".maps");

SEC("raw_tp") int send(void *ctx)
{
    struct event_1 event = {.pid = 7, .comm = "seven"};

    return bpf_ringbuf_output(&records, &event, sizeof(event), 0);
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
