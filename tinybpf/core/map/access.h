/* SPDX-License-Identifier: MIT
 *
 * Access to one entry of a map by its key: methods and slots of BpfMap.
 */
#ifndef TB_MAP_ACCESS_H
#define TB_MAP_ACCESS_H

#include "base/abi3.h"

PyObject *tb_map_subscript(PyObject *self, PyObject *key);
int tb_map_ass_subscript(PyObject *self, PyObject *key, PyObject *value);
int tb_map_contains(PyObject *self, PyObject *key);

PyObject *tb_map_lookup(PyObject *self, PyObject *const *args, Py_ssize_t n,
                        PyObject *names);
PyObject *tb_map_lookup_and_delete(PyObject *self, PyObject *const *args, Py_ssize_t n,
                                   PyObject *names);
PyObject *tb_map_get_default(PyObject *self, PyObject *const *args, Py_ssize_t n);
PyObject *tb_map_delete(PyObject *self, PyObject *key);

/* Flags are 64 bits of the system call (NULL: 0); 0, or -1 with an exception. */
int tb_map_read_flags(PyObject *number, uint64_t *out_flags);

#endif
