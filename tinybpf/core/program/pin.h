/* SPDX-License-Identifier: MIT
 *
 * Programs under a path of the BPF file system: pin, unpin, open.
 */
#ifndef TB_PROGRAM_PIN_H
#define TB_PROGRAM_PIN_H

#include "base/abi3.h"

/* Methods of BpfProgram. */
PyObject *tb_program_pin(PyObject *self, PyObject *const *args, Py_ssize_t n,
                         PyObject *names);
PyObject *tb_program_unpin(PyObject *self, PyObject *const *args, Py_ssize_t n,
                           PyObject *names);

/* open_pinned_program() of the module. */
PyObject *tb_program_open_pinned(PyObject *module, PyObject *args, PyObject *kwargs);

#endif
