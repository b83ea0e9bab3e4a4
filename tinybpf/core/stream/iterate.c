/* SPDX-License-Identifier: MIT
 *
 * Iterators of readers (stream/iterate.h). All of them take from the stream's queue, so
 * that a loop that is left, or a task that is cancelled, leaves to the next one what it
 * did not give out. Coroutines are written in Python, which is imported when the first
 * is made.
 */
#include "stream/iterate.h"

#include "base/args.h"
#include "error/raise.h"
#include "stream/batch.h"
#include "stream/reader.h"

#include <errno.h>

/* Records that are read at once for a loop that waits. */
#define CHUNK 256

typedef struct {
    PyObject_HEAD
    BpfReader *reader; /* owned */
    int timeout_ms;    /* quiet time that ends it; -1: none does */
} Stream;

/* Check that it has no callbacks; 0, or -1 with an exception. One that is closed gives
 * out what it has read. */
static int
check_iterable(PyObject *op)
{
    const struct tb_stream *stream = &((BpfReader *)op)->stream;

    if (stream->mode == TB_STREAM_CALLBACK) {
        tb_error_raise(tb_state_of(op), TB_ERROR, EINVAL,
                       "Cannot iterate on callback-mode %s: add its maps without a "
                       "callback",
                       stream->noun);
        return -1;
    }
    return 0;
}

PyObject *
tb_iterate_iter(PyObject *op)
{
    struct tb_stream *stream = &((BpfReader *)op)->stream;
    struct tb_sink sink = {.left = TB_SINK_ALL};
    int rc;

    if (check_iterable(op) < 0) {
        return NULL;
    }
    if (!stream->is_open) {
        return tb_new_ref(op);
    }
    if (tb_stream_enter(tb_state_of(op), stream) < 0) {
        return NULL;
    }
    rc = tb_stream_drain(stream, &sink);
    tb_stream_leave(stream);
    return rc < 0 ? NULL : tb_new_ref(op);
}

/* The next event of the queue; NULL without an exception if it is empty. */
static PyObject *
pop(struct tb_stream *stream)
{
    struct tb_queue_record record;

    if (!tb_queue_pop(&stream->queue, &record)) {
        return NULL;
    }
    Py_DECREF(record.map_name);
    return record.data;
}

PyObject *
tb_iterate_next(PyObject *op)
{
    return check_iterable(op) < 0 ? NULL : pop(&((BpfReader *)op)->stream);
}

PyObject *
tb_iterate_take(PyObject *op, PyObject *unused)
{
    struct tb_queue_record record;

    (void)unused;
    if (check_iterable(op) < 0) {
        return NULL;
    }
    if (!tb_queue_pop(&((BpfReader *)op)->stream.queue, &record)) {
        Py_RETURN_NONE;
    }
    return Py_BuildValue("(NN)", record.map_name, record.data);
}

PyObject *
tb_iterate_stream(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"timeout", NULL};
    PyObject *timeout = Py_None;
    Stream *self;
    int timeout_ms;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:stream", (char **)names,
                                     &timeout) ||
        tb_batch_timeout(timeout, &timeout_ms) < 0 ||
        tb_batch_check(op, "stream()") < 0) {
        return NULL;
    }
    self = tb_state_new(tb_state_of(op), TB_TYPE_STREAM);
    if (self != NULL) {
        self->reader = (BpfReader *)tb_new_ref(op);
        self->timeout_ms = timeout_ms;
    }
    return (PyObject *)self;
}

/* Whether the exception that is set says that nothing more can come: that is the end of
 * a loop, and no error. */
static int
is_end(struct tb_state *state, const struct tb_stream *stream)
{
    return (!stream->is_open || stream->is_over) &&
           PyErr_ExceptionMatches(state->errors[TB_ERROR_CLOSED]);
}

/* Read on into the queue, and wait if nothing is there; 0, or -1 with an exception. */
static int
read_on(const Stream *self)
{
    struct tb_stream *stream = &self->reader->stream;
    struct tb_state *state = tb_state_of((void *)self);
    struct tb_sink sink = {.left = CHUNK};
    int rc = -1;

    if (tb_stream_enter(state, stream) == 0) {
        rc = tb_stream_poll(state, stream, self->timeout_ms, &sink);
        tb_stream_leave(stream);
    }
    if (rc < 0 && is_end(state, stream)) {
        PyErr_Clear();
        return 0;
    }
    return rc < 0 ? -1 : 0;
}

static PyObject *
stream_next(PyObject *op)
{
    const Stream *self = (const Stream *)op;
    struct tb_stream *stream = &self->reader->stream;
    PyObject *event = pop(stream);

    if (event != NULL || read_on(self) < 0) {
        return event;
    }
    return pop(stream);
}

static int
stream_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(((Stream *)op)->reader);
    return 0;
}

static void
stream_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    Py_CLEAR(((Stream *)op)->reader);
    tb_state_free(op);
}

/* Call tinybpf._async.<function>(op, arg); without arg if it is NULL. */
static PyObject *
call_async(PyObject *op, const char *function, PyObject *arg)
{
    PyObject *module = PyImport_ImportModule("tinybpf._async");
    PyObject *callable = module ? tb_args_attr(module, function) : NULL;
    PyObject *result = NULL;

    if (callable != NULL) {
        result = PyObject_CallFunctionObjArgs(callable, op, arg, NULL);
    }
    Py_XDECREF(module);
    Py_XDECREF(callable);
    return result;
}

PyObject *
tb_iterate_poll_async(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"timeout_ms", NULL};
    PyObject *number, *result;
    int timeout_ms = -1;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|i:poll_async", (char **)names,
                                     &timeout_ms) ||
        tb_stream_check(tb_state_of(op), &((BpfReader *)op)->stream) < 0) {
        return NULL;
    }
    number = PyLong_FromLong(timeout_ms);
    result = number ? call_async(op, "poll", number) : NULL;
    Py_XDECREF(number);
    return result;
}

PyObject *
tb_iterate_aiter(PyObject *op)
{
    return check_iterable(op) < 0 ? NULL : call_async(op, "records", NULL);
}

PyObject *
tb_iterate_events(PyObject *op, PyObject *unused)
{
    (void)unused;
    return check_iterable(op) < 0 ? NULL : call_async(op, "events", NULL);
}

PyObject *
tb_iterate_aenter(PyObject *op, PyObject *unused)
{
    (void)unused;
    if (tb_stream_check(tb_state_of(op), &((BpfReader *)op)->stream) < 0) {
        return NULL;
    }
    return call_async(op, "enter", NULL);
}

PyObject *
tb_iterate_aexit(PyObject *op, PyObject *unused)
{
    (void)unused;
    return call_async(op, "leave", NULL);
}

static PyType_Slot slots[] = {
    {Py_tp_doc, "A loop over events that waits for more."},
    {Py_tp_new, tb_state_no_new},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, stream_next},
    {Py_tp_traverse, stream_traverse},
    {Py_tp_dealloc, stream_dealloc},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf._Stream",
    .basicsize = sizeof(Stream),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_iterate_add(PyObject *module)
{
    return tb_state_make_type(module, TB_TYPE_STREAM, &spec);
}
