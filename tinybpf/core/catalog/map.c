/* SPDX-License-Identifier: MIT
 *
 * The table of the kinds of map (catalog/map.h), in the order of enum bpf_map_type.
 * A kind of map is known here and nowhere else: whoever needs to know something of it
 * adds a column.
 */
#include "catalog/map.h"

#include "base/libbpf.h"

#include <errno.h>

#define FILENO "a descriptor, or an object with fileno()"
#define SOCKET "a socket, or its descriptor"
#define DEVICE "the index or name of an interface, or a pair of it and a BpfProgram"
#define INNER "a BpfMap of the shape of its inner maps, or its descriptor"
#define QUEUE "push(), pop() and peek()"

static const struct tb_map_kind kinds[] = {
    {.type = BPF_MAP_TYPE_UNSPEC},
    {.type = BPF_MAP_TYPE_HASH, .is_batched = 1},
    {.type = BPF_MAP_TYPE_ARRAY, .is_array = 1, .is_indexed = 1, .is_batched = 1},
    {.type = BPF_MAP_TYPE_PROG_ARRAY,
     .form = TB_FORM_PROGRAM,
     .takes = "a BpfProgram of the type of those in it, or its descriptor",
     .is_indexed = 1,
     .is_sparse = 1,
     .is_number = 1},
    {.type = BPF_MAP_TYPE_PERF_EVENT_ARRAY,
     .form = TB_FORM_DESCRIPTOR,
     .takes = FILENO,
     .is_indexed = 1,
     .is_number = 1,
     .is_hidden = 1},
    {.type = BPF_MAP_TYPE_PERCPU_HASH, .is_percpu = 1, .is_batched = 1},
    {.type = BPF_MAP_TYPE_PERCPU_ARRAY,
     .is_array = 1,
     .is_indexed = 1,
     .is_percpu = 1,
     .is_batched = 1},
    {.type = BPF_MAP_TYPE_STACK_TRACE, .is_indexed = 1},
    {.type = BPF_MAP_TYPE_CGROUP_ARRAY,
     .form = TB_FORM_DESCRIPTOR,
     .opens = TB_OPENS_VALUE_PATH,
     .takes = "the path of a cgroup of version 2, or " FILENO,
     .is_indexed = 1,
     .is_number = 1,
     .is_hidden = 1},
    {.type = BPF_MAP_TYPE_LRU_HASH, .is_batched = 1},
    {.type = BPF_MAP_TYPE_LRU_PERCPU_HASH, .is_percpu = 1, .is_batched = 1},
    {.type = BPF_MAP_TYPE_LPM_TRIE,
     .form = TB_FORM_NETWORK,
     .flags = BPF_F_NO_PREALLOC},
    {.type = BPF_MAP_TYPE_ARRAY_OF_MAPS,
     .form = TB_FORM_MAP,
     .takes = INNER,
     .is_indexed = 1,
     .is_sparse = 1,
     .is_number = 1},
    {.type = BPF_MAP_TYPE_HASH_OF_MAPS,
     .form = TB_FORM_MAP,
     .takes = INNER,
     .is_number = 1},
    {.type = BPF_MAP_TYPE_DEVMAP,
     .form = TB_FORM_DEVICE,
     .takes = DEVICE,
     .is_indexed = 1,
     .is_sparse = 1,
     .is_number = 1},
    {.type = BPF_MAP_TYPE_SOCKMAP,
     .form = TB_FORM_DESCRIPTOR,
     .takes = SOCKET,
     .absent = -EINVAL,
     .is_indexed = 1,
     .is_sparse = 1,
     .is_number = 1,
     .is_socket = 1},
    {.type = BPF_MAP_TYPE_CPUMAP,
     .form = TB_FORM_CPU,
     .takes = "the size of a queue, or a pair of it and a BpfProgram",
     .is_indexed = 1,
     .is_sparse = 1,
     .is_number = 1},
    {.type = BPF_MAP_TYPE_XSKMAP,
     .form = TB_FORM_DESCRIPTOR,
     .takes = FILENO,
     .is_indexed = 1,
     .is_number = 1,
     .is_hidden = 1},
    {.type = BPF_MAP_TYPE_SOCKHASH,
     .form = TB_FORM_DESCRIPTOR,
     .takes = SOCKET,
     .is_number = 1,
     .is_socket = 1},
    {.type = BPF_MAP_TYPE_CGROUP_STORAGE},
    {.type = BPF_MAP_TYPE_REUSEPORT_SOCKARRAY,
     .form = TB_FORM_DESCRIPTOR,
     .takes = SOCKET,
     .is_indexed = 1,
     .is_sparse = 1,
     .is_number = 1,
     .is_socket = 1},
    {.type = BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE, .is_percpu = 1},
    {.type = BPF_MAP_TYPE_QUEUE, .form = TB_FORM_NONE, .instead = QUEUE, .is_queue = 1},
    {.type = BPF_MAP_TYPE_STACK, .form = TB_FORM_NONE, .instead = QUEUE, .is_queue = 1},
    {.type = BPF_MAP_TYPE_SK_STORAGE,
     .form = TB_FORM_KEY_FILE,
     .flags = BPF_F_NO_PREALLOC,
     .is_unlisted = 1},
    {.type = BPF_MAP_TYPE_DEVMAP_HASH,
     .form = TB_FORM_DEVICE,
     .takes = DEVICE,
     .is_indexed = 1,
     .is_number = 1},
    {.type = BPF_MAP_TYPE_STRUCT_OPS,
     .takes = "the struct with loaded programs' descriptors for its functions, and "
              "zeros for what the kernel counts there",
     .is_indexed = 1},
    {.type = BPF_MAP_TYPE_RINGBUF, .form = TB_FORM_NONE, .instead = "BpfRingBuffer"},
    {.type = BPF_MAP_TYPE_INODE_STORAGE,
     .form = TB_FORM_KEY_FILE,
     .opens = TB_OPENS_KEY_PATH,
     .flags = BPF_F_NO_PREALLOC,
     .is_unlisted = 1},
    {.type = BPF_MAP_TYPE_TASK_STORAGE,
     .form = TB_FORM_KEY_FILE,
     .opens = TB_OPENS_KEY_PID,
     .flags = BPF_F_NO_PREALLOC,
     .is_unlisted = 1},
    {.type = BPF_MAP_TYPE_BLOOM_FILTER,
     .form = TB_FORM_NONE,
     .instead = "push() and the operator `in`"},
    {.type = BPF_MAP_TYPE_USER_RINGBUF,
     .form = TB_FORM_NONE,
     .instead = "it as a user ring buffer"},
    {.type = BPF_MAP_TYPE_CGRP_STORAGE,
     .form = TB_FORM_KEY_FILE,
     .opens = TB_OPENS_KEY_PATH,
     .flags = BPF_F_NO_PREALLOC,
     .is_unlisted = 1},
    {.type = BPF_MAP_TYPE_ARENA,
     .form = TB_FORM_NONE,
     .instead = "mmap()",
     .flags = BPF_F_MMAPABLE},
    {.type = BPF_MAP_TYPE_INSN_ARRAY},
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
