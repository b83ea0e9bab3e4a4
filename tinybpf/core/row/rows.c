/* SPDX-License-Identifier: MIT
 *
 * The class of rows (row/rows.h): columns and filters are settled when it is made, and
 * format() goes over records. It does not know what stands between columns: whoever
 * makes it says that, and so gets nested objects of JSON, or blanks.
 */
#include "row/rows.h"

#include "base/state.h"
#include "row/filter.h"

#include <stdlib.h>
#include <string.h>

struct column {
    struct tb_row_place place; /* owned */
    PyObject *before;          /* owned; bytes */
    size_t width;              /* characters, filled up with blanks; 0: as it comes */
};

typedef struct {
    PyObject_HEAD
    PyObject *type;  /* owned; the Record class, whose shape places borrow from */
    PyObject *after; /* owned; bytes */
    size_t size;     /* bytes that a record has at least */
    int is_json;
    struct column *columns; /* owned */
    size_t n_columns;
    struct tb_row_filter *filters; /* owned */
    size_t n_filters;
} Rows;

/* Make a column of (before, path, width, function or None); 0, or -1 with an
 * exception. */
static int
make_column(const Shape *shape, PyObject *given, struct column *out)
{
    PyObject *function;
    const char *path;
    Py_ssize_t width;

    if (!PyArg_ParseTuple(given, "SsnO:column", &out->before, &path, &width,
                          &function)) {
        out->before = NULL;
        return -1;
    }
    Py_INCREF(out->before);
    out->width = width > 0 ? (size_t)width : 0;
    return tb_row_place_find(shape, path, function, &out->place);
}

