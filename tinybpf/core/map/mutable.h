/* SPDX-License-Identifier: MIT
 *
 * What makes a map a mutable mapping besides access by key: methods of BpfMap.
 */
#ifndef TB_MAP_MUTABLE_H
#define TB_MAP_MUTABLE_H

#include "base/abi3.h"

PyObject *tb_map_update(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tb_map_delete_many(PyObject *self, PyObject *keys);
PyObject *tb_map_setdefault(PyObject *self, PyObject *const *args, Py_ssize_t n);
PyObject *tb_map_pop(PyObject *self, PyObject *const *args, Py_ssize_t n);
PyObject *tb_map_popitem(PyObject *self, PyObject *unused);
PyObject *tb_map_clear(PyObject *self, PyObject *unused);

#endif
