/* SPDX-License-Identifier: MIT
 *
 * Per-CPU maps, where a key has a value for each possible CPU: methods of BpfMap.
 */
#ifndef TB_MAP_PERCPU_H
#define TB_MAP_PERCPU_H

#include "base/abi3.h"

/* The values of a key as a list, or their sum; None if the key is absent. */
PyObject *tb_map_lookup_percpu(PyObject *self, PyObject *const *args, Py_ssize_t n,
                               PyObject *names);
PyObject *tb_map_lookup_percpu_sum(PyObject *self, PyObject *const *args, Py_ssize_t n,
                                   PyObject *names);

/* Set the values of a key, one per possible CPU. */
PyObject *tb_map_update_percpu(PyObject *self, PyObject *args, PyObject *kwargs);

/* items(), of per-CPU maps only. */
PyObject *tb_map_items_percpu(PyObject *self, PyObject *unused);

#endif
