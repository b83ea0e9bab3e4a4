// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A record for every program that is started on the machine.
 * Maps: events (ring buffer of struct event), and the count of those that found it
 * full. Program: on_exec, run by the kernel after an execve() that succeeded. Used by
 * execsnoop.py. Linux 5.8 or newer, with BTF; needs no tracefs.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "tinybpf.bpf.h"

#define COMM_SIZE 16
#define ARGS_SIZE 256

/* The few fields read here; CO-RE finds where the running kernel keeps them. */
struct mm_struct {
    unsigned long arg_start, arg_end;
} __attribute__((preserve_access_index));

struct task_struct {
    int tgid;
    struct task_struct *real_parent;
    struct mm_struct *mm;
} __attribute__((preserve_access_index));

struct event {
    __u32 pid;
    __u32 ppid;
    char comm[COMM_SIZE];
    char args[ARGS_SIZE];
};

/* Puts the type into BTF, where event_type="event" finds it. */
const struct event *unused_event;

TINYBPF_RING(events, 1 << 20) TINYBPF_EVENT(event);
TINYBPF_COUNT_DROPS(events);

/*
 * Copy argv, which lies in the new program's memory as one block of strings that the
 * kernel has just written, and put spaces between the words.
 */
static void
read_args(char *args, const struct mm_struct *mm)
{
    __u64 size = mm->arg_end - mm->arg_start;

    if (size > ARGS_SIZE) {
        size = ARGS_SIZE;
    }
    if (!size || bpf_probe_read_user(args, size, (void *)mm->arg_start)) {
        args[0] = '\0';
        return;
    }
    for (int i = 0; i < ARGS_SIZE; i++) {
        if (!args[i]) {
            args[i] = ' ';
        }
    }
    args[(size - 1) & (ARGS_SIZE - 1)] = '\0';
}

SEC("tp_btf/sched_process_exec")
int
BPF_PROG(on_exec, struct task_struct *task)
{
    struct event *event = tinybpf_reserve(&events, sizeof(*event), events);

    if (!event) {
        return 0;
    }
    event->pid = task->tgid;
    event->ppid = task->real_parent->tgid;
    bpf_get_current_comm(event->comm, sizeof(event->comm));
    read_args(event->args, task->mm);
    tinybpf_submit(event);
    return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
