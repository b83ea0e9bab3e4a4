/* SPDX-License-Identifier: MIT
 *
 * What an iterator says: BpfLink.read(), .records() and iter(), each of them a pass of
 * its own.
 */
#ifndef TB_ATTACH_ITER_READ_H
#define TB_ATTACH_ITER_READ_H

#include "base/state.h"

PyObject *tb_iter_read_all(PyObject *link, PyObject *unused);
PyObject *tb_iter_read_lines(PyObject *link); /* Py_tp_iter */
PyObject *tb_iter_read_records(PyObject *link, PyObject *type);

int tb_iter_read_add(PyObject *module);

#endif
