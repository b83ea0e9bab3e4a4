// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * One program for each kind of hook that is attached to by hand; each counts.
 * Maps:     hits (array of u64, by enum hit)
 * Programs: on_<kind>
 * Users:    attach/test_attach, host/test_target, program/test_run, run/test_attach
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum hit {
    KPROBE,
    KRETPROBE,
    TRACEPOINT,
    RAW_TRACEPOINT,
    UPROBE,
    URETPROBE,
    XDP,
    CGROUP
};

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 8);
    __type(key, __u32);
    __type(value, __u64);
} hits SEC(".maps");

static __always_inline int
count(__u32 hit, int verdict)
{
    __u64 *n = bpf_map_lookup_elem(&hits, &hit);

    if (n) {
        __atomic_fetch_add(n, 1, __ATOMIC_RELAXED);
    }
    return verdict;
}

#define PROGRAM(section, name, hit, verdict) \
    SEC(section)                             \
    int name(void *ctx)                      \
    {                                        \
        return count(hit, verdict);          \
    }

PROGRAM("kprobe", on_kprobe, KPROBE, 0)
PROGRAM("kretprobe", on_kretprobe, KRETPROBE, 0)
PROGRAM("tracepoint", on_tracepoint, TRACEPOINT, 0)
PROGRAM("raw_tp", on_raw_tracepoint, RAW_TRACEPOINT, 0)
PROGRAM("uprobe", on_uprobe, UPROBE, 0)
PROGRAM("uretprobe", on_uretprobe, URETPROBE, 0)
PROGRAM("xdp", on_xdp, XDP, XDP_PASS)
PROGRAM("cgroup_skb/egress", on_cgroup, CGROUP, 1)

char LICENSE[] SEC("license") = "Dual MIT/GPL";
