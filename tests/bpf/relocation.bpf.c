// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A CO-RE relocation that no kernel can resolve.
 * Maps:     none
 * Programs: reads_missing (raw_tp): a field that task_struct does not have
 * Users:    error/test_relocation, object/test_load_refused, process/test_threads
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

struct task_struct {
    int no_such_field_anywhere;
} __attribute__((preserve_access_index));

SEC("raw_tp/sys_enter")
int
reads_missing(void *ctx)
{
    struct task_struct *task = (void *)bpf_get_current_task();

    return BPF_CORE_READ(task, no_such_field_anywhere);
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
