/* SPDX-License-Identifier: MIT
 *
 * BpfRingBuffer (ringbuf.h): the class; what it does stands in stream.c.
 */
#include "ringbuf.h"

#include "error.h"
#include "libbpf.h"
#include "stream.h"

#include <errno.h>

typedef struct {
    PyObject_HEAD
    struct tb_stream stream; /* owned */
} RingBuffer;

static PyObject *
ringbuf_poll(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"timeout_ms", NULL};
    struct tb_stream *stream = &((RingBuffer *)op)->stream;
    struct tb_state *state = tb_state_of(op);
    Py_ssize_t n_done = 0;
    int timeout_ms = -1;
    int rc;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|i:poll", (char **)names,
                                     &timeout_ms) ||
        tb_stream_enter(state, stream) < 0) {
        return NULL;
    }
    rc = tb_stream_poll(state, stream, timeout_ms, &n_done);
    tb_stream_leave(stream);
    if (rc < 0 || PyErr_CheckSignals() < 0) {
        return NULL;
    }
    return PyLong_FromSsize_t(n_done);
}

static PyObject *
ringbuf_consume(PyObject *op, PyObject *unused)
{
    struct tb_stream *stream = &((RingBuffer *)op)->stream;
    Py_ssize_t n_done = 0;
    int rc;

    (void)unused;
    if (tb_stream_enter(tb_state_of(op), stream) < 0) {
        return NULL;
    }
    rc = tb_stream_drain(stream, &n_done);
    tb_stream_leave(stream);
    return rc < 0 ? NULL : PyLong_FromSsize_t(n_done);
}

/* Check what add() was given; 0, or -1 with an exception. */
static int
check_source(RingBuffer *self, PyObject *map, PyObject *callback)
{
    struct tb_state *state = tb_state_of(self);

    if (Py_TYPE(map) != state->types[TB_TYPE_MAP]) {
        PyErr_Format(PyExc_TypeError, "map must be a BpfMap, not %R", Py_TYPE(map));
        return -1;
    }
    if (((BpfMap *)map)->type != BPF_MAP_TYPE_RINGBUF) {
        tb_error_raise(state, TB_ERROR, EINVAL, "cannot consume %R: expected RINGBUF",
                       map);
        return -1;
    }
    if (callback == NULL || callback == Py_None) {
        tb_error_raise(state, TB_ERROR, EINVAL,
                       "map %R requires a callback: a function of one record",
                       ((BpfMap *)map)->name);
        return -1;
    }
    if (!PyCallable_Check(callback)) {
        PyErr_Format(PyExc_TypeError, "callback must be callable, not %R",
                     Py_TYPE(callback));
        return -1;
    }
    if (tb_stream_has(&self->stream, (BpfMap *)map)) {
        tb_error_raise(state, TB_ERROR, EEXIST, "map %R was already added",
                       ((BpfMap *)map)->name);
        return -1;
    }
    return 0;
}

static PyObject *
ringbuf_add(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"map", "callback", NULL};
    RingBuffer *self = (RingBuffer *)op;
    PyObject *map, *callback;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO:add", (char **)names, &map,
                                     &callback)) {
        return NULL;
    }
    if (tb_stream_check(tb_state_of(self), &self->stream) < 0 ||
        check_source(self, map, callback) < 0 ||
        tb_stream_add(&self->stream, (BpfMap *)map, callback) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* Open it and add the first map, if there is one; 0, or -1 with an exception. */
static int
start(RingBuffer *self, PyObject *map, PyObject *callback)
{
    if (map == NULL && callback != NULL) {
        tb_error_raise(tb_state_of(self), TB_ERROR, EINVAL, "callback requires map");
        return -1;
    }
    if (map != NULL && check_source(self, map, callback) < 0) {
        return -1;
    }
    if (tb_stream_open(tb_state_of(self), &self->stream) < 0) {
        return -1;
    }
    if (map != NULL && tb_stream_add(&self->stream, (BpfMap *)map, callback) < 0) {
        tb_stream_close(&self->stream);
        return -1;
    }
    return 0;
}

static PyObject *
ringbuf_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"map", "callback", NULL};
    PyObject *map = NULL, *callback = NULL;
    RingBuffer *self;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|OO:BpfRingBuffer", (char **)names,
                                     &map, &callback)) {
        return NULL;
    }
    self = (RingBuffer *)PyType_GenericAlloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    if (start(self, map == Py_None ? NULL : map,
              callback == Py_None ? NULL : callback) == 0) {
        return (PyObject *)self;
    }
    Py_DECREF(self);
    return NULL;
}

