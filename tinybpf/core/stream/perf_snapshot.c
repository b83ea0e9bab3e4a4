/* SPDX-License-Identifier: MIT
 *
 * Snapshots of rings that are written over (stream/perf_snapshot.h). Each ring is
 * stopped for as long as it takes to copy it; its records are found in the copy. The
 * kernel writes from the end to the beginning, so that behind the newest record lie
 * older and older ones, up to one whose end is written over already.
 */
#include "stream/perf_snapshot.h"

#include "error/raise.h"
#include "stream/batch.h"
#include "stream/perf_source.h"
#include "stream/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A record of a copy. */
struct found {
    struct tb_perf_ring_record record;
    size_t source;
    uint64_t age; /* in its ring: 0 is the newest */
};

struct snapshot {
    struct tb_perf_ring *copies; /* owned array, one for each source; so are the maps */
    size_t n_copies;
    struct found *found; /* owned */
    size_t n, cap;
};

static void
drop(struct snapshot *shot)
{
    for (size_t i = 0; i < shot->n_copies; i++) {
        free(shot->copies[i].map);
    }
    free(shot->copies);
    free(shot->found);
}

/* Copy the pages of a ring, and where its newest record begins; 0 or -errno. */
static int
copy_ring(const struct tb_perf_ring *ring, struct tb_perf_ring *out)
{
    int err;

    *out = *ring;
    out->map = malloc(ring->page + ring->size);
    if (out->map == NULL) {
        return -ENOMEM;
    }
    err = tb_perf_ring_pause(ring, 1);
    if (err < 0) {
        return err;
    }
    out->position = tb_perf_ring_begin(ring);
    memcpy(out->map + ring->page, ring->map + ring->page, ring->size);
    return tb_perf_ring_pause(ring, 0);
}

/* Find the records of a copy; 0 or -ENOMEM. */
static int
find_records(struct snapshot *shot, size_t source)
{
    struct tb_perf_ring *ring = &shot->copies[source];
    uint64_t written = 0 - ring->position; /* positions begin at 0, and fall */
    struct tb_perf_ring_record record;
    uint64_t end;

    ring->position &= ring->size - 1; /* else the end may be 0 again */
    end = ring->position + (written < ring->size ? written : ring->size);
    for (uint64_t age = 0; tb_perf_ring_take(ring, end, &record) > 0; age++) {
        if (shot->n == shot->cap) {
            size_t cap = shot->cap ? shot->cap * 2 : 256;
            struct found *more = realloc(shot->found, cap * sizeof(*more));

            if (more == NULL) {
                return -ENOMEM;
            }
            shot->found = more;
            shot->cap = cap;
        }
        if (record.n_lost == 0) {
            shot->found[shot->n++] = (struct found){record, source, age};
        }
    }
    return 0;
}

/* The order of time; of one CPU, that of writing. */
static int
compare(const void *left, const void *right)
{
    const struct found *a = left, *b = right;

    if (a->source == b->source) {
        return a->age < b->age ? 1 : -1;
    }
    if (a->record.time != b->record.time) {
        return a->record.time < b->record.time ? -1 : 1;
    }
    return a->source < b->source ? -1 : 1;
}

/* Copy all rings and find what lies in them, oldest first; 0 or -errno. */
static int
take(const struct tb_stream *stream, struct snapshot *shot)
{
    int err = 0;

    shot->copies = calloc(stream->n_sources + 1, sizeof(*shot->copies));
    if (shot->copies == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; err == 0 && i < stream->n_sources; i++) {
        err = copy_ring(tb_perf_source_ring(stream->sources[i]), &shot->copies[i]);
        shot->n_copies = i + 1;
        err = err == 0 ? find_records(shot, i) : err;
    }
    if (err == 0 && shot->n > 1) {
        qsort(shot->found, shot->n, sizeof(*shot->found), compare);
    }
    return err;
}

/* The event of a record that was found; NULL with an exception. */
static PyObject *
event_of(struct tb_state *state, const struct tb_event_type *type,
         const struct snapshot *shot, size_t i)
{
    const struct tb_perf_ring_record *record = &shot->found[i].record;
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, record->size), *event = NULL;

    if (bytes != NULL) {
        tb_perf_ring_copy(&shot->copies[shot->found[i].source], record,
                          PyBytes_AsString(bytes));
        event = tb_event_decode(state, type, PyBytes_AsString(bytes), record->size);
        Py_DECREF(bytes);
    }
    return event;
}

/* The newest of the records as a list; NULL with an exception. */
static PyObject *
list_of(struct tb_state *state, const struct tb_event_type *type,
        const struct snapshot *shot, Py_ssize_t max)
{
    size_t first = shot->n > (size_t)max ? shot->n - (size_t)max : 0;
    PyObject *list = PyList_New(0);

    for (size_t i = first; list != NULL && i < shot->n; i++) {
        PyObject *event = event_of(state, type, shot, i);
        int rc = event ? PyList_Append(list, event) : -1;

        Py_XDECREF(event);
        if (rc < 0) {
            Py_CLEAR(list);
        }
    }
    return list;
}

PyObject *
tb_perf_snapshot(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"max_events", NULL};
    struct tb_stream *stream = &((BpfReader *)op)->stream;
    struct tb_state *state = tb_state_of(op);
    PyObject *max_events = Py_None, *list = NULL;
    struct snapshot shot = {0};
    Py_ssize_t max;
    int err;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:snapshot", (char **)names,
                                     &max_events) ||
        tb_batch_max(max_events, &max) < 0 || tb_stream_enter(state, stream) < 0) {
        return NULL;
    }
    if (!tb_perf_source_ring(stream->sources[0])->is_backward) {
        tb_error_raise(state, TB_ERROR, EINVAL,
                       "snapshot() requires BpfPerfBuffer(..., overwrite=True)");
        tb_stream_leave(stream);
        return NULL;
    }
    err = take(stream, &shot);
    if (err < 0) {
        tb_error_libbpf(state, err, NULL, "snapshot of a perf buffer");
    }
    else {
        list = list_of(state, stream->sources[0]->type, &shot, max);
    }
    drop(&shot);
    tb_stream_leave(stream);
    return list;
}
