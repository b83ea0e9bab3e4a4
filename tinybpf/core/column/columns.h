/* SPDX-License-Identifier: MIT
 *
 * Columns: the rows of a batch for Python, one buffer for each column. It never
 * changes, and what is taken out of it (memoryviews, arrays of Arrow) keeps the memory
 * by itself.
 */
#ifndef TB_COLUMN_COLUMNS_H
#define TB_COLUMN_COLUMNS_H

#include "base/state.h"
#include "column/batch.h"

typedef struct {
    PyObject_HEAD
    struct tb_column_batch *batch; /* counted there; never NULL */
} Columns;

/* Columns of a batch, taking it over (NULL: MemoryError), also if it fails. */
PyObject *tb_columns_new_steal(struct tb_state *state, struct tb_column_batch *batch);

/* Raise for a plan of `what` that failed with -errno; -1. */
int tb_columns_raise(struct tb_state *state, int err, const char *what);

/* The index of a column; -1 with KeyError, which says what there is, or TypeError. */
Py_ssize_t tb_columns_find(const Columns *self, PyObject *name);

/* Methods and slots of the class. */
PyObject *tb_columns_subscript(PyObject *self, PyObject *name);
int tb_columns_contains(PyObject *self, PyObject *name);
Py_ssize_t tb_columns_length(PyObject *self);
PyObject *tb_columns_iter(PyObject *self);
PyObject *tb_columns_keys(PyObject *self, PyObject *unused);
PyObject *tb_columns_values(PyObject *self, PyObject *unused);
PyObject *tb_columns_items(PyObject *self, PyObject *unused);
PyObject *tb_columns_names(PyObject *self, void *unused);
PyObject *tb_columns_repr(PyObject *self);
void tb_columns_dealloc(PyObject *self);

int tb_columns_add(PyObject *module);

#endif
