/* SPDX-License-Identifier: MIT
 *
 * Views of a map's keys, values and items, and their iterators.
 */
#ifndef TB_MAP_ITER_H
#define TB_MAP_ITER_H

#include "owner/map.h"

/* Methods and slots of BpfMap. */
PyObject *tb_map_keys(PyObject *self, PyObject *unused);
PyObject *tb_map_values(PyObject *self, PyObject *unused);
PyObject *tb_map_items(PyObject *self, PyObject *unused);
PyObject *tb_map_iter(PyObject *self);
Py_ssize_t tb_map_length(PyObject *self);

/* Takes n entries, as the kernel has copied them: their keys, and their values. They
 * are there until it returns; it runs no Python code. 0, or -1 with an exception. */
typedef int (*tb_map_taker)(void *taker, const unsigned char *keys,
                            const unsigned char *values, uint32_t n);

/* Hand over the entries of a map, those that iteration gives, many at a time; 0, or -1
 * with an exception. */
int tb_map_iter_take(BpfMap *map, tb_map_taker take, void *taker);

int tb_map_iter_add(PyObject *module);

#endif
