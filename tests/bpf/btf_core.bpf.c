// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * One CO-RE relocation of each kind: pointers, anonymous members, arrays, bit fields,
 * flavours, enum values, existence, sizes and ids of types.
 * Maps:     config (array: cookie), .bss (seen: what it found)
 * Programs: on_trigger (tracepoint)
 * Users:    btf/test_minimize, package/test_command
 */
#include "trigger.h"
#include <bpf/bpf_core_read.h>

#define CORE __attribute__((preserve_access_index))
enum pid_type { PIDTYPE_SID };
struct upid {
    int nr;
} CORE;
struct pid {
    unsigned int level;
    struct upid numbers[1];
} CORE;
struct task_struct___mine {
    int tgid;
    unsigned sched_reset_on_fork : 1;
    struct task_struct___mine *group_leader;
    struct pid *thread_pid;
    char comm[16];
} CORE;
struct sk_buff {
    unsigned int len;
    struct sk_buff *next; /* inside of an anonymous struct of the kernel's */
} CORE;

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct cookie);
} config SEC(".maps");
__u64 seen[8];

ON_TRIGGER
int
on_trigger(struct trigger *ctx)
{
    struct task_struct___mine *task = (void *)bpf_get_current_task();
    struct cookie *cfg = bpf_map_lookup_elem(&config, &(__u32){0});

    if (!is_ours(ctx, cfg)) {
        return 0;
    }
    seen[0] = BPF_CORE_READ(task, group_leader, tgid);
    seen[1] = BPF_CORE_READ(task, thread_pid, numbers[0].nr);
    seen[2] = BPF_CORE_READ_BITFIELD_PROBED(task, sched_reset_on_fork);
    seen[3] = bpf_core_enum_value(enum pid_type, PIDTYPE_SID);
    seen[4] = bpf_core_type_size(struct pid);
    seen[5] = bpf_core_field_offset(struct sk_buff, next);
    seen[6] = bpf_core_type_id_kernel(struct pid) > 0;
    seen[7] = bpf_core_field_size(struct task_struct___mine, comm);
    return 0;
}
