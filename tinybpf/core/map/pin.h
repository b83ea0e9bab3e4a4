/* SPDX-License-Identifier: MIT
 *
 * Maps under a path of the BPF file system: pin, unpin, open.
 */
#ifndef TB_MAP_PIN_H
#define TB_MAP_PIN_H

#include "base/abi3.h"

/* Methods of BpfMap. */
PyObject *tb_map_pin(PyObject *self, PyObject *const *args, Py_ssize_t n,
                     PyObject *names);
PyObject *tb_map_unpin(PyObject *self, PyObject *const *args, Py_ssize_t n,
                       PyObject *names);

/* open_pinned_map() of the module. */
PyObject *tb_map_open_pinned(PyObject *module, PyObject *args, PyObject *kwargs);

#endif
