/* SPDX-License-Identifier: MIT
 *
 * Attaching to interfaces of the network.
 */
#ifndef TB_ATTACH_INTERFACE_H
#define TB_ATTACH_INTERFACE_H

#include "base/abi3.h"

PyObject *tb_attach_xdp(PyObject *self, PyObject *args, PyObject *kwargs);

#endif
