/* SPDX-License-Identifier: MIT
 *
 * Keys of longest prefix match tries: networks, as Python writes them.
 */
#ifndef TB_MAP_LPM_H
#define TB_MAP_LPM_H

#include "owner/map.h"

/* Write a key: 1 written, 0 it is no network (the codec shall try), or -1. */
int tb_lpm_encode(const BpfMap *map, PyObject *key, void *out);

/* BpfMap.network(). */
PyObject *tb_map_network(PyObject *self, PyObject *key);

#endif
