/* SPDX-License-Identifier: MIT
 *
 * What a map says of itself as one value, and its id.
 */
#ifndef TB_MAP_INFO_H
#define TB_MAP_INFO_H

#include "owner/map.h"

/* Whether user space cannot write a map any more; 0 also where that is not known. */
int tb_map_is_frozen_nogil(int fd);

/* What is known of every map. */
struct tb_map_brief {
    PyObject *name; /* borrowed; str */
    uint32_t type;  /* enum bpf_map_type */
    uint32_t key_size, value_size, max_entries;
};

/* A MapInfo; fields is a dict of what else is known, or NULL. */
PyObject *tb_map_info_make(struct tb_state *state, const struct tb_map_brief *brief,
                           PyObject *fields);

/* Getters of BpfMap. */
PyObject *tb_map_id(PyObject *self, void *unused);
PyObject *tb_map_info(PyObject *self, void *unused);

/* _kind(map): the name of a map's type, without the enum. */
PyObject *tb_map_info_kind(PyObject *module, PyObject *map);

#endif
