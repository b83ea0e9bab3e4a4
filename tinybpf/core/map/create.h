/* SPDX-License-Identifier: MIT
 *
 * Maps made by themselves, without an object file.
 */
#ifndef TB_MAP_CREATE_H
#define TB_MAP_CREATE_H

#include "owner/map.h"

struct bpf_map_info;

/* What a new map shall be. */
struct tb_map_spec {
    struct bpf_map_info *info; /* type, sizes, flags, name, map_extra, BTF type ids */
    struct Btf *btf;           /* borrowed; of the type ids; NULL: none */
    int btf_fd;                /* the same in the kernel; 0: none */
    int inner_fd;              /* 0: none */
    uint32_t numa_node;        /* where BPF_F_NUMA_NODE is set */
    uint32_t token_fd;         /* 0: none */
};

/* Make it; a stand-alone map. */
PyObject *tb_map_make(struct tb_state *state, const struct tb_map_spec *spec);

/* Take a name; 0, or -1 with ValueError. */
int tb_map_take_name(const char *name, struct bpf_map_info *info);

/* BpfMap.create(). */
PyObject *tb_map_create(PyObject *cls, PyObject *args, PyObject *kwargs);

#endif
