// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Storages of sockets, files and tasks.
 * Maps:     of_socket, of_inode, of_task (storages of u64)
 * Programs: none
 * Users:    map/test_storage, map/test_references
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define STORAGE(name, kind)                   \
    struct {                                  \
        __uint(type, BPF_MAP_TYPE_##kind);    \
        __uint(map_flags, BPF_F_NO_PREALLOC); \
        __type(key, int);                     \
        __type(value, __u64);                 \
    } name SEC(".maps")

STORAGE(of_socket, SK_STORAGE);
STORAGE(of_inode, INODE_STORAGE);
STORAGE(of_task, TASK_STORAGE);

char LICENSE[] SEC("license") = "GPL";
