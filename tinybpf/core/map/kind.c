/* SPDX-License-Identifier: MIT
 *
 * The table of map kinds (map/kind.h). Descriptors as keys and values stand in
 * map/descriptor.c, keys of tries in map/lpm.c, maps in maps in map/inner.c.
 */
#include "map/kind.h"

#include "base/libbpf.h"
#include "error/raise.h"
#include "map/descriptor.h"
#include "map/inner.h"
#include "map/lpm.h"

#include <errno.h>

/* The encoder of maps that have no keys: raises. */
static int
refuse_key(const BpfMap *map, PyObject *key, void *out)
{
    (void)key;
    (void)out;
    tb_error_raise(tb_state_of((void *)map), TB_ERROR, EINVAL,
                   "access to map %R by key failed: a %s has no keys; use %s",
                   map->name, libbpf_bpf_map_type_str((enum bpf_map_type)map->type),
                   map->kind->instead);
    return -1;
}

#define FILENO "a descriptor, or an object with fileno()"

static const struct tb_map_kind kinds[] = {
    {.type = BPF_MAP_TYPE_PROG_ARRAY,
     .takes = "a BpfProgram of the type of those in it, or its descriptor",
     .is_indexed = 1,
     .is_sparse = 1,
     .is_number = 1,
     .encode_value = tb_handle_encode_program},
    {.type = BPF_MAP_TYPE_PERF_EVENT_ARRAY,
     .takes = FILENO,
     .is_indexed = 1,
     .is_number = 1,
     .is_hidden = 1,
     .encode_value = tb_handle_encode_descriptor},
    {.type = BPF_MAP_TYPE_CGROUP_ARRAY,
     .takes = "the path of a cgroup of version 2, or " FILENO,
     .is_indexed = 1,
     .is_number = 1,
     .is_hidden = 1,
     .opens = TB_OPENS_VALUE_PATH,
     .encode_value = tb_handle_encode_descriptor},
    {.type = BPF_MAP_TYPE_ARRAY_OF_MAPS,
     .takes = "a BpfMap of the shape of its inner maps, or its descriptor",
     .is_indexed = 1,
     .is_sparse = 1,
     .is_number = 1,
     .encode_value = tb_inner_encode,
     .decode_value = tb_inner_decode},
    {.type = BPF_MAP_TYPE_HASH_OF_MAPS,
     .takes = "a BpfMap of the shape of its inner maps, or its descriptor",
     .is_number = 1,
     .encode_value = tb_inner_encode,
     .decode_value = tb_inner_decode},
    {.type = BPF_MAP_TYPE_DEVMAP,
     .takes = "the index or name of an interface, or a pair of it and a BpfProgram",
     .is_indexed = 1,
     .is_sparse = 1,
     .is_number = 1,
     .encode_value = tb_handle_encode_device},
    {.type = BPF_MAP_TYPE_DEVMAP_HASH,
     .takes = "the index or name of an interface, or a pair of it and a BpfProgram",
     .is_indexed = 1,
     .is_number = 1,
     .encode_value = tb_handle_encode_device},
    {.type = BPF_MAP_TYPE_CPUMAP,
     .takes = "the size of a queue, or a pair of it and a BpfProgram",
     .is_indexed = 1,
     .is_sparse = 1,
     .is_number = 1,
     .encode_value = tb_handle_encode_cpu},
    {.type = BPF_MAP_TYPE_XSKMAP,
     .takes = FILENO,
     .is_indexed = 1,
     .is_number = 1,
     .is_hidden = 1,
     .encode_value = tb_handle_encode_descriptor},
    {.type = BPF_MAP_TYPE_SOCKMAP,
     .takes = "a socket, or its descriptor",
     .is_indexed = 1,
     .is_sparse = 1,
     .is_number = 1,
     .is_socket = 1,
     .encode_value = tb_handle_encode_descriptor},
    {.type = BPF_MAP_TYPE_SOCKHASH,
     .takes = "a socket, or its descriptor",
     .is_number = 1,
     .is_socket = 1,
     .encode_value = tb_handle_encode_descriptor},
    {.type = BPF_MAP_TYPE_REUSEPORT_SOCKARRAY,
     .takes = "a socket, or its descriptor",
     .is_indexed = 1,
     .is_sparse = 1,
     .is_number = 1,
     .is_socket = 1,
     .encode_value = tb_handle_encode_descriptor},
    {.type = BPF_MAP_TYPE_SK_STORAGE,
     .is_unlisted = 1,
     .encode_key = tb_handle_encode_key},
    {.type = BPF_MAP_TYPE_INODE_STORAGE,
     .is_unlisted = 1,
     .opens = TB_OPENS_KEY_PATH,
     .encode_key = tb_handle_encode_key},
    {.type = BPF_MAP_TYPE_TASK_STORAGE,
     .is_unlisted = 1,
     .opens = TB_OPENS_KEY_PID,
     .encode_key = tb_handle_encode_key},
    {.type = BPF_MAP_TYPE_CGRP_STORAGE,
     .is_unlisted = 1,
     .opens = TB_OPENS_KEY_PATH,
     .encode_key = tb_handle_encode_key},
    {.type = BPF_MAP_TYPE_LPM_TRIE, .encode_key = tb_lpm_encode},
    {.type = BPF_MAP_TYPE_STACK_TRACE, .is_indexed = 1},
    {.type = BPF_MAP_TYPE_STRUCT_OPS,
     .takes = "the struct with loaded programs' descriptors for its functions, and "
              "zeros for what the kernel counts there",
     .is_indexed = 1},
    {.type = BPF_MAP_TYPE_QUEUE,
     .instead = "push(), pop() and peek()",
     .encode_key = refuse_key},
    {.type = BPF_MAP_TYPE_STACK,
     .instead = "push(), pop() and peek()",
     .encode_key = refuse_key},
    {.type = BPF_MAP_TYPE_BLOOM_FILTER,
     .instead = "push() and the operator `in`",
     .encode_key = refuse_key},
    {.type = BPF_MAP_TYPE_RINGBUF,
     .instead = "BpfRingBuffer",
     .encode_key = refuse_key},
    {.type = BPF_MAP_TYPE_USER_RINGBUF,
     .instead = "it as a user ring buffer",
     .encode_key = refuse_key},
    {.type = BPF_MAP_TYPE_ARENA, .instead = "mmap()", .encode_key = refuse_key},
};

