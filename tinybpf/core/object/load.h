/* SPDX-License-Identifier: MIT
 *
 * Loading: from a file, or an opened object, to programs and maps in the kernel.
 */
#ifndef TB_OBJECT_LOAD_H
#define TB_OBJECT_LOAD_H

#include "base/abi3.h"

/* load(), a function of the module. */
PyObject *tb_load_file(PyObject *module, PyObject *args, PyObject *kwargs);

/* BpfObject.prepare() and .load(). */
PyObject *tb_load_prepare(PyObject *self, PyObject *unused);
PyObject *tb_load_load(PyObject *self, PyObject *unused);

#endif
