/* SPDX-License-Identifier: MIT
 *
 * Delivery of ring buffer records.
 */
#include "stream/ring_source.h"

#include "base/libbpf.h"
#include "error/raise.h"
#include "stream/dropped.h"
#include "stream/loan.h"

#include <errno.h>
#include <stdlib.h>

struct ring_source {
    struct tb_stream_source source;
    struct tb_loan_lender lender; /* of the ring's memory */
    struct tb_ring ring;          /* owned */
    struct tb_state *state;       /* borrowed from the map */
    PyObject *map;                /* owned; BpfMap */
    PyObject *callback;           /* owned; NULL: into the queue */
    struct tb_event_type type;    /* owned; of the records */
    struct tb_dropped dropped;    /* owned */
    int is_further;               /* the first source of the map has the counter */
    int as_view;
    int n_shown; /* records that are used in the ring now */
};

static void
free_memory(struct tb_loan_lender *lender)
{
    struct ring_source *self =
        (struct ring_source *)((char *)lender - offsetof(struct ring_source, lender));

    tb_ring_close(&self->ring);
    free(self);
}

static void
free_source(struct tb_stream_source *source)
{
    struct ring_source *self = (struct ring_source *)source;

    Py_CLEAR(self->callback);
    Py_CLEAR(self->map);
    tb_event_type_drop(&self->type);
    tb_dropped_close(&self->dropped);
    tb_loan_end_lender(&self->lender);
}

static int
traverse(const struct tb_stream_source *source, visitproc visit, void *arg)
{
    const struct ring_source *self = (const struct ring_source *)source;

    Py_VISIT(self->map);
    Py_VISIT(self->callback);
    return tb_event_type_traverse(&self->type, visit, arg);
}

static uint64_t
fill(const struct tb_stream_source *source)
{
    return tb_ring_fill(&((const struct ring_source *)source)->ring);
}

static int
lost(const struct tb_stream_source *source, uint64_t *out)
{
    const struct ring_source *self = (const struct ring_source *)source;

    *out = 0;
    return self->is_further || tb_dropped_read(&self->dropped, out) == 0;
}

/* What a callback's answer means: 0 go on, 1 stop, -1 with an exception. Numbers of
 * any size will do (operator.index); 3.9 would take a float for one otherwise. */
static int
verdict(PyObject *answer)
{
    Py_ssize_t number;

    if (answer == Py_None) {
        return 0;
    }
    number = PyNumber_AsSsize_t(answer, NULL);
    return number == -1 && PyErr_Occurred() ? -1 : number < 0;
}

/* The value of a record. Making it may run Python code, which may read on. */
static PyObject *
decode(struct ring_source *self, const struct tb_ring_record *record)
{
    PyObject *event;

    self->n_shown++;
    event = tb_event_decode(self->state, &self->type, record->data, record->size);
    self->n_shown--;
    return event;
}

/* The answer of the callback to a copy of the record, or to a view of it. */
static PyObject *
ask(struct ring_source *self, const struct tb_ring_record *record)
{
    PyObject *answer, *event;

    if (self->as_view) {
        self->n_shown++;
        answer = tb_loan_call(self->state, &self->lender, self->callback, record->data,
                              record->size);
        self->n_shown--;
        return answer;
    }
    event = decode(self, record);
    if (event == NULL) {
        return NULL;
    }
    answer = PyObject_CallFunctionObjArgs(self->callback, event, NULL);
    Py_DECREF(event);
    return answer;
}

/* Give a record to the sink of the call. */
static int
give(struct ring_source *self, struct tb_sink *sink,
     const struct tb_ring_record *record)
{
    int rc;

    self->n_shown++;
    rc = sink->take(sink, &self->source, record->data, record->size);
    self->n_shown--;
    return rc;
}

/* Hand one record over: 0 go on, 1 stop, -1 with an exception. */
static int
deliver(struct tb_stream *stream, struct ring_source *self, struct tb_sink *sink,
        const struct tb_ring_record *record)
{
    PyObject *it;
    int rc;

    tb_sink_count(sink, &stream->counts, record->size);
    if (sink->take != NULL) {
        return give(self, sink, record);
    }
    if (self->callback != NULL) {
        it = ask(self, record);
        rc = it ? verdict(it) : -1;
    }
    else {
        it = decode(self, record);
        rc = it ? tb_queue_push(&stream->queue, self->source.map_name, it) : -1;
    }
    Py_XDECREF(it);
    return rc;
}

