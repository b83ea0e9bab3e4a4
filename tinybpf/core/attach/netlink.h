/* SPDX-License-Identifier: MIT
 *
 * Attaching to interfaces of the network by netlink, without a link of the kernel.
 */
#ifndef TB_ATTACH_NETLINK_H
#define TB_ATTACH_NETLINK_H

#include "base/abi3.h"

PyObject *tb_attach_xdp_netlink(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tb_attach_tc(PyObject *self, PyObject *args, PyObject *kwargs);

#endif
