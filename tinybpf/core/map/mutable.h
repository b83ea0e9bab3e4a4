/* SPDX-License-Identifier: MIT
 *
 * What makes a map a mutable mapping besides access by key: methods of BpfMap.
 */
#ifndef TB_MAP_MUTABLE_H
#define TB_MAP_MUTABLE_H

#include "base/abi3.h"

/* update(key, value), update(mapping) or update(pairs), each with flags=0. */
PyObject *tb_map_update(PyObject *self, PyObject *args, PyObject *kwargs);

/* delete_many(keys): the number of those that were there. */
PyObject *tb_map_delete_many(PyObject *self, PyObject *keys);

/* As dict's; pop() also of a queue or stack, which has no keys. */
PyObject *tb_map_setdefault(PyObject *self, PyObject *const *args, Py_ssize_t n);
PyObject *tb_map_pop(PyObject *self, PyObject *const *args, Py_ssize_t n);
PyObject *tb_map_popitem(PyObject *self, PyObject *unused);

/* Delete the keys that a walk finds, a chunk at a time, without the GIL; what others
 * add meanwhile may stay. An array raises. */
PyObject *tb_map_clear(PyObject *self, PyObject *unused);

#endif
