/* SPDX-License-Identifier: MIT
 *
 * Attaching to tracepoints of the kernel, with a category and raw.
 */
#ifndef TB_ATTACH_TRACEPOINT_H
#define TB_ATTACH_TRACEPOINT_H

#include "base/abi3.h"

PyObject *tb_attach_tracepoint(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tb_attach_raw_tracepoint(PyObject *self, PyObject *args, PyObject *kwargs);

#endif
