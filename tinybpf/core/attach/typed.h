/* SPDX-License-Identifier: MIT
 *
 * Attaching to what programs were made for when they were loaded: types of BTF.
 */
#ifndef TB_ATTACH_TYPED_H
#define TB_ATTACH_TYPED_H

#include "base/abi3.h"

PyObject *tb_attach_trace(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tb_attach_freplace(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tb_attach_lsm(PyObject *self, PyObject *args, PyObject *kwargs);

#endif
