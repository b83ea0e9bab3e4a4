/* SPDX-License-Identifier: MIT
 *
 * Links that are in the kernel already: opened by descriptor, id or pin.
 */
#ifndef TB_ATTACH_LINK_OPEN_H
#define TB_ATTACH_LINK_OPEN_H

#include "base/abi3.h"

/* BpfLink.from_fd() and BpfLink.from_id(). */
PyObject *tb_link_open_fd(PyObject *cls, PyObject *number);
PyObject *tb_link_open_id(PyObject *cls, PyObject *number);

/* open_pinned_link() of the module: the link knows its pin. */
PyObject *tb_link_open_pinned(PyObject *module, PyObject *args, PyObject *kwargs);

#endif
