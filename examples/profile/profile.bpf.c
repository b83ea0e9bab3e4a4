// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Where the CPUs spend their time: stacks, and how often each was seen.
 * Maps: stacks (the addresses of each), counts (hash of struct key), lost (samples that
 *       found no room), only (the pid to look at, 0 for all).
 * Programs: on_sample, at every tick of a clock of each CPU.
 * Used by profile.py. Linux 5.8 or newer.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define DEPTH 127
#define COMM_SIZE 16

struct key {
    __u32 pid;
    __s32 user;   /* id of the process's stack; negative: it has none */
    __s32 kernel; /* id of the kernel's stack; negative: it was not in the kernel */
    char comm[COMM_SIZE];
};

struct {
    __uint(type, BPF_MAP_TYPE_STACK_TRACE);
    __uint(max_entries, 16384);
    __uint(key_size, sizeof(__u32));
    __uint(value_size, DEPTH * sizeof(__u64));
} stacks SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 16384);
    __type(key, struct key);
    __type(value, __u64);
} counts SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u64);
} lost SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u32);
} only SEC(".maps");

SEC("perf_event")
int
on_sample(void *ctx)
{
    struct key key = {.pid = bpf_get_current_pid_tgid() >> 32};
    __u32 zero = 0, *pid = bpf_map_lookup_elem(&only, &zero);
    __u64 one = 1, *n;

    if (!key.pid || (pid && *pid && *pid != key.pid)) {
        return 0; /* the idle task */
    }
    bpf_get_current_comm(key.comm, sizeof(key.comm));
    key.kernel = bpf_get_stackid(ctx, &stacks, 0);
    key.user = bpf_get_stackid(ctx, &stacks, BPF_F_USER_STACK);
    n = bpf_map_lookup_elem(&counts, &key);
    if (!n && bpf_map_update_elem(&counts, &key, &one, BPF_NOEXIST)) {
        n = bpf_map_lookup_elem(&lost, &zero);
    }
    if (n) {
        __atomic_fetch_add(n, 1, __ATOMIC_RELAXED);
    }
    return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
