/* SPDX-License-Identifier: MIT
 *
 * Maps that are in the kernel already: opened by descriptor or id.
 */
#ifndef TB_MAP_OPEN_H
#define TB_MAP_OPEN_H

#include "owner/map.h"

struct bpf_map_info;

/* A stand-alone map of a map's descriptor, which it takes also when it fails, with the
 * types of the BTF that the kernel keeps. */
PyObject *tb_map_wrap_steal(struct tb_state *state, int fd,
                            const struct bpf_map_info *info);

/* The map of that id; what (a str) names the call for its error. */
PyObject *tb_map_open_id(struct tb_state *state, uint32_t id, int is_outside,
                         PyObject *what);

/* The map of that id, which waits to be opened until it is used; NULL without an
 * exception if there is none any more. scan: what knows who holds it. */
PyObject *tb_map_find(struct tb_state *state, uint32_t id, PyObject *scan);

/* BpfMap.from_fd() and BpfMap.from_id(). */
PyObject *tb_map_from_fd(PyObject *cls, PyObject *number);
PyObject *tb_map_from_id(PyObject *cls, PyObject *number);

#endif
