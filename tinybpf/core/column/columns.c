/* SPDX-License-Identifier: MIT
 *
 * The methods of Columns (column/columns.h), and the exporter behind its memoryviews.
 */
#include "column/columns.h"

#include "base/args.h"
#include "error/raise.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The buffer of one column. */
typedef struct {
    PyObject_HEAD
    struct tb_column_batch *batch; /* counted there */
    uint32_t index;
    int n_dims; /* with that of the rows */
    Py_ssize_t shape[TB_COLUMN_DIMS + 1], strides[TB_COLUMN_DIMS + 1];
    char format[16];
} Exporter;

PyObject *
tb_columns_new_steal(struct tb_state *state, struct tb_column_batch *batch)
{
    Columns *self = batch ? tb_state_new(state, TB_TYPE_COLUMNS) : NULL;

    if (self == NULL) {
        tb_column_batch_drop(batch);
        return batch == NULL ? PyErr_NoMemory() : NULL;
    }
    self->batch = batch;
    return (PyObject *)self;
}

int
tb_columns_raise(struct tb_state *state, int err, const char *what)
{
    if (err == -ENOMEM) {
        PyErr_NoMemory();
        return -1;
    }
    tb_error_raise(state, TB_ERROR, -err,
                   "columns of %s failed: it has more fields than the %d columns that "
                   "there can be, or one that is too large",
                   what, TB_COLUMN_MAX);
    return -1;
}

/* The names of all columns, as a new tuple. */
PyObject *
tb_columns_names(PyObject *op, void *unused)
{
    const struct tb_column_plan *plan = ((Columns *)op)->batch->plan;
    PyObject *names = PyTuple_New(plan->n);

    (void)unused;
    for (uint32_t i = 0; names != NULL && i < plan->n; i++) {
        PyObject *name = PyUnicode_FromString(plan->columns[i].name);

        if (name == NULL || PyTuple_SetItem(names, i, name) < 0) {
            Py_CLEAR(names);
        }
    }
    return names;
}

/* The names in one str, between commas. */
static PyObject *
join_names(PyObject *op)
{
    PyObject *names = tb_columns_names(op, NULL);
    PyObject *comma = names ? PyUnicode_FromString(", ") : NULL;
    PyObject *text = comma ? PyUnicode_Join(comma, names) : NULL;

    Py_XDECREF(names);
    Py_XDECREF(comma);
    return text;
}

/* KeyError: "column 'pdi' not found; did you mean 'pid'? There are: ts, pid". */
static void
raise_not_found(const Columns *self, PyObject *name)
{
    const struct tb_column_plan *plan = self->batch->plan;
    const char **names = calloc(plan->n + 1, sizeof(*names));
    PyObject *there = names ? join_names((PyObject *)self) : NULL;
    const char *wanted = NULL, *nearest = NULL;

    for (uint32_t i = 0; there != NULL && i < plan->n; i++) {
        names[i] = plan->columns[i].name;
    }
    if (there != NULL) {
        wanted = PyUnicode_AsUTF8AndSize(name, NULL);
        PyErr_Clear(); /* of a name that no text in UTF-8 can be near to */
        nearest = wanted ? tb_args_nearest(wanted, names, plan->n) : NULL;
        PyErr_Format(PyExc_KeyError, "column %R not found%s%s%s There are: %U", name,
                     nearest ? "; did you mean '" : ".", nearest ? nearest : "",
                     nearest ? "'?" : "", there);
    }
    else if (names == NULL) {
        PyErr_NoMemory();
    }
    free(names);
    Py_XDECREF(there);
}

/* The index of a column; -1 if there is none, -2 with an exception. */
static Py_ssize_t
find(const Columns *self, PyObject *name)
{
    const struct tb_column_plan *plan = self->batch->plan;
    const char *text = NULL;

    if (!PyUnicode_Check(name)) {
        PyErr_Format(PyExc_TypeError, "a column's name is a str, not %R",
                     Py_TYPE(name));
        return -2;
    }
    text = PyUnicode_AsUTF8AndSize(name, NULL);
    if (text == NULL) {
        if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) {
            return -2;
        }
        PyErr_Clear();
    }
    for (uint32_t i = 0; text != NULL && i < plan->n; i++) {
        if (strcmp(text, plan->columns[i].name) == 0) {
            return i;
        }
    }
    return -1;
}

Py_ssize_t
tb_columns_find(const Columns *self, PyObject *name)
{
    Py_ssize_t index = find(self, name);

    if (index == -1) {
        raise_not_found(self, name);
    }
    return index < 0 ? -1 : index;
}

/* The letter that Python has for an element; text and bytes are "<size>s". */
static void
write_format(const struct tb_column *column, char *out, size_t room)
{
    static const char unsigneds[] = {[1] = 'B', [2] = 'H', [4] = 'I', [8] = 'Q'};
    static const char signeds[] = {[1] = 'b', [2] = 'h', [4] = 'i', [8] = 'q'};

    switch (column->kind) {
    case TB_COLUMN_TEXT:
    case TB_COLUMN_BYTES:
        snprintf(out, room, "%us", column->size);
        return;
    case TB_COLUMN_FLOAT:
        snprintf(out, room, "%c", column->size == sizeof(float) ? 'f' : 'd');
        return;
    default:
        snprintf(out, room, "%c",
                 (column->is_signed ? signeds : unsigneds)[column->size]);
    }
}

