// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Iterators over tasks, as text and as structs.
 * Maps:     none
 * Programs: dump_tasks, dump_rows (iter/task)
 * Users:    attach/test_iter, attach/test_link_update, package/test_docs
 */
#include <linux/bpf.h>
#include <bpf/bpf_tracing.h>
#include "iter.h"

struct task_row {
    __u32 pid, tgid;
    char comm[16];
} *unused_row;

SEC("iter/task")
int
dump_tasks(struct bpf_iter__task *ctx)
{
    struct task_struct *task = ctx->task;

    if (task) {
        BPF_SEQ_PRINTF(ctx->meta->seq, "task %d\n", task->pid);
    }
    return 0;
}

SEC("iter/task")
int
dump_rows(struct bpf_iter__task *ctx)
{
    struct task_struct *task = ctx->task;
    struct task_row row;

    if (task) {
        row = (struct task_row){task->pid, task->tgid};
        bpf_probe_read_kernel_str(row.comm, sizeof(row.comm), task->comm);
        bpf_seq_write(ctx->meta->seq, &row, sizeof(row));
    }
    return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
