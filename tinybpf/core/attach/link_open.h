/* SPDX-License-Identifier: MIT
 *
 * Links that are in the kernel already: opened by descriptor, id or pin.
 */
#ifndef TB_ATTACH_LINK_OPEN_H
#define TB_ATTACH_LINK_OPEN_H

#include "base/state.h"

/* BpfLink.from_fd() and BpfLink.from_id(). */
PyObject *tb_link_open_fd(PyObject *cls, PyObject *number);
PyObject *tb_link_open_id(PyObject *cls, PyObject *number);

/* The link of that id, which waits to be opened until it is used; NULL without an
 * exception if there is none any more. scan: what knows who holds it. */
PyObject *tb_link_open_find(struct tb_state *state, uint32_t id, PyObject *scan);

/* open_pinned_link() of the module: the link knows its pin. */
PyObject *tb_link_open_pinned(PyObject *module, PyObject *args, PyObject *kwargs);

#endif
