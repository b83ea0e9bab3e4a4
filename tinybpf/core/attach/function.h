/* SPDX-License-Identifier: MIT
 *
 * Attaching to functions of the kernel, by probes.
 */
#ifndef TB_ATTACH_FUNCTION_H
#define TB_ATTACH_FUNCTION_H

#include "base/abi3.h"

PyObject *tb_attach_kprobe(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tb_attach_kretprobe(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tb_attach_ksyscall(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tb_attach_kprobe_multi(PyObject *self, PyObject *args, PyObject *kwargs);

#endif
