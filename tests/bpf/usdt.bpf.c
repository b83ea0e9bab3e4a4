// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Static tracepoints, and a pattern of functions of a file in the working directory.
 * Maps:     ticks (u64: sum of arguments, cookie, count), those of usdt.bpf.h
 * Programs: on_request, on_tick (usdt), on_work (uprobe.multi)
 * Users:    attach/test_link, attach/test_usdt, host/test_target,
 *           run/test_attach_kinds
 */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/usdt.bpf.h>

SEC("?usdt/./probed:demo:request") int BPF_USDT(on_request, int n)
{
    return n;
}

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 3);
    __type(key, __u32);
    __type(value, __u64);
} ticks SEC(".maps");

static __always_inline void
add(__u32 key, __u64 n)
{
    __u64 *value = bpf_map_lookup_elem(&ticks, &key);

    if (value) {
        __atomic_fetch_add(value, n, __ATOMIC_RELAXED);
    }
}

SEC("?usdt") int BPF_USDT(on_tick, int n)
{
    __u64 cookie = bpf_usdt_cookie(ctx);
    __u32 key = 1;

    add(0, n);
    bpf_map_update_elem(&ticks, &key, &cookie, BPF_ANY);
    add(2, 1);
    return 0;
}

SEC("?uprobe.multi/./probed:work_*") int on_work(void *ctx)
{
    return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
