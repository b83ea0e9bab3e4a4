// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The program of the user guide: what the pages of docs/ show of it stands here.
 * Maps:     counts (hash, u32 -> u64), flows (hash, struct flow -> struct stats),
 *           per_cpu (array, one u64 per CPU), events (ring buffer of struct event)
 * Programs: on_exec (tracepoint): an event for each program that is started
 * Users:    package/test_docs
 */
#include <linux/bpf.h>
#include <stdbool.h>
#include "guide.h"
#include "tinybpf.bpf.h"

#define MAP(kind, name, k, v, n) \
    struct {                     \
        __uint(type, kind);      \
        __type(key, k);          \
        __type(value, v);        \
        __uint(max_entries, n);  \
    } name SEC(".maps")

MAP(BPF_MAP_TYPE_HASH, counts, __u32, __u64, 1024);
MAP(BPF_MAP_TYPE_HASH, flows, struct flow, struct stats, 1024);
MAP(BPF_MAP_TYPE_PERCPU_ARRAY, per_cpu, __u32, __u64, 1);
struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 256 * 1024);
} events SEC(".maps");

const volatile __u32 target_pid; /* 0: all */
__u64 seen, dropped TINYBPF_DROPPED(events);
struct {
    bool verbose;
    __u32 limit;
} cfg = {false, 100};

SEC("tracepoint/sched/sched_process_exec")
int
on_exec(void *ctx)
{
    __u32 pid = bpf_get_current_pid_tgid() >> 32;
    struct event *e;

    if (target_pid && pid != target_pid) {
        return 0;
    }
    seen++;
    e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
    if (!e) {
        dropped++;
        return 0;
    }
    e->pid = pid;
    e->uid = bpf_get_current_uid_gid();
    bpf_get_current_comm(e->comm, sizeof(e->comm));
    bpf_ringbuf_submit(e, 0);
    return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
