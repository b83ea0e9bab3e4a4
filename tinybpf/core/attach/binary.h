/* SPDX-License-Identifier: MIT
 *
 * Attaching to places in executables and libraries.
 */
#ifndef TB_ATTACH_BINARY_H
#define TB_ATTACH_BINARY_H

#include "base/abi3.h"

PyObject *tb_attach_uprobe(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tb_attach_uretprobe(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tb_attach_uprobe_multi(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tb_attach_usdt(PyObject *self, PyObject *args, PyObject *kwargs);

#endif
