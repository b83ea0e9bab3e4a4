// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Reads the current task at an offset that user space tells, and by CO-RE.
 * Maps:     config (array: cookie), offset (array of u32),
 *           seen (array of u32: tgid read at the offset, tgid by CO-RE)
 * Programs: on_trigger (tracepoint)
 * Users:    btf/test_type
 */
#include "trigger.h"
#include <bpf/bpf_core_read.h>

struct task_struct {
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
MAP(offset, 1, __u32);
MAP(seen, 2, __u32);

ON_TRIGGER
int
on_trigger(struct trigger *ctx)
{
    __u32 zero = 0, one = 1, by_offset = 0, by_core;
    struct cookie *cfg = bpf_map_lookup_elem(&config, &zero);
    __u32 *at = bpf_map_lookup_elem(&offset, &zero);
    struct task_struct *task = (void *)bpf_get_current_task();

    if (!is_ours(ctx, cfg) || !at) {
        return 0;
    }
    by_core = BPF_CORE_READ(task, tgid);
    bpf_probe_read_kernel(&by_offset, sizeof(by_offset), (char *)task + *at);
    bpf_map_update_elem(&seen, &one, &by_core, BPF_ANY);
    bpf_map_update_elem(&seen, &zero, &by_offset, BPF_ANY);
    return 0;
}
