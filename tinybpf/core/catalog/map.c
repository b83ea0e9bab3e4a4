/* SPDX-License-Identifier: MIT
 *
 * The table of the kinds of map (catalog/map.h), in the order of enum bpf_map_type.
 * A kind of map is known here and nowhere else: whoever needs to know something of it
 * adds a column. First versions come from the history of that enum in
 * include/uapi/linux/bpf.h, options are those around each type in
 * include/linux/bpf_types.h, capabilities those of map_create() in
 * kernel/bpf/syscall.c.
 */
#include "catalog/map.h"

#include "base/libbpf.h"

#include <errno.h>

#define FILENO "a descriptor, or an object with fileno()"
#define SOCKET "a socket, or its descriptor"
#define DEVICE "the index or name of an interface, or a pair of it and a BpfProgram"
#define INNER "a BpfMap of the shape of its inner maps, or its descriptor"
#define RING_SIZES "max_entries are bytes: they must be a power of 2, and whole pages"
#define QUEUE "push(), pop() and peek()"

static const struct tb_map_kind kinds[] = {
    {.type = BPF_MAP_TYPE_UNSPEC},
    {.type = BPF_MAP_TYPE_HASH, .needs = {"3.19", NULL, 0}, .is_batched = 1},
    {.type = BPF_MAP_TYPE_ARRAY,
     .needs = {"3.19", NULL, 0},
     .is_array = 1,
     .is_indexed = 1,
     .is_batched = 1},
    {.type = BPF_MAP_TYPE_PROG_ARRAY,
     .needs = {"4.2", NULL, 0},
     .form = TB_FORM_PROGRAM,
     .takes = "a BpfProgram of the type of those in it, or its descriptor",
     .is_indexed = 1,
     .is_sparse = 1,
     .is_number = 1},
    {.type = BPF_MAP_TYPE_PERF_EVENT_ARRAY,
     .needs = {"4.3", "CONFIG_PERF_EVENTS", 0},
     .form = TB_FORM_DESCRIPTOR,
     .takes = FILENO,
     .sizes = "key_size and value_size must be 4: __uint(key_size, 4); "
              "__uint(value_size, 4);",
     .is_indexed = 1,
     .is_number = 1,
     .is_hidden = 1},
    {.type = BPF_MAP_TYPE_PERCPU_HASH,
     .needs = {"4.6", NULL, 0},
     .is_percpu = 1,
     .is_batched = 1},
    {.type = BPF_MAP_TYPE_PERCPU_ARRAY,
     .needs = {"4.6", NULL, 0},
     .is_array = 1,
     .is_indexed = 1,
     .is_percpu = 1,
     .is_batched = 1},
    {.type = BPF_MAP_TYPE_STACK_TRACE,
     .needs = {"4.6", "CONFIG_PERF_EVENTS", 0},
     .is_indexed = 1},
    {.type = BPF_MAP_TYPE_CGROUP_ARRAY,
     .needs = {"4.8", "CONFIG_CGROUPS", 0},
     .form = TB_FORM_DESCRIPTOR,
     .opens = TB_OPENS_VALUE_PATH,
     .takes = "the path of a cgroup of version 2, or " FILENO,
     .is_indexed = 1,
     .is_number = 1,
     .is_hidden = 1},
    {.type = BPF_MAP_TYPE_LRU_HASH, .needs = {"4.10", NULL, 0}, .is_batched = 1},
    {.type = BPF_MAP_TYPE_LRU_PERCPU_HASH,
     .needs = {"4.10", NULL, 0},
     .is_percpu = 1,
     .is_batched = 1},
    {.type = BPF_MAP_TYPE_LPM_TRIE,
     .needs = {"4.11", NULL, 0},
     .form = TB_FORM_NETWORK,
     .flags = BPF_F_NO_PREALLOC,
     .sizes = "its flags are BPF_F_NO_PREALLOC, its key is a __u32 and 1 to 256 bytes"},
    {.type = BPF_MAP_TYPE_ARRAY_OF_MAPS,
     .needs = {"4.12", NULL, 0},
     .form = TB_FORM_MAP,
     .takes = INNER,
     .is_indexed = 1,
     .is_sparse = 1,
     .is_number = 1},
    {.type = BPF_MAP_TYPE_HASH_OF_MAPS,
     .needs = {"4.12", NULL, 0},
     .form = TB_FORM_MAP,
     .takes = INNER,
     .is_number = 1},
    {.type = BPF_MAP_TYPE_DEVMAP,
     .needs = {"4.14", "CONFIG_NET", TB_NEEDS_NET_ADMIN},
     .form = TB_FORM_DEVICE,
     .takes = DEVICE,
     .is_indexed = 1,
     .is_sparse = 1,
     .is_number = 1},
    {.type = BPF_MAP_TYPE_SOCKMAP,
     .needs = {"4.14", "CONFIG_NET", TB_NEEDS_NET_ADMIN},
     .form = TB_FORM_DESCRIPTOR,
     .takes = SOCKET,
     .absent = -EINVAL,
     .is_indexed = 1,
     .is_sparse = 1,
     .is_number = 1,
     .is_socket = 1},
    {.type = BPF_MAP_TYPE_CPUMAP,
     .needs = {"4.15", "CONFIG_NET", 0},
     .form = TB_FORM_CPU,
     .takes = "the size of a queue, or a pair of it and a BpfProgram",
     .is_indexed = 1,
     .is_sparse = 1,
     .is_number = 1},
    {.type = BPF_MAP_TYPE_XSKMAP,
     .needs = {"4.18", "CONFIG_XDP_SOCKETS", TB_NEEDS_NET_ADMIN},
     .form = TB_FORM_DESCRIPTOR,
     .takes = FILENO,
     .is_indexed = 1,
     .is_number = 1,
     .is_hidden = 1},
    {.type = BPF_MAP_TYPE_SOCKHASH,
     .needs = {"4.18", "CONFIG_NET", TB_NEEDS_NET_ADMIN},
     .form = TB_FORM_DESCRIPTOR,
     .takes = SOCKET,
     .is_number = 1,
     .is_socket = 1},
    {.type = BPF_MAP_TYPE_CGROUP_STORAGE, .needs = {"4.19", "CONFIG_CGROUP_BPF", 0}},
    {.type = BPF_MAP_TYPE_REUSEPORT_SOCKARRAY,
     .needs = {"4.19", "CONFIG_INET", 0},
     .form = TB_FORM_DESCRIPTOR,
     .takes = SOCKET,
     .is_indexed = 1,
     .is_sparse = 1,
     .is_number = 1,
     .is_socket = 1},
    {.type = BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE,
     .needs = {"4.20", "CONFIG_CGROUP_BPF", 0},
     .is_percpu = 1},
    {.type = BPF_MAP_TYPE_QUEUE,
     .needs = {"4.20", NULL, 0},
     .form = TB_FORM_NONE,
     .instead = QUEUE,
     .is_queue = 1},
    {.type = BPF_MAP_TYPE_STACK,
     .needs = {"4.20", NULL, 0},
     .form = TB_FORM_NONE,
     .instead = QUEUE,
     .is_queue = 1},
    {.type = BPF_MAP_TYPE_SK_STORAGE,
     .needs = {"5.2", "CONFIG_NET", 0},
     .form = TB_FORM_KEY_FILE,
     .flags = BPF_F_NO_PREALLOC,
     .is_unlisted = 1},
    {.type = BPF_MAP_TYPE_DEVMAP_HASH,
     .needs = {"5.4", "CONFIG_NET", TB_NEEDS_NET_ADMIN},
     .form = TB_FORM_DEVICE,
     .takes = DEVICE,
     .is_indexed = 1,
     .is_number = 1},
    {.type = BPF_MAP_TYPE_STRUCT_OPS,
     .needs = {"5.6", "CONFIG_BPF_JIT", 0},
     .takes = "the struct with loaded programs' descriptors for its functions, and "
              "zeros for what the kernel counts there",
     .is_indexed = 1},
    {.type = BPF_MAP_TYPE_RINGBUF,
     .needs = {"5.8", NULL, 0},
     .form = TB_FORM_NONE,
     .instead = "BpfRingBuffer",
     .sizes = RING_SIZES,
     .is_memory = 1},
    {.type = BPF_MAP_TYPE_INODE_STORAGE,
     .needs = {"5.10", "CONFIG_BPF_LSM", 0},
     .form = TB_FORM_KEY_FILE,
     .opens = TB_OPENS_KEY_PATH,
     .flags = BPF_F_NO_PREALLOC,
     .is_unlisted = 1},
    {.type = BPF_MAP_TYPE_TASK_STORAGE,
     .needs = {"5.11", NULL, 0},
     .form = TB_FORM_KEY_FILE,
     .opens = TB_OPENS_KEY_PID,
     .flags = BPF_F_NO_PREALLOC,
     .is_unlisted = 1},
    {.type = BPF_MAP_TYPE_BLOOM_FILTER,
     .needs = {"5.16", NULL, 0},
     .form = TB_FORM_NONE,
     .instead = "push() and the operator `in`"},
    {.type = BPF_MAP_TYPE_USER_RINGBUF,
     .needs = {"6.1", NULL, 0},
     .form = TB_FORM_NONE,
     .instead = "it as a user ring buffer",
     .sizes = RING_SIZES,
     .is_memory = 1},
    {.type = BPF_MAP_TYPE_CGRP_STORAGE,
     .needs = {"6.2", "CONFIG_CGROUPS", 0},
     .form = TB_FORM_KEY_FILE,
     .opens = TB_OPENS_KEY_PATH,
     .flags = BPF_F_NO_PREALLOC,
     .is_unlisted = 1},
    {.type = BPF_MAP_TYPE_ARENA,
     .needs = {"6.9", "CONFIG_MMU", 0},
     .form = TB_FORM_NONE,
     .instead = "mmap()",
     .flags = BPF_F_MMAPABLE,
     .is_memory = 1},
    {.type = BPF_MAP_TYPE_INSN_ARRAY, .needs = {"6.19", NULL, 0}},
};

const struct tb_map_kind *
tb_catalog_map(uint32_t type)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i].type == type) {
            return &kinds[i];
        }
    }
    return &kinds[0];
}

/* By the commits that added them to include/uapi/linux/bpf.h. */
static const struct tb_map_flag flags[] = {
    {BPF_F_MMAPABLE, "BPF_F_MMAPABLE", {"5.5", NULL, 0}},
    {BPF_F_PRESERVE_ELEMS, "BPF_F_PRESERVE_ELEMS", {"5.10", NULL, 0}},
    {BPF_F_INNER_MAP, "BPF_F_INNER_MAP", {"5.10", NULL, 0}},
    {BPF_F_SEGV_ON_FAULT, "BPF_F_SEGV_ON_FAULT", {"6.9", NULL, 0}},
    {BPF_F_NO_USER_CONV, "BPF_F_NO_USER_CONV", {"6.9", NULL, 0}},
    {BPF_F_RB_OVERWRITE, "BPF_F_RB_OVERWRITE", {"6.19", NULL, 0}},
};

const struct tb_map_flag *
tb_catalog_map_flag(size_t i)
{
    return i < sizeof(flags) / sizeof(flags[0]) ? &flags[i] : NULL;
}
