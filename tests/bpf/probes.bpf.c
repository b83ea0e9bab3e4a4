// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Programs that keep the cookie they were attached with, for kinds of perf events.
 * Maps:     target (u32, a tgid; 0: any), seen (struct seen, by enum kind)
 * Programs: on_<kind>
 * Users:    attach/test_kprobe, attach/test_uprobe, attach/test_uprobe_multi,
 *           attach/test_tracepoint, attach/test_perf_event,
 *           run/test_attach_kinds
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum kind { UPROBE, KPROBE, KSYSCALL, TRACEPOINT, PERF_EVENT };

struct seen {
    __u64 count;
    __u64 cookie;
};

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u32);
} target SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 8);
    __type(key, __u32);
    __type(value, struct seen);
} seen SEC(".maps");

#define PROGRAM(section, name, kind)                                                  \
    SEC(section) int name(void *ctx)                                                  \
    {                                                                                 \
        __u32 key = kind, zero = 0;                                                   \
        struct seen *entry = bpf_map_lookup_elem(&seen, &key);                        \
        __u32 *tgid = bpf_map_lookup_elem(&target, &zero);                            \
                                                                                      \
        if (entry && tgid && (!*tgid || *tgid == bpf_get_current_pid_tgid() >> 32)) { \
            __atomic_fetch_add(&entry->count, 1, __ATOMIC_RELAXED);                   \
            entry->cookie = bpf_get_attach_cookie(ctx);                               \
        }                                                                             \
        return 0;                                                                     \
    }

PROGRAM("?uprobe", on_uprobe, UPROBE)
PROGRAM("?kprobe", on_kprobe, KPROBE)
PROGRAM("?ksyscall", on_ksyscall, KSYSCALL)
PROGRAM("?tracepoint", on_tracepoint, TRACEPOINT)
PROGRAM("?perf_event", on_perf_event, PERF_EVENT)

char LICENSE[] SEC("license") = "Dual MIT/GPL";
