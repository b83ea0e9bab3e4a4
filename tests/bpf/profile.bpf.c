// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The profiler of the guide: which processes use the CPUs.
 * Maps:     samples (hash, u32 -> u64: a process, how often it was seen)
 * Programs: on_sample (perf_event)
 * Users:    package/test_docs, attach/test_references
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1024);
    __type(key, __u32);
    __type(value, __u64);
} samples SEC(".maps");

SEC("perf_event")
int
on_sample(void *ctx)
{
    __u32 pid = bpf_get_current_pid_tgid() >> 32;
    __u64 one = 1, *n = bpf_map_lookup_elem(&samples, &pid);

    if (n) {
        __atomic_fetch_add(n, 1, __ATOMIC_RELAXED);
    }
    else {
        bpf_map_update_elem(&samples, &pid, &one, BPF_NOEXIST);
    }
    return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
