/* SPDX-License-Identifier: MIT
 *
 * Export of Columns (column/export.h). A capsule owns its struct; who takes what is in
 * it leaves it released.
 */
#include "column/export.h"

#include "base/args.h"
#include "column/arrow.h"
#include "column/arrow_schema.h"
#include "column/columns.h"
#include "column/ipc.h"
#include "error/raise.h"

#include <errno.h>
#include <stdlib.h>

#define PIECE (1 << 20) /* bytes that a file is given at once, at most */

static void
free_schema(PyObject *capsule)
{
    struct tb_arrow_schema *schema = PyCapsule_GetPointer(capsule, "arrow_schema");

    if (schema != NULL && schema->release != NULL) {
        schema->release(schema);
    }
    free(schema);
}

static void
free_array(PyObject *capsule)
{
    struct tb_arrow_array *array = PyCapsule_GetPointer(capsule, "arrow_array");

    if (array != NULL && array->release != NULL) {
        array->release(array);
    }
    free(array);
}

static void
free_stream(PyObject *capsule)
{
    struct tb_arrow_stream *stream =
        PyCapsule_GetPointer(capsule, "arrow_array_stream");

    if (stream != NULL && stream->release != NULL) {
        stream->release(stream);
    }
    free(stream);
}

/* Raise for -errno of Arrow's; NULL. */
static void *
raise_arrow(PyObject *op, int err)
{
    if (err == -ENOMEM) {
        return PyErr_NoMemory();
    }
    return tb_error_raise(tb_state_of(op), TB_ERROR, -err,
                          "%zd rows are too many for one array of Arrow, whose texts "
                          "end at 2 GiB: use __arrow_c_stream__()",
                          tb_columns_length(op));
}

/* The capsule of a struct that was made (err is 0) or not; frees it if that fails. */
static PyObject *
new_capsule(void *pointer, const char *name, PyCapsule_Destructor destructor)
{
    PyObject *capsule = PyCapsule_New(pointer, name, NULL);

    if (capsule != NULL && PyCapsule_SetDestructor(capsule, destructor) < 0) {
        Py_CLEAR(capsule);
    }
    return capsule;
}

PyObject *
tb_export_schema(PyObject *op, PyObject *unused)
{
    struct tb_arrow_schema *schema = calloc(1, sizeof(*schema));
    PyObject *capsule = NULL;

    (void)unused;
    if (schema == NULL ||
        tb_arrow_schema_make(((Columns *)op)->batch->plan, schema) < 0) {
        free(schema);
        return PyErr_NoMemory();
    }
    capsule = new_capsule(schema, "arrow_schema", free_schema);
    if (capsule == NULL) {
        schema->release(schema);
        free(schema);
    }
    return capsule;
}

/* Read the one argument, which is a wish. 0, or -1 with an exception. */
static int
read_request(PyObject *args, PyObject *kwargs, const char *format)
{
    static const char *const names[] = {"requested_schema", NULL};
    PyObject *requested;

    return PyArg_ParseTupleAndKeywords(args, kwargs, format, (char **)names, &requested)
               ? 0
               : -1;
}

/* The capsule of all rows as one array. */
static PyObject *
new_array(PyObject *op)
{
    struct tb_column_batch *batch = ((Columns *)op)->batch;
    struct tb_arrow_array *array = calloc(1, sizeof(*array));
    int err = array ? tb_arrow_array_make(batch, 0, batch->n, array) : -ENOMEM;
    PyObject *capsule;

    if (err < 0) {
        free(array);
        return raise_arrow(op, err);
    }
    capsule = new_capsule(array, "arrow_array", free_array);
    if (capsule == NULL) {
        array->release(array);
        free(array);
    }
    return capsule;
}

PyObject *
tb_export_array(PyObject *op, PyObject *args, PyObject *kwargs)
{
    PyObject *schema, *array, *pair = NULL;

    if (read_request(args, kwargs, "|O:__arrow_c_array__") < 0) {
        return NULL;
    }
    schema = tb_export_schema(op, NULL);
    array = schema ? new_array(op) : NULL;
    if (array != NULL) {
        pair = PyTuple_Pack(2, schema, array);
    }
    Py_XDECREF(schema);
    Py_XDECREF(array);
    return pair;
}

PyObject *
tb_export_stream(PyObject *op, PyObject *args, PyObject *kwargs)
{
    struct tb_arrow_stream *stream;
    PyObject *capsule;

    if (read_request(args, kwargs, "|O:__arrow_c_stream__") < 0) {
        return NULL;
    }
    stream = calloc(1, sizeof(*stream));
    if (stream == NULL || tb_arrow_stream_make(((Columns *)op)->batch, stream) < 0) {
        free(stream);
        return PyErr_NoMemory();
    }
    capsule = new_capsule(stream, "arrow_array_stream", free_stream);
    if (capsule == NULL) {
        stream->release(stream);
        free(stream);
    }
    return capsule;
}

PyObject *
tb_export_types(PyObject *op, void *unused)
{
    const struct tb_column_plan *plan = ((Columns *)op)->batch->plan;
    PyObject *types = PyDict_New();
    char text[256];

    (void)unused;
    for (uint32_t i = 0; types != NULL && i < plan->n; i++) {
        PyObject *type;

        tb_arrow_schema_text(&plan->columns[i], text, sizeof(text));
        type = PyUnicode_FromString(text);
        if (type == NULL ||
            PyDict_SetItemString(types, plan->columns[i].name, type) < 0) {
            Py_CLEAR(types);
        }
        Py_XDECREF(type);
    }
    return types;
}

