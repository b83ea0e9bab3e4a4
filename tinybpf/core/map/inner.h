/* SPDX-License-Identifier: MIT
 *
 * Maps as values of maps.
 */
#ifndef TB_MAP_INNER_H
#define TB_MAP_INNER_H

#include "owner/map.h"

/* Write the descriptor of a map: 1, 0 (bytes), or -1. */
int tb_inner_encode(const BpfMap *map, PyObject *value, void *out);

/* The map whose id the kernel gave. */
PyObject *tb_inner_decode(const BpfMap *map, const void *data);

/* BpfMap.create_inner(). */
PyObject *tb_map_create_inner(PyObject *self, PyObject *args, PyObject *kwargs);

#endif
