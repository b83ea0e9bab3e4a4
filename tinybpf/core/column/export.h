/* SPDX-License-Identifier: MIT
 *
 * How Columns go to other libraries: Arrow's PyCapsule interface, and its IPC stream.
 */
#ifndef TB_COLUMN_EXPORT_H
#define TB_COLUMN_EXPORT_H

#include "base/abi3.h"

/* Methods of Columns. What is requested of the schema is a wish, which Arrow lets a
 * producer pass over. */
PyObject *tb_export_schema(PyObject *self, PyObject *unused);
PyObject *tb_export_array(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tb_export_stream(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tb_export_write_ipc(PyObject *self, PyObject *file);

/* The attribute schema: a dict of names and types. */
PyObject *tb_export_types(PyObject *self, void *unused);

#endif
