/* SPDX-License-Identifier: MIT
 *
 * Pickles of Columns: the description of each column and its bytes.
 */
#ifndef TB_COLUMN_REBUILD_H
#define TB_COLUMN_REBUILD_H

#include "base/abi3.h"

/* __reduce__ of Columns. */
PyObject *tb_rebuild_reduce(PyObject *self, PyObject *unused);

/* _columns(columns, n, data) of the module, which pickles call: whatever is in them, it
 * makes Columns that hold together, or raises. */
PyObject *tb_rebuild_columns(PyObject *module, PyObject *args);

#endif
