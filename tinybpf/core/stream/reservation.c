/* SPDX-License-Identifier: MIT
 *
 * Reservations (stream/reservation.h). What the `with` statement gets is a View of a
 * struct, which lies in the ring; or an instance of a class of ctypes, or a bytearray,
 * which is copied there at its end. An exception in it discards the sample, as does
 * forgetting the reservation.
 */
#include "stream/reservation.h"

#include "base/args.h"
#include "error/raise.h"
#include "stream/batch.h"
#include "stream/event_codec.h"
#include "value/shape.h"
#include "view/view.h"

#include <string.h>

typedef struct {
    PyObject_HEAD
    BpfUserRing *ring;     /* owned */
    void *data;            /* the room, with the stream entered; NULL: given back */
    size_t size;           /* bytes of it */
    struct tb_codec codec; /* BYTES: a bytearray; its class is owned */
    PyObject *value; /* owned; what the statement got and is to be copied; NULL: none */
    int has_begun;   /* the statement */
    int is_finished; /* of tb_state_finish() */
} Reservation;

/* Give the room back; may be called again. */
static void
finish(Reservation *self, int is_discarded)
{
    void *data = self->data;

    self->data = NULL;
    if (data != NULL) {
        tb_user_ring_give(self->ring, data, is_discarded);
    }
}

/* How many bytes, or of which type; 0, or -1 with an exception. */
static int
settle(Reservation *self, PyObject *what)
{
    uint64_t size;

    if (PyLong_Check(what)) {
        if (tb_args_number(what, "reserve(): a size", UINT32_MAX, &size) < 0) {
            return -1;
        }
        self->size = (size_t)size;
        self->codec.kind = TB_CODEC_BYTES;
        return 0;
    }
    if (tb_event_codec_given((BpfMap *)self->ring->map, what, &self->codec) < 0) {
        return -1;
    }
    if (self->codec.kind == TB_CODEC_BYTES) {
        PyErr_SetString(PyExc_TypeError,
                        "reserve() takes a number of bytes, the name of a struct, a "
                        "Record class, or a class of ctypes");
        return -1;
    }
    self->size = self->codec.size;
    return 0;
}

/* Reserve room for a type, or for so many bytes; NULL with an exception. */
static PyObject *
reserve(BpfUserRing *ring, PyObject *what, int timeout_ms)
{
    Reservation *self = tb_state_new(tb_state_of(ring), TB_TYPE_RESERVATION);

    if (self == NULL) {
        return NULL;
    }
    self->ring = (BpfUserRing *)tb_new_ref(ring);
    if (settle(self, what) == 0) {
        self->data = tb_user_ring_take(ring, self->size, timeout_ms);
    }
    if (self->data == NULL) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

PyObject *
tb_reservation_reserve(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"what", "timeout", NULL};
    PyObject *what, *timeout = Py_None;
    int timeout_ms;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O:reserve", (char **)names, &what,
                                     &timeout) ||
        tb_batch_timeout(timeout, &timeout_ms) < 0) {
        return NULL;
    }
    return reserve((BpfUserRing *)op, what, timeout_ms);
}

/* Of its View. */
static int
find(PyObject *owner, size_t index, int write, struct tb_span *out_span)
{
    const Reservation *self = (const Reservation *)owner;

    (void)index;
    (void)write;
    if (self->data == NULL) {
        tb_error_raise(tb_state_of(owner), TB_ERROR_CLOSED, 0,
                       "the sample was submitted: its memory is closed");
        return -1;
    }
    *out_span = (struct tb_span){.data = self->data, .size = self->size};
    return 0;
}

/* What the `with` statement gets; a new reference, NULL with an exception. */
static PyObject *
make_value(Reservation *self)
{
    if (self->codec.kind == TB_CODEC_RECORD) {
        struct tb_view_source source = {
            .owner = (PyObject *)self,
            .find = find,
            .btf = self->codec.shape->btf,
            .name = "a sample",
        };

        return tb_view_new(tb_state_of(self), &source, self->codec.shape->layout);
    }
    if (self->codec.kind != TB_CODEC_BYTES) {
        return PyObject_CallFunctionObjArgs(self->codec.type, NULL);
    }
    return PyObject_CallFunction((PyObject *)&PyByteArray_Type, "n",
                                 (Py_ssize_t)self->size);
}

static PyObject *
reservation_enter(PyObject *op, PyObject *unused)
{
    Reservation *self = (Reservation *)op;
    PyObject *value;

    (void)unused;
    if (self->has_begun || self->data == NULL) {
        PyErr_SetString(PyExc_RuntimeError,
                        "a reservation is for one `with` statement");
        return NULL;
    }
    value = make_value(self);
    self->has_begun = value != NULL;
    if (value != NULL && self->codec.kind != TB_CODEC_RECORD) {
        self->value = tb_new_ref(value); /* a View holds us: we do not hold it */
    }
    return value;
}

/* Copy what does not lie in the ring; 0, or -1 with an exception. */
static int
copy_value(const Reservation *self)
{
    Py_buffer view;
    int rc = 0;

    if (self->value == NULL) {
        return 0;
    }
    if (PyObject_GetBuffer(self->value, &view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    if ((size_t)view.len == self->size) {
        memcpy(self->data, view.buf, self->size);
    }
    else {
        PyErr_Format(PyExc_ValueError,
                     "a sample of %zu bytes was reserved, and has %zd", self->size,
                     view.len);
        rc = -1;
    }
    PyBuffer_Release(&view);
    return rc;
}

static PyObject *
reservation_exit(PyObject *op, PyObject *args)
{
    Reservation *self = (Reservation *)op;
    PyObject *type = PyTuple_Size(args) > 0 ? PyTuple_GetItem(args, 0) : Py_None;
    int rc = 0;

    if (self->data == NULL || !self->has_begun) {
        Py_RETURN_NONE;
    }
    if (type == Py_None) {
        rc = copy_value(self);
    }
    finish(self, type != Py_None || rc < 0);
    if (rc < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static int
reservation_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(((Reservation *)op)->ring);
    Py_VISIT(((Reservation *)op)->codec.type);
    Py_VISIT(((Reservation *)op)->value);
    return 0;
}

static void
reservation_finalize(PyObject *op)
{
    finish((Reservation *)op, 1);
}

static void
reservation_dealloc(PyObject *op)
{
    Reservation *self = (Reservation *)op;

    if (tb_state_finish(op, reservation_finalize, &self->is_finished)) {
        Py_CLEAR(self->value);
        Py_CLEAR(self->codec.type);
        Py_CLEAR(self->ring);
        tb_state_free(op);
    }
}

static PyMethodDef methods[] = {
    {"__enter__", reservation_enter, METH_NOARGS, NULL},
    {"__exit__", reservation_exit, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Room in a user ring buffer, for one `with` statement."},
    {Py_tp_new, tb_state_no_new},
    {Py_tp_methods, methods},
    {Py_tp_traverse, reservation_traverse},
    {Py_tp_finalize, reservation_finalize},
    {Py_tp_dealloc, reservation_dealloc},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf._Reservation",
    .basicsize = sizeof(Reservation),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_reservation_add(PyObject *module)
{
    return tb_state_make_type(module, TB_TYPE_RESERVATION, &spec);
}
