// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * CO-RE relocations that this kernel cannot resolve, all switched off ("?").
 * Maps:     none
 * Programs: one in each section
 * Users:    error/test_relocation
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#define AS_OF_BTF __attribute__((preserve_access_index))

struct task_struct___old {
    long state;
} AS_OF_BTF;

struct list_head___odd {
    int nxet;
} AS_OF_BTF;

struct task_struct___deep {
    struct list_head___odd tasks;
    int comm;
} AS_OF_BTF;

struct task_strukt {
    int pid;
} AS_OF_BTF;

enum bpf_map_type___odd {
    BPF_MAP_TYPE_HUSH = 1,
};

#define PROGRAM(section, name, type, field)                 \
    SEC("?" section)                                        \
    int name(void *ctx)                                     \
    {                                                       \
        struct type *task = (void *)bpf_get_current_task(); \
                                                            \
        return (long)BPF_CORE_READ(task, field);            \
    }

PROGRAM("raw_tp/1", a_renamed_field, task_struct___old, state)
PROGRAM("raw_tp/2", a_nested_field, task_struct___deep, tasks.nxet)
PROGRAM("raw_tp/3", a_type, task_strukt, pid)
PROGRAM("raw_tp/4", a_misfit, task_struct___deep, comm)

SEC("?raw_tp/5")
int
a_value(void *ctx)
{
    return bpf_core_enum_value(enum bpf_map_type___odd, BPF_MAP_TYPE_HUSH);
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
