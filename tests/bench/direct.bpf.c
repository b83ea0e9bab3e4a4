// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A tool of one CO-RE program whose events have 32 bytes: what it takes to show the
 * first of them, and then many.
 * Maps:     events (ring, 16 MiB), writer (array of one: the process for which the next
 *           system call writes `burst` records)
 * Programs: on_exit (tp_btf): one record for anybody's system call while burst is 0
 * Users:    direct.c, direct.py, lines.py
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "tinybpf.bpf.h"

struct task_struct {
    int tgid;
} __attribute__((preserve_access_index));

struct event {
    __u64 ts;
    __u32 pid, n;
    char comm[16];
} *unused_event;

const volatile __u32 burst;

TINYBPF_RING(events, 16 << 20) TINYBPF_EVENT(event);

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u32);
} writer SEC(".maps");

static long
write_one(__u64 i, void *ctx)
{
    struct task_struct *task = (struct task_struct *)bpf_get_current_task_btf();
    struct event event = {.ts = bpf_ktime_get_ns(), .pid = task->tgid, .n = i};

    bpf_get_current_comm(event.comm, sizeof(event.comm));
    bpf_ringbuf_output(&events, &event, sizeof(event), burst ? BPF_RB_NO_WAKEUP : 0);
    return 0;
}

SEC("tp_btf/sys_exit")
int
on_exit(void *ctx)
{
    __u32 zero = 0, *pid = bpf_map_lookup_elem(&writer, &zero);

    if (!burst) {
        write_one(0, NULL);
    }
    else if (pid && *pid && *pid == bpf_get_current_pid_tgid() >> 32) {
        *pid = 0;
        bpf_loop(burst, write_one, NULL, 0);
    }
    return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
