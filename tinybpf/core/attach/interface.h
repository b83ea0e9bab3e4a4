/* SPDX-License-Identifier: MIT
 *
 * Attaching to interfaces of the network by links.
 */
#ifndef TB_ATTACH_INTERFACE_H
#define TB_ATTACH_INTERFACE_H

#include "attach/argument.h"

PyObject *tb_attach_xdp(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tb_attach_tcx(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tb_attach_netkit(PyObject *self, PyObject *args, PyObject *kwargs);

/* "skb", "driver" or "drv", "hw": the flag XDP_FLAGS_..._MODE, int. */
int tb_interface_mode(const struct tb_argument *argument);

#endif
