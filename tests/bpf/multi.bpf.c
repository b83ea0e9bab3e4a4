// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Programs at many places that count by the cookie of each.
 * Maps:     target (u32, a tgid; 0: any), seen (hash of u64: cookie -> count)
 * Programs: on_functions, at_both (kprobe.multi, .session), on_places, at_ends
 *           (uprobe.multi, .session)
 * Users:    attach/test_kprobe_multi, attach/test_uprobe_multi,
 *           run/test_attach_kinds
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u32);
} target SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 64);
    __type(key, __u64);
    __type(value, __u64);
} seen SEC(".maps");

#define PROGRAM(section, name)                                               \
    SEC(section) int name(void *ctx)                                         \
    {                                                                        \
        __u64 cookie = bpf_get_attach_cookie(ctx), none = 0, *n;             \
        __u32 zero = 0, *tgid = bpf_map_lookup_elem(&target, &zero);         \
                                                                             \
        if (!tgid || (*tgid && *tgid != bpf_get_current_pid_tgid() >> 32)) { \
            return 0;                                                        \
        }                                                                    \
        bpf_map_update_elem(&seen, &cookie, &none, BPF_NOEXIST);             \
        n = bpf_map_lookup_elem(&seen, &cookie);                             \
        if (n) {                                                             \
            __atomic_fetch_add(n, 1, __ATOMIC_RELAXED);                      \
        }                                                                    \
        return 0;                                                            \
    }

PROGRAM("?kprobe.multi", on_functions)
PROGRAM("?kprobe.session", at_both)
PROGRAM("?uprobe.multi", on_places)
PROGRAM("?uprobe.session", at_ends)

char LICENSE[] SEC("license") = "Dual MIT/GPL";
