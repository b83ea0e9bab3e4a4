/* SPDX-License-Identifier: MIT
 *
 * What lets an attachment outlive its link: BpfLink.pin, unpin, disconnect.
 */
#ifndef TB_ATTACH_LINK_PIN_H
#define TB_ATTACH_LINK_PIN_H

#include "base/abi3.h"

/* BpfLink.pin() and .unpin(). The link keeps where it is pinned; one pin at a time. */
PyObject *tb_link_pin_make(PyObject *self, PyObject *path);
PyObject *tb_link_pin_remove(PyObject *self, PyObject *unused);

PyObject *tb_link_pin_disconnect(PyObject *self, PyObject *unused);
PyObject *tb_link_pin_path(PyObject *self, void *unused);

#endif
