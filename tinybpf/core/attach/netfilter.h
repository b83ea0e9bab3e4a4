/* SPDX-License-Identifier: MIT
 *
 * Attaching to the hooks of netfilter.
 */
#ifndef TB_ATTACH_NETFILTER_H
#define TB_ATTACH_NETFILTER_H

#include "base/abi3.h"

PyObject *tb_attach_netfilter(PyObject *self, PyObject *args, PyObject *kwargs);

#endif
