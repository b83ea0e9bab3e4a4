// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Storages of sockets, files and tasks, and values with a lock.
 * Maps:     of_socket, of_inode, of_task (storages of u64),
 *           locked, locked_array (u32 -> struct locked)
 * Programs: none
 * Users:    map/test_storage, map/test_flags
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

struct locked {
    struct bpf_spin_lock lock;
    __u32 a;
    __u64 b;
};

#define LOCKED(name, kind, v)              \
    struct {                               \
        __uint(type, BPF_MAP_TYPE_##kind); \
        __uint(max_entries, 8);            \
        __type(key, __u32);                \
        __type(value, v);                  \
    } name SEC(".maps")

LOCKED(locked, HASH, struct locked);
LOCKED(locked_array, ARRAY, struct locked);

char LICENSE[] SEC("license") = "GPL";