/* The exporter of a column. */
static PyObject *
new_exporter(Columns *owner, uint32_t index)
{
    const struct tb_column *column = &owner->batch->plan->columns[index];
    Exporter *self = tb_state_new(tb_state_of(owner), TB_TYPE_COLUMN);
    Py_ssize_t stride = column->size;

    if (self == NULL) {
        return NULL;
    }
    self->batch = tb_column_batch_use(owner->batch);
    self->index = index;
    self->n_dims = column->n_dims + 1;
    self->shape[0] = (Py_ssize_t)owner->batch->n;
    for (int i = 0; i < column->n_dims; i++) {
        self->shape[i + 1] = column->dims[i];
    }
    for (int i = column->n_dims; i >= 0; i--) {
        self->strides[i] = stride;
        stride *= self->shape[i];
    }
    write_format(column, self->format, sizeof(self->format));
    return (PyObject *)self;
}

/* The memoryview of a column. */
static PyObject *
new_view(Columns *self, uint32_t index)
{
    PyObject *exporter = new_exporter(self, index);
    PyObject *view = exporter ? PyMemoryView_FromObject(exporter) : NULL;

    Py_XDECREF(exporter);
    return view;
}

PyObject *
tb_columns_subscript(PyObject *op, PyObject *name)
{
    Py_ssize_t index = tb_columns_find((Columns *)op, name);

    return index < 0 ? NULL : new_view((Columns *)op, (uint32_t)index);
}

int
tb_columns_contains(PyObject *op, PyObject *name)
{
    Py_ssize_t index = PyUnicode_Check(name) ? find((Columns *)op, name) : -1;

    return index == -2 ? -1 : index >= 0;
}

/* Of the rows: that is what was read. */
Py_ssize_t
tb_columns_length(PyObject *op)
{
    return (Py_ssize_t)((Columns *)op)->batch->n;
}

PyObject *
tb_columns_iter(PyObject *op)
{
    PyObject *names = tb_columns_names(op, NULL);
    PyObject *iterator = names ? PyObject_GetIter(names) : NULL;

    Py_XDECREF(names);
    return iterator;
}

PyObject *
tb_columns_keys(PyObject *op, PyObject *unused)
{
    (void)unused;
    return tb_columns_names(op, NULL);
}

PyObject *
tb_columns_values(PyObject *op, PyObject *unused)
{
    uint32_t n = ((Columns *)op)->batch->plan->n;
    PyObject *views = PyTuple_New(n);

    (void)unused;
    for (uint32_t i = 0; views != NULL && i < n; i++) {
        PyObject *view = new_view((Columns *)op, i);

        if (view == NULL || PyTuple_SetItem(views, i, view) < 0) {
            Py_CLEAR(views);
        }
    }
    return views;
}

PyObject *
tb_columns_items(PyObject *op, PyObject *unused)
{
    const struct tb_column_plan *plan = ((Columns *)op)->batch->plan;
    PyObject *items = PyTuple_New(plan->n);

    (void)unused;
    for (uint32_t i = 0; items != NULL && i < plan->n; i++) {
        PyObject *view = new_view((Columns *)op, i);
        PyObject *pair =
            view ? Py_BuildValue("(sN)", plan->columns[i].name, view) : NULL;

        if (pair == NULL || PyTuple_SetItem(items, i, pair) < 0) {
            Py_CLEAR(items);
        }
    }
    return items;
}

/* <Columns of 1024 rows: ts, pid, comm> */
PyObject *
tb_columns_repr(PyObject *op)
{
    Py_ssize_t n = tb_columns_length(op);
    PyObject *names = join_names(op), *text = NULL;

    if (names != NULL) {
        text = PyUnicode_FromFormat("<Columns of %zd row%s: %U>", n, n == 1 ? "" : "s",
                                    names);
    }
    Py_XDECREF(names);
    return text;
}

void
tb_columns_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    tb_column_batch_drop(((Columns *)op)->batch);
    tb_state_free(op);
}

/* Read-only, for others share the memory. */
static int
exporter_getbuffer(PyObject *op, Py_buffer *view, int flags)
{
    Exporter *self = (Exporter *)op;
    const struct tb_column *column = &self->batch->plan->columns[self->index];
    void *data = self->batch->data[self->index];

    view->obj = NULL;
    if (flags & PyBUF_WRITABLE) {
        PyErr_SetString(PyExc_BufferError, "columns are read-only");
        return -1;
    }
    *view = (Py_buffer){
        .buf = data ? data : (void *)self->format,
        .obj = tb_new_ref(op),
        .len = (Py_ssize_t)(self->batch->n * column->width),
        .itemsize = column->size,
        .readonly = 1,
        .ndim = (flags & PyBUF_ND) ? self->n_dims : 1,
        .format = (flags & PyBUF_FORMAT) ? self->format : NULL,
    };
    view->shape = (flags & PyBUF_ND) ? self->shape : NULL;
    view->strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? self->strides : NULL;
    return 0;
}

static int
exporter_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    return 0;
}

static void
exporter_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    tb_column_batch_drop(((Exporter *)op)->batch);
    tb_state_free(op);
}

static PyType_Slot slots[] = {
    {Py_tp_doc, "Exporter of a column."},  {Py_tp_new, tb_state_no_new},
    {Py_tp_traverse, exporter_traverse},   {Py_tp_dealloc, exporter_dealloc},
    {Py_bf_getbuffer, exporter_getbuffer}, {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf._Column",
    .basicsize = sizeof(Exporter),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_columns_add(PyObject *module)
{
    return tb_state_make_type(module, TB_TYPE_COLUMN, &spec);
}
