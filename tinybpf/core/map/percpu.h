/* SPDX-License-Identifier: MIT
 *
 * Per-CPU maps, where a key has a value for each possible CPU: methods of BpfMap.
 */
#ifndef TB_MAP_PERCPU_H
#define TB_MAP_PERCPU_H

#include "base/abi3.h"

PyObject *tb_map_lookup_percpu(PyObject *self, PyObject *key);
PyObject *tb_map_lookup_percpu_sum(PyObject *self, PyObject *key);
PyObject *tb_map_update_percpu(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tb_map_items_percpu(PyObject *self, PyObject *unused);

#endif