/* The memory of a record that another call on this ring still uses, or shows to its
 * callback, is not given to the kernel: that call's own end does it. */
static void
store(struct ring_source *self)
{
    if (self->n_shown == 0) {
        tb_ring_store(&self->ring);
    }
}

/* The same, behind what the sink does with the records of the call; 0, or -1 with an
 * exception. */
static int
settle(struct ring_source *self, struct tb_sink *sink)
{
    int rc = sink->settle != NULL ? sink->settle(sink) : 0;

    store(self);
    return rc;
}

/* Raise for a ring whose consumer's position somebody else has moved; -1. */
static int
raise_moved(const struct ring_source *self)
{
    tb_error_raise(
        self->state, TB_ERROR, EBADMSG,
        "read of ring buffer %R failed: its consumer's position was moved to "
        "where no record begins, by another process that has the map, or "
        "another reader of it; what was there is lost, reading goes on "
        "behind it",
        ((BpfMap *)self->map)->name);
    return -1;
}

/* Of the kind: batch by batch, told to the kernel as it goes. */
static int
drain(struct tb_stream *stream, struct tb_stream_source *source, struct tb_sink *sink)
{
    struct ring_source *self = (struct ring_source *)source;
    uint64_t n_discarded = self->ring.n_discarded, end;
    struct tb_ring_record record;
    int rc = 0, taken = 0;

    if (self->ring.is_overwritten) {
        return tb_sink_refuse(self->state, source->map_name);
    }
    end = tb_ring_begin(&self->ring);
    tb_sink_note_fill(&stream->counts, end - self->ring.position, source->size);
    while (rc == 0 && stream->is_open && sink->left > 0 &&
           (taken = tb_ring_take(&self->ring, end, &record)) > 0) {
        rc = deliver(stream, self, sink, &record);
        if (rc == 0 && tb_ring_should_store(&self->ring)) {
            rc = settle(self, sink);
        }
    }
    stream->counts.discarded += self->ring.n_discarded - n_discarded;
    if (rc < 0) {
        store(self);
        return -1;
    }
    rc = settle(self, sink) < 0 ? -1 : rc;
    return rc == 0 && taken < 0 ? raise_moved(self) : rc;
}

static const struct tb_stream_source_kind kind = {drain, fill, lost, traverse,
                                                  free_source};

/* Map the ring of a map, or that of a shard; 0 or -errno. */
static int
open_ring(struct tb_ring *ring, const struct tb_ring_source_request *request, int fd)
{
    return request->shard_size != 0
               ? tb_ring_open(ring, request->shard_fd, request->shard_size)
               : tb_ring_open(ring, fd, request->map->traits.max_entries);
}

struct tb_stream_source *
tb_ring_source_new(struct tb_ring_source_request *request)
{
    BpfMap *map = request->map;
    struct tb_state *state = tb_state_of(map);
    struct ring_source *self;
    struct tb_dropped dropped = {.fd = -1};
    int fd, err;

    if (!request->is_further && tb_dropped_open(map, &dropped) < 0) {
        return NULL;
    }
    fd = tb_map_fd(map);
    self = fd < 0 ? NULL : calloc(1, sizeof(*self));
    err = self ? open_ring(&self->ring, request, fd) : 0;
    if (self == NULL || err < 0) {
        tb_dropped_close(&dropped);
        if (err < 0) {
            tb_error_libbpf(state, err, NULL, "mmap of ring buffer %R", map->name);
        }
        else if (fd >= 0) {
            PyErr_NoMemory();
        }
        free(self);
        return NULL;
    }
    self->ring.is_overwritten = (map->traits.flags & BPF_F_RB_OVERWRITE) != 0;
    self->lender.free = free_memory;
    self->state = state;
    self->map = tb_new_ref(map);
    self->callback = request->callback ? tb_new_ref(request->callback) : NULL;
    self->type = request->settled;
    self->dropped = dropped;
    self->is_further = request->is_further;
    self->as_view = request->as_view;
    request->settled = (struct tb_event_type){.codec.kind = TB_CODEC_BYTES};
    self->source = (struct tb_stream_source){
        .kind = &kind,
        .key = request->is_further ? NULL : tb_map_origin(map),
        .fd = self->ring.fd,
        .size = self->ring.size,
        .object = map->object,
        .map_name = map->name,
        .map = map,
        .keeps = 1,
        .type = &self->type,
    };
    return &self->source;
}

const struct tb_ring *
tb_ring_source_ring(const struct tb_stream_source *source)
{
    return &((const struct ring_source *)source)->ring;
}
