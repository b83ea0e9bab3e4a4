/* SPDX-License-Identifier: MIT
 *
 * Pickles of Columns (column/rebuild.h). A column is described as
 *     (name, kind, is_signed, size, dimensions, ((member, value), ...))
 * and nothing of it is believed: whoever makes pickles may write anything.
 */
#include "column/rebuild.h"

#include "base/args.h"
#include "column/columns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ((name, value), ...) of an enum's members. */
static PyObject *
describe_members(const struct tb_column *column)
{
    PyObject *members = PyTuple_New(column->n_members);

    for (uint32_t i = 0; members != NULL && i < column->n_members; i++) {
        const struct tb_column_member *member = &column->members[i];
        PyObject *pair =
            Py_BuildValue("(sK)", member->name, (unsigned long long)member->value);

        if (pair == NULL || PyTuple_SetItem(members, i, pair) < 0) {
            Py_CLEAR(members);
        }
    }
    return members;
}

/* The tuple of a column, as above. */
static PyObject *
describe(const struct tb_column *column)
{
    PyObject *dims = PyTuple_New(column->n_dims), *members = NULL;

    for (int i = 0; dims != NULL && i < column->n_dims; i++) {
        PyObject *dim = PyLong_FromUnsignedLong(column->dims[i]);

        if (dim == NULL || PyTuple_SetItem(dims, i, dim) < 0) {
            Py_CLEAR(dims);
        }
    }
    members = dims ? describe_members(column) : NULL;
    if (members == NULL) {
        Py_XDECREF(dims);
        return NULL;
    }
    return Py_BuildValue("(siiINN)", column->name, (int)column->kind,
                         (int)column->is_signed, (unsigned int)column->size, dims,
                         members);
}

/* The bytes of a column. */
static PyObject *
bytes_of(const struct tb_column_batch *batch, uint32_t i)
{
    size_t size = batch->n * batch->plan->columns[i].width;

    return PyBytes_FromStringAndSize(size > 0 ? (const char *)batch->data[i] : "",
                                     (Py_ssize_t)size);
}

PyObject *
tb_rebuild_reduce(PyObject *op, PyObject *unused)
{
    const struct tb_column_batch *batch = ((Columns *)op)->batch;
    PyObject *columns = PyList_New(0), *data = columns ? PyList_New(0) : NULL;
    PyObject *module = NULL, *rebuild = NULL, *result = NULL;
    int rc = data ? 0 : -1;

    (void)unused;
    for (uint32_t i = 0; rc == 0 && i < batch->plan->n; i++) {
        rc = tb_args_append_steal(columns, describe(&batch->plan->columns[i]));
        if (rc == 0) {
            rc = tb_args_append_steal(data, bytes_of(batch, i));
        }
    }
    module = rc == 0 ? PyImport_ImportModule("tinybpf._core") : NULL;
    rebuild = module ? tb_args_attr(module, "_columns") : NULL;
    if (rebuild != NULL) {
        result = Py_BuildValue("O(OnO)", rebuild, columns, (Py_ssize_t)batch->n, data);
    }
    Py_XDECREF(columns);
    Py_XDECREF(data);
    Py_XDECREF(module);
    Py_XDECREF(rebuild);
    return result;
}

/* A copy of a str as UTF-8 for C; NULL with an exception. */
static char *
copy_text(PyObject *text)
{
    Py_ssize_t n;
    const char *utf8 = PyUnicode_AsUTF8AndSize(text, &n);
    char *copy = NULL;

    if (utf8 != NULL && strlen(utf8) != (size_t)n) {
        PyErr_SetString(PyExc_ValueError, "a name with a NUL in pickled Columns");
    }
    else if (utf8 != NULL) {
        copy = strdup(utf8);
        if (copy == NULL) {
            PyErr_NoMemory();
        }
    }
    return copy;
}

/* Read the dimensions; 0, or -1 with an exception. */
static int
read_dims(PyObject *dims, struct tb_column *column)
{
    Py_ssize_t n = PyTuple_Size(dims);

    if (n > TB_COLUMN_DIMS) {
        PyErr_SetString(PyExc_ValueError, "too many dimensions in pickled Columns");
        return -1;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        uint64_t dim;

        if (tb_args_number(PyTuple_GetItem(dims, i), "dimension", INT32_MAX, &dim) <
            0) {
            return -1;
        }
        column->dims[i] = (uint32_t)dim;
    }
    column->n_dims = (uint8_t)n;
    return 0;
}

/* Read the members of an enum; 0, or -1 with an exception. */
static int
read_members(PyObject *members, struct tb_column *column)
{
    Py_ssize_t n = PyTuple_Size(members);

    column->members =
        n < INT32_MAX ? calloc((size_t)n + 1, sizeof(*column->members)) : NULL;
    if (column->members == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        struct tb_column_member *member = &column->members[i];
        PyObject *pair = PyTuple_GetItem(members, i), *name;
        unsigned long long value;

        if (!PyTuple_Check(pair)) {
            PyErr_SetString(PyExc_TypeError, "a member is a tuple in pickled Columns");
            return -1;
        }
        if (!PyArg_ParseTuple(pair, "UK", &name, &value)) {
            return -1;
        }
        *member = (struct tb_column_member){
            .name = copy_text(name), .value = value, .place = (uint32_t)i};
        if (member->name == NULL) {
            return -1;
        }
        column->n_members++;
    }
    return 0;
}

