// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What the bench drives: a hash, and a ring buffer with a writer of its own.
 * Maps:     counts (hash u32 -> u64), events (ring, 16 MiB), writer (array of one:
 *           the process for which the next system call writes the records), .bss
 *           (lots: how often they were written), numbers (mmapable array of u64)
 * Programs: write_records (tp_btf), not attached while the hash is measured
 * Users:    rates.c, worker.py
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define ENTRIES 100000
#define RECORDS 65536

__u64 lots;

struct record {
    __u64 seq, zero[3];
} *unused_record; /* compilers write down the types of variables only */

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, ENTRIES);
    __type(key, __u32);
    __type(value, __u64);
} counts SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(map_flags, BPF_F_MMAPABLE);
    __uint(max_entries, ENTRIES);
    __type(key, __u32);
    __type(value, __u64);
} numbers SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 16 << 20);
} events SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u32);
} writer SEC(".maps");

static long
write_one(__u64 i, void *ctx)
{
    struct record record = {.seq = i};

    bpf_ringbuf_output(&events, &record, sizeof(record), BPF_RB_NO_WAKEUP);
    return 0;
}

/* Whoever writes its pid into `writer` finds the records when that call returns. */
SEC("tp_btf/sys_exit")
int
write_records(void *ctx)
{
    __u32 zero = 0, *pid = bpf_map_lookup_elem(&writer, &zero);

    if (!pid || !*pid || *pid != bpf_get_current_pid_tgid() >> 32) {
        return 0;
    }
    *pid = 0;
    lots++;
    bpf_loop(RECORDS, write_one, NULL, 0);
    return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
