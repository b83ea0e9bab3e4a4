/* SPDX-License-Identifier: MIT
 *
 * Memory that maps share with the kernel, and freezing.
 */
#ifndef TB_MAP_MEMORY_H
#define TB_MAP_MEMORY_H

#include "base/abi3.h"

/* Methods of BpfMap. */
PyObject *tb_map_mmap(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tb_map_freeze(PyObject *self, PyObject *unused);

int tb_map_memory_add(PyObject *module);

#endif
