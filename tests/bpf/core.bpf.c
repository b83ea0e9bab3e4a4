// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A CO-RE read that this kernel resolves, checked against what the process knows.
 * Maps:     config (array: cookie), seen (array of s32: tgid, pid by CO-RE)
 * Programs: on_trigger (tracepoint)
 * Users:    program/test_program, host/test_kernel_btf, btf/test_minimize
 */
#include "trigger.h"
#include <bpf/bpf_core_read.h>

struct task_struct {
    int pid;
    int tgid;
} __attribute__((preserve_access_index));

#define MAP(name, n, v)                   \
    struct {                              \
        __uint(type, BPF_MAP_TYPE_ARRAY); \
        __uint(max_entries, n);           \
        __type(key, __u32);               \
        __type(value, v);                 \
    } name SEC(".maps")

MAP(config, 1, struct cookie);
MAP(seen, 3, __s32);

ON_TRIGGER
int
on_trigger(struct trigger *ctx)
{
    __u32 zero = 0, one = 1, two = 2;
    struct cookie *cfg = bpf_map_lookup_elem(&config, &zero);
    struct task_struct *task = (void *)bpf_get_current_task();
    __s32 tgid, pid, by_helper = bpf_get_current_pid_tgid() >> 32;

    if (!is_ours(ctx, cfg)) {
        return 0;
    }
    tgid = BPF_CORE_READ(task, tgid);
    pid = BPF_CORE_READ(task, pid);
    bpf_map_update_elem(&seen, &zero, &tgid, BPF_ANY);
    bpf_map_update_elem(&seen, &one, &pid, BPF_ANY);
    bpf_map_update_elem(&seen, &two, &by_helper, BPF_ANY);
    return 0;
}