/* Make the columns and filters; 0, or -1 with an exception. */
static int
make_all(Rows *self, PyObject *columns, PyObject *filters)
{
    const Shape *shape = tb_shape_of(self->type);
    size_t n_columns = (size_t)PyList_Size(columns);
    size_t n_filters = (size_t)PyList_Size(filters);
    int rc = 0;

    if (shape == NULL) {
        PyErr_Format(PyExc_TypeError, "%R is no Record class", self->type);
        return -1;
    }
    self->size = shape->layout->size;
    self->columns = calloc(n_columns + 1, sizeof(*self->columns));
    self->filters = calloc(n_filters + 1, sizeof(*self->filters));
    if (self->columns == NULL || self->filters == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (size_t i = 0; rc == 0 && i < n_columns; i++) {
        self->n_columns++;
        rc = make_column(shape, PyList_GetItem(columns, (Py_ssize_t)i),
                         &self->columns[i]);
    }
    for (size_t i = 0; rc == 0 && i < n_filters; i++) {
        self->n_filters++;
        rc = tb_row_filter_make(shape, PyList_GetItem(filters, (Py_ssize_t)i),
                                &self->filters[i]);
    }
    return rc;
}

/* Rows(type, columns, after, filters, is_json): each column is (text before it, path,
 * width, function or None), each filter (path, operator, text, function or None). */
static PyObject *
rows_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    struct tb_state *state = tb_state_of_class((PyObject *)type);
    PyObject *record, *columns, *after, *filters;
    int is_json;
    Rows *self;

    if (kwargs != NULL && PyDict_Size(kwargs) > 0) {
        PyErr_SetString(PyExc_TypeError, "Rows() takes no keywords");
        return NULL;
    }
    if (!PyArg_ParseTuple(args, "OO!SO!p:Rows", &record, &PyList_Type, &columns, &after,
                          &PyList_Type, &filters, &is_json)) {
        return NULL;
    }
    self = state ? tb_state_new(state, TB_TYPE_ROWS) : NULL;
    if (self == NULL) {
        return NULL;
    }
    self->type = tb_new_ref(record);
    self->after = tb_new_ref(after);
    self->is_json = is_json;
    if (make_all(self, columns, filters) < 0) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

static void
add_bytes(struct tb_text *text, PyObject *bytes)
{
    tb_text_add(text, PyBytes_AsString(bytes), (size_t)PyBytes_Size(bytes));
}

/* Fill a cell that begins at a place up to a width in characters. */
static void
fill(struct tb_text *text, size_t begin, size_t width)
{
    size_t n = 0;

    for (size_t i = begin; i < text->len; i++) {
        n += (text->data[i] & 0xc0) != 0x80;
    }
    for (; n < width && text->err == 0; n++) {
        tb_text_add(text, " ", 1);
    }
}

/* Add the line of a record of size bytes; 0, or -1 with an exception. */
static int
add_row(const Rows *self, struct tb_text *text, const char *data, size_t size)
{
    for (size_t i = 0; i < self->n_columns; i++) {
        const struct column *column = &self->columns[i];
        size_t begin;

        add_bytes(text, column->before);
        begin = text->len;
        if (tb_row_place_add(text, &column->place, data, size, self->is_json) < 0) {
            return -1;
        }
        fill(text, begin, column->width);
    }
    add_bytes(text, self->after);
    if (text->err < 0) {
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

/* Add a record's line, if it passes all filters: 1 it was added, 0, or -1 with an
 * exception. */
static int
add_record(const Rows *self, struct tb_text *text, PyObject *record)
{
    Py_ssize_t size = PyBytes_Size(record); /* -1 if it is no bytes */
    const char *data = PyBytes_AsString(record);
    int passes = 1;

    if (size < 0 || (size_t)size < self->size) {
        PyErr_Clear();
        PyErr_Format(PyExc_TypeError, "a row needs a record of %zu bytes, not %R",
                     self->size, Py_TYPE(record));
        return -1;
    }
    for (size_t i = 0; passes > 0 && i < self->n_filters; i++) {
        passes = tb_row_filter_passes(&self->filters[i], data, (size_t)size);
    }
    return passes > 0 && add_row(self, text, data, (size_t)size) < 0 ? -1 : passes;
}

/* format(records, most=-1): (lines as bytes, how many they are). Functions of columns
 * may do anything with the list meanwhile. */
static PyObject *
rows_format(PyObject *op, PyObject *args)
{
    struct tb_text text = {0};
    PyObject *records, *record, *lines = NULL;
    Py_ssize_t most = -1, n = 0;
    int rc = 0;

    if (!PyArg_ParseTuple(args, "O!|n:format", &PyList_Type, &records, &most)) {
        return NULL;
    }
    for (Py_ssize_t i = 0; rc >= 0 && n != most && i < PyList_Size(records); i++) {
        record = tb_new_ref(PyList_GetItem(records, i));
        rc = add_record((Rows *)op, &text, record);
        n += rc > 0;
        Py_DECREF(record);
    }
    if (rc >= 0) {
        lines = PyBytes_FromStringAndSize(text.data, (Py_ssize_t)text.len);
    }
    tb_text_free(&text);
    return lines ? Py_BuildValue("(Nn)", lines, n) : NULL;
}

static int
rows_traverse(PyObject *op, visitproc visit, void *arg)
{
    const Rows *self = (Rows *)op;

    Py_VISIT(Py_TYPE(op));
    Py_VISIT(self->type);
    for (size_t i = 0; i < self->n_columns; i++) {
        Py_VISIT(self->columns[i].place.function);
    }
    for (size_t i = 0; i < self->n_filters; i++) {
        Py_VISIT(self->filters[i].place.function);
    }
    return 0;
}

/* Not a finaliser: finalisers of the same cycle may still format records. */
static void
rows_dealloc(PyObject *op)
{
    Rows *self = (Rows *)op;

    PyObject_GC_UnTrack(op);
    for (size_t i = 0; i < self->n_columns; i++) {
        tb_row_place_drop(&self->columns[i].place);
        Py_CLEAR(self->columns[i].before);
    }
    for (size_t i = 0; i < self->n_filters; i++) {
        tb_row_filter_drop(&self->filters[i]);
    }
    free(self->columns);
    free(self->filters);
    Py_CLEAR(self->type);
    Py_CLEAR(self->after);
    tb_state_free(op);
}

static PyMethodDef methods[] = {
    {"format", rows_format, METH_VARARGS,
     "format($self, records, most=-1, /)\n--\n\n"
     "Return the lines of records, as bytes, and how many they are."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Rows(type, columns, after, filters, is_json, /)\n--\n\n"
                "Records of one type as lines of text."},
    {Py_tp_new, rows_new},
    {Py_tp_methods, methods},
    {Py_tp_traverse, rows_traverse},
    {Py_tp_dealloc, rows_dealloc},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf.Rows",
    .basicsize = sizeof(Rows),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_rows_add(PyObject *module)
{
    return tb_state_add_type(module, TB_TYPE_ROWS, &spec);
}
