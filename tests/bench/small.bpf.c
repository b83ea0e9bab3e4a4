// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A small CO-RE object, as a tool's usually is: loading it is measured.
 * Maps:     seen (hash u32 -> u64, 64 entries)
 * Programs: on_exec (tp_btf), with one relocated field; it is not attached
 * Users:    load.c, __main__.py
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct task_struct {
    int tgid;
} __attribute__((preserve_access_index));

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 64);
    __type(key, __u32);
    __type(value, __u64);
} seen SEC(".maps");

SEC("tp_btf/sched_process_exec")
int
BPF_PROG(on_exec, struct task_struct *task)
{
    __u32 pid = task->tgid;
    __u64 now = bpf_ktime_get_ns();

    bpf_map_update_elem(&seen, &pid, &now, BPF_ANY);
    return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
