// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * How many system calls each process makes.
 * Maps: counts (process id -> calls), names (process id -> name).
 * Programs: on_syscall, run at every system call; on_exec, when a process becomes
 *           another program and so gets another name.
 * Used by counter.py. Linux 5.5 or newer, with BTF; needs no tracefs.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define COMM_SIZE 16
#define PROCESSES 16384

struct name {
    char comm[COMM_SIZE];
};

struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, PROCESSES);
    __type(key, __u32);
    __type(value, __u64);
} counts SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, PROCESSES);
    __type(key, __u32);
    __type(value, struct name);
} names SEC(".maps");

static void
remember_name(__u32 pid)
{
    struct name name = {};

    bpf_get_current_comm(name.comm, sizeof(name.comm));
    bpf_map_update_elem(&names, &pid, &name, BPF_ANY);
}

SEC("tp_btf/sys_enter")
int
on_syscall(void *ctx)
{
    __u32 pid = bpf_get_current_pid_tgid() >> 32;
    __u64 *count = bpf_map_lookup_elem(&counts, &pid);
    __u64 one = 1;

    if (count) {
        /* Relaxed: before 5.12 a BPF atomic cannot return the old value. */
        __atomic_fetch_add(count, 1, __ATOMIC_RELAXED);
    }
    else {
        bpf_map_update_elem(&counts, &pid, &one, BPF_NOEXIST);
        remember_name(pid);
    }
    return 0;
}

SEC("tp_btf/sched_process_exec")
int
on_exec(void *ctx)
{
    remember_name(bpf_get_current_pid_tgid() >> 32);
    return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