/* What is written to, and what of. */
struct writer {
    PyObject *write; /* owned; the file's method */
    int is_raw;      /* its None says that it would block */
    struct tb_arrow_schema schema;
    struct tb_arrow_array array;
};

/* How many of n bytes a file took, by the answer of its write(): a file of Python's
 * says it; one that says nothing took all, or none if it is raw. -1 with an exception.
 */
static Py_ssize_t
taken(const struct writer *self, PyObject *answer, Py_ssize_t n)
{
    Py_ssize_t count = n;

    if (answer == Py_None && self->is_raw) {
        errno = EAGAIN;
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    if (answer != NULL && PyLong_Check(answer)) {
        count = PyLong_AsSsize_t(answer);
        if (count <= 0 || count > n) {
            if (!PyErr_Occurred()) {
                PyErr_Format(PyExc_OSError, "write() took %zd of %zd bytes", count, n);
            }
            return -1;
        }
    }
    return answer ? count : -1;
}

/* Write bytes, by pieces of its own: the file may keep what it is given. 0, or -1 with
 * an exception. */
static int
write_all(const struct writer *self, const char *data, size_t n)
{
    while (n > 0) {
        Py_ssize_t size = n < PIECE ? (Py_ssize_t)n : PIECE, count;
        PyObject *piece = PyBytes_FromStringAndSize(data, size);
        PyObject *answer =
            piece ? PyObject_CallFunctionObjArgs(self->write, piece, NULL) : NULL;

        count = taken(self, answer, size);
        Py_XDECREF(piece);
        Py_XDECREF(answer);
        if (count < 0) {
            return -1;
        }
        data += count;
        n -= (size_t)count;
    }
    return 0;
}

/* Write a buffer: tb_ipc_taker. */
static int
write_buffer(void *taker, const void *data, size_t size)
{
    static const char zeros[8] = {0};
    struct writer *self = taker;

    if (write_all(self, data, size) < 0) {
        return -1;
    }
    return write_all(self, zeros, (8 - size % 8) % 8);
}

/* Write a message that was made, or raise MemoryError; 0 or -1. */
static int
write_message(struct writer *self, struct tb_text *text)
{
    int rc = -1;

    if (text->err == 0) {
        rc = write_all(self, text->data, text->len);
    }
    else {
        PyErr_NoMemory();
    }
    tb_text_free(text);
    return rc;
}

/* Write the dictionaries of an array, then its rows; 0, or -1 with an exception. */
static int
write_rows(struct writer *self)
{
    struct tb_text text = {0};
    const struct tb_arrow_schema *schema;
    const struct tb_arrow_array *array;
    int64_t id = 0;

    for (; tb_ipc_dictionary(&self->schema, &self->array, id, &schema, &array); id++) {
        tb_ipc_texts(&text, id, schema, array);
        if (write_message(self, &text) < 0 ||
            tb_ipc_each(schema, array, write_buffer, self) < 0) {
            return -1;
        }
    }
    tb_ipc_records(&text, &self->schema, &self->array);
    if (write_message(self, &text) < 0) {
        return -1;
    }
    return tb_ipc_each(&self->schema, &self->array, write_buffer, self);
}

/* Write everything, as many rows at once as an array can have; the same. */
static int
write_stream(PyObject *op, struct writer *self)
{
    static const unsigned char end[8] = {0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0};
    struct tb_column_batch *batch = ((Columns *)op)->batch;
    size_t max = tb_arrow_rows_max(batch->plan), n;
    struct tb_text text = {0};

    tb_ipc_schema(&text, &self->schema);
    if (write_message(self, &text) < 0) {
        return -1;
    }
    for (size_t at = 0; at < batch->n; at += n) {
        int err, rc;

        n = batch->n - at < max ? batch->n - at : max;
        err = tb_arrow_array_make(batch, at, n, &self->array);
        if (err < 0) {
            raise_arrow(op, err);
            return -1;
        }
        rc = write_rows(self);
        self->array.release(&self->array);
        if (rc < 0) {
            return -1;
        }
    }
    return write_all(self, (const char *)end, sizeof(end));
}

/* Whether a file is an io.RawIOBase: 1, 0, or -1 with an exception. */
static int
is_raw(PyObject *file)
{
    PyObject *module = PyImport_ImportModule("io");
    PyObject *base = module ? tb_args_attr(module, "RawIOBase") : NULL;
    int rc = base ? PyObject_IsInstance(file, base) : -1;

    Py_XDECREF(base);
    Py_XDECREF(module);
    return rc;
}

PyObject *
tb_export_write_ipc(PyObject *op, PyObject *file)
{
    struct writer writer = {.write = tb_args_attr(file, "write")};
    int rc = -1;

    if (writer.write == NULL) {
        if (PyErr_ExceptionMatches(PyExc_AttributeError)) {
            PyErr_Clear();
            PyErr_Format(PyExc_TypeError,
                         "file must have write(), as open(path, 'wb') has it, not %R",
                         Py_TYPE(file));
        }
        return NULL;
    }
    writer.is_raw = is_raw(file);
    if (writer.is_raw >= 0 &&
        tb_arrow_schema_make(((Columns *)op)->batch->plan, &writer.schema) < 0) {
        PyErr_NoMemory();
    }
    else if (writer.is_raw >= 0) {
        rc = write_stream(op, &writer);
        writer.schema.release(&writer.schema);
    }
    Py_DECREF(writer.write);
    if (rc < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}
