/* SPDX-License-Identifier: MIT
 *
 * Attaching to network namespaces.
 */
#ifndef TB_ATTACH_NETNS_H
#define TB_ATTACH_NETNS_H

#include "base/abi3.h"

PyObject *tb_attach_netns(PyObject *self, PyObject *args, PyObject *kwargs);

#endif
