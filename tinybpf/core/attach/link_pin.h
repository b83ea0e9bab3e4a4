/* SPDX-License-Identifier: MIT
 *
 * What lets an attachment outlive its link: BpfLink.pin, unpin, disconnect.
 */
#ifndef TB_ATTACH_LINK_PIN_H
#define TB_ATTACH_LINK_PIN_H

#include "base/abi3.h"

PyObject *tb_link_pin(PyObject *self, PyObject *path);
PyObject *tb_link_unpin(PyObject *self, PyObject *unused);
PyObject *tb_link_disconnect(PyObject *self, PyObject *unused);
PyObject *tb_link_pin_path(PyObject *self, void *unused);

#endif
