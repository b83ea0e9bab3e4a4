// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Programs that keep the cookie they were attached with, for kinds with a context of
 * BTF or none. Maps:     target (u32, a tgid), seen (u64, the cookie, by enum kind)
 * Programs: on_raw (raw_tp), on_typed (tp_btf), on_open (fentry), on_getpgid (lsm)
 * Users:    attach/test_tracepoint, attach/test_trace
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum kind { RAW, TYPED, FENTRY, LSM };

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u32);
} target SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 4);
    __type(key, __u32);
    __type(value, __u64);
} seen SEC(".maps");

#define PROGRAM(section, name, kind)                             \
    SEC(section) int name(void *ctx)                             \
    {                                                            \
        __u32 key = kind, zero = 0;                              \
        __u64 cookie = bpf_get_attach_cookie(ctx);               \
        __u32 *tgid = bpf_map_lookup_elem(&target, &zero);       \
                                                                 \
        if (tgid && *tgid == bpf_get_current_pid_tgid() >> 32) { \
            bpf_map_update_elem(&seen, &key, &cookie, BPF_ANY);  \
        }                                                        \
        return 0;                                                \
    }

PROGRAM("?raw_tp/sys_enter", on_raw, RAW)
PROGRAM("?tp_btf/sys_enter", on_typed, TYPED)
PROGRAM("?fentry/do_sys_openat2", on_open, FENTRY)
PROGRAM("?lsm/task_getpgid", on_getpgid, LSM)

char LICENSE[] SEC("license") = "Dual MIT/GPL";
