/* SPDX-License-Identifier: MIT
 *
 * Methods of all readers, and the waits of event loops.
 */
#include "stream/reader.h"

#include "base/args.h"
#include "error/raise.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

typedef struct {
    PyObject_HEAD
    BpfReader *reader; /* owned, and entered; NULL once the wait is over */
    int fd;            /* owned duplicate of the stream's epoll descriptor */
    int is_finished;   /* of tb_state_finish() */
} Wait;

PyObject *
tb_reader_poll(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"timeout_ms", NULL};
    struct tb_stream *stream = &((BpfReader *)op)->stream;
    struct tb_state *state = tb_state_of(op);
    struct tb_sink sink = {.left = TB_SINK_ALL};
    int timeout_ms = -1;
    int rc;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|i:poll", (char **)names,
                                     &timeout_ms) ||
        tb_stream_enter(state, stream) < 0) {
        return NULL;
    }
    rc = tb_stream_poll(state, stream, timeout_ms, &sink);
    tb_stream_leave(stream);
    if (rc < 0 || PyErr_CheckSignals() < 0) {
        return NULL;
    }
    return PyLong_FromSsize_t(sink.n_done);
}

PyObject *
tb_reader_consume(PyObject *op, PyObject *unused)
{
    struct tb_stream *stream = &((BpfReader *)op)->stream;
    struct tb_sink sink = {.left = TB_SINK_ALL};
    int rc;

    (void)unused;
    if (tb_stream_enter(tb_state_of(op), stream) < 0) {
        return NULL;
    }
    rc = tb_stream_consume(tb_state_of(op), stream, &sink);
    tb_stream_leave(stream);
    return rc < 0 ? NULL : PyLong_FromSsize_t(sink.n_done);
}

int
tb_reader_set_interval(BpfReader *self, PyObject *seconds)
{
    double interval;

    if (!tb_args_is_given(seconds)) {
        return 0;
    }
    interval = PyFloat_AsDouble(seconds);
    if (interval == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (!(interval > 0 && interval * 1000 < INT32_MAX)) {
        PyErr_SetString(PyExc_ValueError,
                        "drain_interval must be a number of seconds above 0, or None");
        return -1;
    }
    self->stream.interval_ms = interval < 0.001 ? 1 : (int)(interval * 1000);
    return 0;
}

PyObject *
tb_reader_interval(PyObject *op, PyObject *unused)
{
    int ms = ((BpfReader *)op)->stream.interval_ms;

    (void)unused;
    return ms < 0 ? tb_new_ref(Py_None) : PyFloat_FromDouble(ms / 1000.0);
}

PyObject *
tb_reader_fileno(PyObject *op, PyObject *unused)
{
    struct tb_stream *stream = &((BpfReader *)op)->stream;

    (void)unused;
    if (tb_stream_check_sources(tb_state_of(op), stream) < 0) {
        return NULL;
    }
    return PyLong_FromLong(stream->epoll_fd);
}

PyObject *
tb_reader_close(PyObject *op, PyObject *unused)
{
    (void)unused;
    tb_stream_close(&((BpfReader *)op)->stream);
    Py_RETURN_NONE;
}

PyObject *
tb_reader_enter(PyObject *op, PyObject *unused)
{
    (void)unused;
    if (tb_stream_check(tb_state_of(op), &((BpfReader *)op)->stream) < 0) {
        return NULL;
    }
    return tb_new_ref(op);
}

PyObject *
tb_reader_exit(PyObject *op, PyObject *unused)
{
    return tb_reader_close(op, unused);
}

int
tb_reader_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    return tb_stream_traverse(&((BpfReader *)op)->stream, visit, arg);
}

void
tb_reader_finalize(PyObject *op)
{
    int is_open = ((BpfReader *)op)->stream.is_open;

    tb_state_finalize(op, is_open ? PyExc_ResourceWarning : NULL, "unclosed %R",
                      tb_reader_close);
    tb_stream_forget(&((BpfReader *)op)->stream);
}

/* Nobody is inside of the stream, so that the finaliser's close has freed it. */
void
tb_reader_dealloc(PyObject *op)
{
    if (tb_state_finish(op, tb_reader_finalize, &((BpfReader *)op)->is_finished)) {
        tb_state_free(op);
    }
}

PyObject *
tb_reader_wait(PyObject *op, PyObject *unused)
{
    struct tb_stream *stream = &((BpfReader *)op)->stream;
    struct tb_state *state = tb_state_of(op);
    Wait *self = tb_state_new(state, TB_TYPE_WAIT);

    (void)unused;
    if (self == NULL || tb_stream_enter(state, stream) < 0) {
        Py_XDECREF(self);
        return NULL;
    }
    self->reader = (BpfReader *)tb_new_ref(op);
    self->fd = fcntl(stream->epoll_fd, F_DUPFD_CLOEXEC, 0);
    if (self->fd < 0) {
        tb_error_libbpf(state, -errno, NULL, "wait for a %s", stream->noun);
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static void
end_wait(Wait *self)
{
    BpfReader *reader = self->reader;

    if (reader == NULL) {
        return;
    }
    self->reader = NULL;
    if (self->fd >= 0) {
        close(self->fd);
    }
    tb_stream_leave(&reader->stream);
    Py_DECREF(reader);
}

static PyObject *
wait_enter(PyObject *op, PyObject *unused)
{
    (void)unused;
    return PyLong_FromLong(((Wait *)op)->reader ? ((Wait *)op)->fd : -1);
}

static PyObject *
wait_exit(PyObject *op, PyObject *unused)
{
    (void)unused;
    end_wait((Wait *)op);
    Py_RETURN_NONE;
}

static int
wait_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(((Wait *)op)->reader);
    return 0;
}

static void
wait_finalize(PyObject *op)
{
    end_wait((Wait *)op);
}

static void
wait_dealloc(PyObject *op)
{
    if (tb_state_finish(op, wait_finalize, &((Wait *)op)->is_finished)) {
        tb_state_free(op);
    }
}

static PyMethodDef methods[] = {
    {"__enter__", wait_enter, METH_NOARGS, NULL},
    {"__exit__", wait_exit, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "A wait of an event loop for a buffer."},
    {Py_tp_new, tb_state_no_new},
    {Py_tp_methods, methods},
    {Py_tp_traverse, wait_traverse},
    {Py_tp_finalize, wait_finalize},
    {Py_tp_dealloc, wait_dealloc},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf._Wait",
    .basicsize = sizeof(Wait),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_reader_add(PyObject *module)
{
    return tb_state_make_type(module, TB_TYPE_WAIT, &spec);
}
