/* SPDX-License-Identifier: MIT
 *
 * Pickles of records: the bytes and, as BTF of its own, the type. A process that has
 * not loaded the object gets a record of an equal class.
 */
#ifndef TB_VALUE_PICKLE_H
#define TB_VALUE_PICKLE_H

#include "value/shape.h"

/* What __reduce__ of a record returns. */
PyObject *tb_pickle_reduce(Shape *shape, PyObject *record);

/* The module's _rebuild(), which pickles call. */
PyObject *tb_pickle_rebuild(PyObject *module, PyObject *args);

#endif
