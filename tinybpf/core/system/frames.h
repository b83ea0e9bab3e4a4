/* SPDX-License-Identifier: MIT
 *
 * Stack traces with names.
 */
#ifndef TB_SYSTEM_FRAMES_H
#define TB_SYSTEM_FRAMES_H

#include "base/abi3.h"

/* BpfMap.walk(). */
PyObject *tb_frames_walk(PyObject *self, PyObject *const *args, Py_ssize_t n,
                         PyObject *names);

#endif
