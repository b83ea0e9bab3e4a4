// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A tracepoint program with typed arguments (tp_btf), which finds its process by tgid.
 * Maps:     target (array of u32: the tgid), hits (array of one u64)
 * Programs: on_enter (tp_btf/sys_enter)
 * Users:    program/test_program, program/test_info, run/test_attach_kinds
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define MAP(name, v)                      \
    struct {                              \
        __uint(type, BPF_MAP_TYPE_ARRAY); \
        __uint(max_entries, 1);           \
        __type(key, __u32);               \
        __type(value, v);                 \
    } name SEC(".maps")

MAP(target, __u32);
MAP(hits, __u64);

SEC("tp_btf/sys_enter")
int
on_enter(__u64 *ctx)
{
    __u32 zero = 0;
    __u32 *tgid = bpf_map_lookup_elem(&target, &zero);
    __u64 *n = bpf_map_lookup_elem(&hits, &zero);

    if (tgid && n && *tgid == bpf_get_current_pid_tgid() >> 32) {
        __atomic_fetch_add(n, 1, __ATOMIC_RELAXED);
    }
    return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
