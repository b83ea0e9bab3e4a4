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

int tb_map_iter_add(PyObject *module);

#endif
