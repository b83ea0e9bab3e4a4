/* SPDX-License-Identifier: MIT
 *
 * Attaching by hand: the attach_<kind> methods of BpfProgram.
 */
#ifndef TB_ATTACH_HOOK_H
#define TB_ATTACH_HOOK_H

#include "base/abi3.h"

PyObject *tb_attach_kprobe(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tb_attach_kretprobe(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tb_attach_tracepoint(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tb_attach_raw_tracepoint(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tb_attach_uprobe(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tb_attach_uretprobe(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tb_attach_xdp(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tb_attach_cgroup(PyObject *self, PyObject *args, PyObject *kwargs);

#endif
