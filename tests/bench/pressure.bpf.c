// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A ring and a writer of its own: each system call of one process writes records.
 * Maps:     events (ring, 16 MiB, whose drops are counted), config (array of one: see
 *           struct config), produced (array of one: records, those dropped as well)
 * Programs: write_records (tp_btf)
 * Users:    pressure.c, reader.py
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "tinybpf.bpf.h"

struct record {
    __u64 seq, sent; /* ns */
    __u64 zero[30];
};
struct small {
    __u64 seq, sent, zero[2];
} *unused_small; /* what is written of a record when it is small */
struct record *unused_record;

struct config {
    __u32 pid, count, size, zero;
};

TINYBPF_RING(events, 16 << 20);
TINYBPF_COUNT_DROPS(events);
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct config);
} config SEC(".maps");
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u64);
} produced SEC(".maps");

struct writing {
    __u32 size;
    __u64 *produced;
};

static long
write_one(__u64 i, void *ctx)
{
    struct writing *writing = ctx;
    struct record record = {.seq = (*writing->produced)++, .sent = bpf_ktime_get_ns()};

    if (writing->size == sizeof(struct small)) {
        tinybpf_output(&events, &record, sizeof(struct small), events);
    }
    else {
        tinybpf_output(&events, &record, sizeof(record), events);
    }
    return 0;
}

SEC("tp_btf/sys_exit")
int
write_records(void *ctx)
{
    __u32 zero = 0;
    struct config *cfg = bpf_map_lookup_elem(&config, &zero);
    struct writing writing = {.produced = bpf_map_lookup_elem(&produced, &zero)};

    if (!cfg || !writing.produced || cfg->pid != bpf_get_current_pid_tgid() >> 32) {
        return 0;
    }
    writing.size = cfg->size;
    bpf_loop(cfg->count, write_one, &writing, 0);
    return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
