/* SPDX-License-Identifier: MIT
 *
 * Batches (stream/batch.h): a sink that makes events and appends them to a list.
 */
#include "stream/batch.h"

#include "error/raise.h"
#include "stream/event.h"
#include "stream/reader.h"

#include <errno.h>
#include <stdlib.h>

/* So many events that came from one map, one behind the other. */
struct run {
    PyObject *map_name; /* owned */
    Py_ssize_t n;
};

/* Bytes of events, and of what each takes besides, in a list that is kept as a spare:
 * memory that is given back and taken anew costs ten times what filling it does. */
#define MOST_KEPT (16 << 20)
#define BESIDES 64

/* A list of events, and whose they are, for the case that they must be put back. */
struct batch {
    struct tb_sink sink;
    struct tb_state *state;
    PyObject *list; /* owned; what lies in it behind the n events is older */
    Py_ssize_t n;
    size_t n_bytes;   /* that a spare list with them takes */
    int is_kept;      /* its events are all of a class that is refilled */
    struct run *runs; /* owned, in the order of the list */
    size_t n_runs;
};

int
tb_batch_timeout(PyObject *timeout, int *out_ms)
{
    double seconds;

    *out_ms = -1;
    if (timeout == Py_None) {
        return 0;
    }
    seconds = PyFloat_AsDouble(timeout);
    if (seconds == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (!(seconds >= 0)) {
        PyErr_SetString(PyExc_ValueError,
                        "timeout must be a number of seconds from 0 on, or None");
        return -1;
    }
    if (seconds * 1000 < INT32_MAX) { /* else some weeks: for ever */
        *out_ms = (int)(seconds * 1000);
        *out_ms += *out_ms < seconds * 1000;
    }
    return 0;
}

int
tb_batch_max(PyObject *max_events, Py_ssize_t *out)
{
    *out = TB_SINK_ALL;
    if (max_events == Py_None) {
        return 0;
    }
    *out = PyNumber_AsSsize_t(max_events, NULL); /* cuts what is larger */
    if (*out == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (*out < 1) {
        PyErr_SetString(PyExc_ValueError, "max_events must be 1 or more, or None");
        return -1;
    }
    return 0;
}

int
tb_batch_check(PyObject *op, const char *method)
{
    struct tb_stream *stream = &((BpfReader *)op)->stream;

    if (tb_stream_check_sources(tb_state_of(op), stream) < 0) {
        return -1;
    }
    if (stream->mode == TB_STREAM_CALLBACK) {
        tb_error_raise(tb_state_of(op), TB_ERROR, EINVAL,
                       "%s requires iterator mode: add the maps of the %s without a "
                       "callback",
                       method, stream->noun);
        return -1;
    }
    return 0;
}

/* Count an event of a map; 0, or -1 with an exception. */
static int
count(struct batch *batch, PyObject *map_name)
{
    struct run *last = batch->n_runs ? &batch->runs[batch->n_runs - 1] : NULL;

    if (last == NULL || last->map_name != map_name) {
        last = realloc(batch->runs, (batch->n_runs + 1) * sizeof(*batch->runs));
        if (last == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        batch->runs = last;
        last = &batch->runs[batch->n_runs++];
        *last = (struct run){.map_name = tb_new_ref(map_name)};
    }
    last->n++;
    batch->n++;
    return 0;
}

/* Put an event of a map into the list; 0, or -1 with an exception. */
static int
append(struct batch *batch, PyObject *map_name, PyObject *event)
{
    int rc = batch->n < PyList_Size(batch->list)
                 ? PyList_SetItem(batch->list, batch->n, tb_new_ref(event))
                 : PyList_Append(batch->list, event);

    return rc < 0 ? -1 : count(batch, map_name);
}

/* An older event is refilled where it can be. */
static int
take(struct tb_sink *sink, const struct tb_stream_source *source, const void *data,
     size_t size)
{
    struct batch *batch = (struct batch *)sink;
    PyObject *event;
    int rc;

    batch->n_bytes += size + BESIDES;
    if (batch->n < PyList_Size(batch->list) &&
        tb_event_refill(source->type, PyList_GetItem(batch->list, batch->n), 1, data,
                        size)) {
        return count(batch, source->map_name);
    }
    event = tb_event_decode(batch->state, source->type, data, size);
    batch->is_kept &= event != NULL && Py_TYPE(event) == source->type->refilled;
    rc = event ? append(batch, source->map_name, event) : -1;
    Py_XDECREF(event);
    return rc;
}

/* Take what poll() has queued, as far as it fits; 0, or -1 with an exception. */
static int
take_queued(struct tb_stream *stream, struct batch *batch)
{
    struct tb_queue_record record;
    int rc = 0;

    while (rc == 0 && batch->sink.left > 0 && tb_queue_pop(&stream->queue, &record)) {
        rc = append(batch, record.map_name, record.data);
        Py_DECREF(record.data);
        Py_DECREF(record.map_name);
        batch->sink.left--;
        batch->sink.n_done++;
        batch->is_kept = 0; /* it may be of any class */
    }
    return rc;
}

/* Take what is older out of the list; 0, or -1 with an exception. */
static int
trim(const struct batch *batch)
{
    Py_ssize_t size = PyList_Size(batch->list);

    return batch->n < size ? PyList_SetSlice(batch->list, batch->n, size, NULL) : 0;
}

/* Read into the list: what is there, or the first that comes; 0, or -1 with an
 * exception. */
static int
fill(struct tb_stream *stream, struct batch *batch, int timeout_ms)
{
    int is_put_back = stream->is_put_back;

    stream->is_put_back = 0;
    if (take_queued(stream, batch) < 0) {
        return -1;
    }
    if (batch->sink.n_done != 0) { /* it does not wait, and is no end */
        return is_put_back ? 0 : tb_stream_drain(stream, &batch->sink);
    }
    return tb_stream_poll(batch->state, stream, timeout_ms, &batch->sink);
}

/* Put the events of a call that fails into the queue: they are taken, and the next call
 * gives them, and no more, for what comes behind may fail again. An exception that is
 * set stays. */
static void
put_back(struct tb_stream *stream, const struct batch *batch)
{
    PyObject *type, *value, *tb;
    Py_ssize_t at = 0;

    PyErr_Fetch(&type, &value, &tb);
    for (size_t i = 0; i < batch->n_runs; i++) {
        for (Py_ssize_t n = batch->runs[i].n; n > 0; n--) {
            PyObject *event = PyList_GetItem(batch->list, at++);

            if (event == NULL ||
                tb_queue_push(&stream->queue, batch->runs[i].map_name, event) < 0) {
                PyErr_Clear(); /* no memory: there is no place to keep it */
            }
        }
    }
    stream->is_put_back = batch->n_runs != 0;
    PyErr_Restore(type, value, tb);
}

static void
drop_runs(struct batch *batch)
{
    for (size_t i = 0; i < batch->n_runs; i++) {
        Py_CLEAR(batch->runs[i].map_name);
    }
    free(batch->runs);
}

PyObject *
tb_batch_read(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"max_events", "timeout", NULL};
    struct tb_stream *stream = &((BpfReader *)op)->stream;
    struct batch batch = {.sink.take = take, .state = tb_state_of(op), .is_kept = 1};
    PyObject *max_events = Py_None, *timeout = Py_None;
    int timeout_ms, rc;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|OO:read", (char **)names,
                                     &max_events, &timeout) ||
        tb_batch_max(max_events, &batch.sink.left) < 0 ||
        tb_batch_timeout(timeout, &timeout_ms) < 0 ||
        tb_batch_check(op, "read()") < 0) {
        return NULL;
    }
    batch.list = tb_spare_take(&stream->spare);
    if (batch.list == NULL || tb_stream_enter(batch.state, stream) < 0) {
        Py_XDECREF(batch.list);
        return NULL;
    }
    rc = fill(stream, &batch, timeout_ms);
    if (rc < 0 || trim(&batch) < 0) {
        put_back(stream, &batch);
        Py_CLEAR(batch.list);
    }
    else if (stream->is_open) {
        int is_kept = batch.is_kept && batch.n_bytes <= MOST_KEPT;

        tb_spare_keep(&stream->spare, is_kept ? batch.list : NULL);
    }
    drop_runs(&batch);
    tb_stream_leave(stream);
    return batch.list;
}