const struct tb_map_kind *
tb_map_kind_of(uint32_t type)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i].type == type) {
            return &kinds[i];
        }
    }
    return NULL;
}

int
tb_map_has_indices(const BpfMap *self)
{
    return tb_map_is_array(self) || (self->kind != NULL && self->kind->is_indexed);
}

int
tb_map_has_numbers(const BpfMap *self, uint32_t size)
{
    const struct tb_map_kind *kind = self->kind;

    return kind != NULL && kind->is_number &&
           (size == sizeof(uint32_t) || (kind->is_socket && size == sizeof(uint64_t)));
}

int
tb_map_has_holes(const BpfMap *self)
{
    const struct tb_map_kind *kind = self->kind;

    return kind != NULL && kind->is_sparse &&
           (!kind->is_socket || self->value.size == sizeof(uint64_t));
}

int
tb_map_is_of_handles(const BpfMap *self)
{
    const struct tb_map_kind *kind = self->kind;

    return kind != NULL && (kind->encode_value != NULL || kind->is_unlisted);
}

int
tb_map_check_walk(const BpfMap *self)
{
    if (self->kind == NULL || (!self->kind->is_unlisted && !self->kind->instead)) {
        return 0;
    }
    if (self->kind->instead) {
        return refuse_key(self, NULL, NULL);
    }
    tb_error_raise(tb_state_of((void *)self), TB_ERROR_NOT_SUPPORTED, EOPNOTSUPP,
                   "walk of map %R failed: the kernel does not list the keys of a %s",
                   self->name, libbpf_bpf_map_type_str((enum bpf_map_type)self->type));
    return -1;
}