/* Read a column and append it to the plan; 0, or -1 with an exception. */
static int
read_column(PyObject *description, struct tb_column_plan *plan)
{
    struct tb_column column = {.part = 0};
    PyObject *name, *dims, *members;
    int kind, is_signed, err = -EINVAL;

    if (!PyTuple_Check(description)) {
        PyErr_SetString(PyExc_TypeError, "a column is a tuple in pickled Columns");
        return -1;
    }
    if (!PyArg_ParseTuple(description, "UiiIO!O!", &name, &kind, &is_signed,
                          &column.size, &PyTuple_Type, &dims, &PyTuple_Type,
                          &members)) {
        return -1;
    }
    column.is_signed = is_signed != 0;
    column.name = copy_text(name);
    if (column.name == NULL || read_dims(dims, &column) < 0 ||
        read_members(members, &column) < 0) {
        tb_column_clear(&column);
        return -1;
    }
    if (kind >= 0 && kind < TB_COLUMN_KIND_COUNT) {
        column.kind = (enum tb_column_kind)kind;
        err = tb_column_plan_append_steal(plan, &column);
    }
    else {
        tb_column_clear(&column);
    }
    if (err == -ENOMEM) {
        PyErr_NoMemory();
    }
    else if (err < 0) {
        PyErr_SetString(PyExc_ValueError, "a column that there cannot be in pickled "
                                          "Columns");
    }
    return err < 0 ? -1 : 0;
}

/* The plan of a list of columns; NULL with an exception. */
static struct tb_column_plan *
read_plan(PyObject *columns)
{
    struct tb_column_plan *plan = tb_column_plan_new();
    int rc = plan ? 0 : -1;

    if (plan == NULL) {
        PyErr_NoMemory();
    }
    for (Py_ssize_t i = 0; rc == 0 && i < PyList_Size(columns); i++) {
        PyObject *description = tb_new_ref(PyList_GetItem(columns, i));

        rc = read_column(description, plan);
        Py_DECREF(description);
    }
    if (rc < 0) {
        tb_column_plan_drop(plan);
        return NULL;
    }
    return plan;
}

/* Check that there are n rows for each column, before room is made for so many; 0, or
 * -1 with an exception. */
static int
check_data(const struct tb_column_plan *plan, size_t n, PyObject *data)
{
    int is_right = PyList_Size(data) == (Py_ssize_t)plan->n;

    for (uint32_t i = 0; is_right && i < plan->n; i++) {
        PyObject *bytes = PyList_GetItem(data, i);
        size_t size = PyBytes_Check(bytes) ? (size_t)PyBytes_Size(bytes) : 1;

        is_right = size / plan->columns[i].width == n &&
                   size % plan->columns[i].width == 0 && PyBytes_Check(bytes);
    }
    if (!is_right) {
        PyErr_SetString(PyExc_ValueError,
                        "pickled Columns whose data are not of their size");
        return -1;
    }
    return 0;
}

/* The batch of n rows, of data that was checked; NULL: no memory. */
static struct tb_column_batch *
fill(struct tb_column_plan *plan, size_t n, PyObject *data)
{
    struct tb_column_batch *batch = tb_column_batch_new(plan);

    if (batch != NULL && tb_column_batch_reserve(batch, n) < 0) {
        tb_column_batch_drop(batch);
        batch = NULL;
    }
    for (uint32_t i = 0; batch != NULL && n > 0 && i < plan->n; i++) {
        memcpy(batch->data[i], PyBytes_AsString(PyList_GetItem(data, i)),
               n * plan->columns[i].width);
    }
    if (batch != NULL) {
        batch->n = n;
    }
    return batch;
}

PyObject *
tb_rebuild_columns(PyObject *module, PyObject *args)
{
    PyObject *columns, *data, *result = NULL;
    struct tb_column_plan *plan;
    Py_ssize_t n;

    if (!PyArg_ParseTuple(args, "O!nO!:_columns", &PyList_Type, &columns, &n,
                          &PyList_Type, &data)) {
        return NULL;
    }
    plan = read_plan(columns);
    if (plan == NULL) {
        return NULL;
    }
    if (n < 0) {
        PyErr_SetString(PyExc_ValueError, "pickled Columns of less than no rows");
    }
    else if (check_data(plan, (size_t)n, data) == 0) {
        result = tb_columns_new_steal(tb_state_of_module(module),
                                      fill(plan, (size_t)n, data));
    }
    tb_column_plan_drop(plan);
    return result;
}