static PyObject *
ringbuf_fileno(PyObject *op, PyObject *unused)
{
    struct tb_stream *stream = &((RingBuffer *)op)->stream;

    (void)unused;
    if (tb_stream_check(tb_state_of(op), stream) < 0) {
        return NULL;
    }
    return PyLong_FromLong(stream->epoll_fd);
}

static PyObject *
ringbuf_close(PyObject *op, PyObject *unused)
{
    (void)unused;
    tb_stream_close(&((RingBuffer *)op)->stream);
    Py_RETURN_NONE;
}

static PyObject *
ringbuf_enter(PyObject *op, PyObject *unused)
{
    (void)unused;
    if (tb_stream_check(tb_state_of(op), &((RingBuffer *)op)->stream) < 0) {
        return NULL;
    }
    return tb_new_ref(op);
}

static PyObject *
ringbuf_exit(PyObject *op, PyObject *unused)
{
    return ringbuf_close(op, unused);
}

static PyObject *
ringbuf_repr(PyObject *op)
{
    const struct tb_stream *stream = &((RingBuffer *)op)->stream;

    if (!stream->is_open) {
        return PyUnicode_FromString("<BpfRingBuffer closed>");
    }
    return PyUnicode_FromFormat("<BpfRingBuffer open, maps=%zu>", stream->n_sources);
}

static int
ringbuf_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    return tb_stream_traverse(&((RingBuffer *)op)->stream, visit, arg);
}

static void
ringbuf_finalize(PyObject *op)
{
    RingBuffer *self = (RingBuffer *)op;
    PyObject *type, *value, *tb;

    PyErr_Fetch(&type, &value, &tb);
    if (self->stream.is_open &&
        PyErr_WarnFormat(PyExc_ResourceWarning, 1, "unclosed %R", self) < 0) {
        PyErr_WriteUnraisable(op);
    }
    tb_stream_close(&self->stream);
    PyErr_Restore(type, value, tb);
}

static PyMethodDef methods[] = {
    {"add", TB_METHOD(ringbuf_add), METH_VARARGS | METH_KEYWORDS,
     "add($self, map, callback)\n--\n\nConsume one more ring buffer."},
    {"poll", TB_METHOD(ringbuf_poll), METH_VARARGS | METH_KEYWORDS,
     "poll($self, timeout_ms=-1)\n--\n\n"
     "Wait for records and hand them to the callbacks."},
    {"consume", ringbuf_consume, METH_NOARGS,
     "consume($self)\n--\n\n"
     "Hand the records that are there to the callbacks, without waiting."},
    {"epoll_fd", ringbuf_fileno, METH_NOARGS,
     "epoll_fd($self)\n--\n\n"
     "Return the epoll descriptor that is readable when records wait."},
    {"fileno", ringbuf_fileno, METH_NOARGS,
     "fileno($self)\n--\n\n"
     "Return the epoll descriptor, for select() and event loops."},
    {"close", ringbuf_close, METH_NOARGS,
     "close($self)\n--\n\n"
     "Unmap the rings; may be called again, and while another thread polls."},
    {"__enter__", ringbuf_enter, METH_NOARGS, NULL},
    {"__exit__", ringbuf_exit, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "BpfRingBuffer(map=None, callback=None)\n--\n\n"
                "Consumer of one or more ring buffers, by callbacks."},
    {Py_tp_new, ringbuf_new},
    {Py_tp_methods, methods},
    {Py_tp_repr, ringbuf_repr},
    {Py_tp_traverse, ringbuf_traverse},
    {Py_tp_finalize, ringbuf_finalize},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf.BpfRingBuffer",
    .basicsize = sizeof(RingBuffer),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_ringbuf_add(PyObject *module)
{
    return tb_state_add_type(module, TB_TYPE_RINGBUF, &spec);
}
