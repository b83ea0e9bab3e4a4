/* SPDX-License-Identifier: MIT
 *
 * Attaching to sockets: one, or those that a map holds.
 */
#ifndef TB_ATTACH_SOCKET_H
#define TB_ATTACH_SOCKET_H

#include "base/abi3.h"

PyObject *tb_attach_sockmap(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tb_attach_socket_filter(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tb_attach_reuseport(PyObject *self, PyObject *args, PyObject *kwargs);

#endif
