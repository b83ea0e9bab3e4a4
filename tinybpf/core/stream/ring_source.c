/* SPDX-License-Identifier: MIT
 *
 * Delivery of ring buffer records.
 */
#include "stream/ring_source.h"

#include "base/libbpf.h"
#include "error/raise.h"
#include "stream/dropped.h"
#include "stream/loan.h"
#include "stream/loop.h"
#include "stream/walk.h"

#include <errno.h>
#include <stdlib.h>

struct ring_source {
    struct tb_stream_source source;
    struct tb_loan_lender lender; /* of the ring's memory */
    struct tb_ring ring;          /* owned */
    struct tb_state *state;       /* borrowed from the map */
    PyObject *map;                /* owned; BpfMap */
    PyObject *callback;           /* owned; NULL: into the queue */
    PyObject *loop;               /* owned; that calls it (stream/loop.h); None: it is
                                   * called from here; NULL: not known yet */
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
    Py_CLEAR(self->loop);
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
    Py_VISIT(self->loop);
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

/* The memory of a record that another call on this ring still uses, or shows to its
 * callback, is not given to the kernel: that call's own end does it. */
static void
store(struct ring_source *self)
{
    if (self->n_shown == 0) {
        tb_ring_store(&self->ring);
    }
}

/* The same, behind what the sink does with the records of the call; 0, or -1 with
 * MemoryError. */
static int
settle(struct ring_source *self, struct tb_sink *sink)
{
    int err = sink->settle_nogil != NULL ? sink->settle_nogil(sink) : 0;

    store(self);
    if (err < 0) {
        PyErr_NoMemory();
    }
    return err < 0 ? -1 : 0;
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

/* What one call has to do with a ring. */
struct run {
    struct tb_loop loop; /* of its callback */
    struct ring_source *self;
    struct tb_stream *stream;
    struct tb_sink *sink;
    uint64_t end;   /* of what it takes */
    int taken;      /* what tb_ring_take() said last */
    PyObject *last; /* owned; the event that the loop has; NULL: none yet */
};

/* Take the next record: 1, or 0 if the call is to take no more. */
static int
step(struct run *run, struct tb_ring_record *out_record)
{
    if (!run->stream->is_open || run->sink->left <= 0) {
        return 0;
    }
    run->taken = tb_ring_take(&run->self->ring, run->end, out_record);
    return run->taken > 0;
}

/* The event of a record, for whoever calls the callback. */
static PyObject *
make_event(struct run *run, const struct tb_ring_record *record)
{
    struct ring_source *self = run->self;
    PyObject *event;

    self->n_shown++;
    event =
        tb_event_next(self->state, &self->type, &run->last, record->data, record->size);
    self->n_shown--;
    return event;
}

/* The answer of the callback to a copy of the record, or to a view of it. */
static PyObject *
ask(struct run *run, const struct tb_ring_record *record)
{
    struct ring_source *self = run->self;
    PyObject *answer, *event;

    if (self->as_view) {
        self->n_shown++;
        answer = tb_loan_call(self->state, &self->lender, self->callback, record->data,
                              record->size);
        self->n_shown--;
        return answer;
    }
    event = make_event(run, record);
    if (event == NULL) {
        return NULL;
    }
    answer = PyObject_CallFunctionObjArgs(self->callback, event, NULL);
    Py_DECREF(event);
    return answer;
}

/* Hand one record over: 0 go on, 1 stop, -1 with an exception. */
static int
deliver(struct run *run, const struct tb_ring_record *record)
{
    struct ring_source *self = run->self;
    PyObject *it;
    int rc;

    tb_sink_count(run->sink, &run->stream->counts, record->size);
    if (run->sink->take != NULL) {
        return give(self, run->sink, record);
    }
    if (self->callback != NULL) {
        it = ask(run, record);
        rc = it ? tb_loop_judge(it) : -1;
    }
    else {
        it = decode(self, record);
        rc = it ? tb_queue_push(&run->stream->queue, self->source.map_name, it) : -1;
    }
    Py_XDECREF(it);
    return rc;
}

/* Of the loop: the last event's callback is over. */
static PyObject *
next_event(struct tb_loop *loop)
{
    struct run *run = (struct run *)loop;
    struct tb_ring_record record;

    if (tb_ring_should_store(&run->self->ring)) {
        store(run->self);
    }
    if (!step(run, &record)) {
        return NULL;
    }
    tb_sink_count(run->sink, &run->stream->counts, record.size);
    if (run->last != NULL && /* others are its loop's variable */
        tb_event_refill(&run->self->type, run->last, 2, record.data, record.size)) {
        return tb_new_ref(run->last);
    }
    return make_event(run, &record);
}

/* Whether a loop hands records to the callback, which is made at the first time: 1, 0,
 * or -1 with an exception. */
static int
has_loop(struct ring_source *self)
{
    if (self->callback == NULL || self->as_view) {
        return 0;
    }
    if (self->loop == NULL) {
        PyObject *loop = tb_loop_new();

        if (self->loop == NULL) { /* nor has another thread made one meanwhile */
            self->loop = loop;
        }
        else {
            Py_XDECREF(loop);
        }
    }
    return self->loop == NULL ? -1 : self->loop != Py_None;
}

/* Whether the call may take its records without the GIL, and they are worth that. */
static int
is_large(const struct run *run)
{
    const struct ring_source *self = run->self;

    return self->n_shown == 0 &&
           tb_walk_is_worth(run->sink, run->end - self->ring.position);
}

/* Take records as long as the sink takes them: 0 there is none, 1 this one needs the
 * GIL, or -errno. */
static int
walk_nogil(struct run *run, struct tb_ring *ring, struct tb_sink_counts *counts,
           struct tb_ring_record *out_record)
{
    struct tb_sink *sink = run->sink;
    int err = 0;

    while (err == 0 && sink->left > 0 &&
           (run->taken = tb_ring_take(ring, run->end, out_record)) > 0) {
        err = sink->take_nogil(sink, &run->self->source, out_record->data,
                               out_record->size);
        if (err == 0) {
            tb_sink_count(sink, counts, out_record->size);
        }
        if (err == 0 && tb_ring_should_store(ring)) {
            err = sink->settle_nogil(sink);
            tb_ring_store(ring);
        }
    }
    return err;
}

/* Take records without the GIL, at a position of the call's own: the ring's is set
 * behind it. 0 there is none left, 1 this one needs the GIL, or -1 with MemoryError. */
static int
walk(struct run *run, struct tb_ring_record *out_record)
{
    struct ring_source *self = run->self;
    struct tb_sink_counts found = {0};
    struct tb_ring ring = self->ring;
    int rc;

    tb_walk_begin(run->stream);
    Py_BEGIN_ALLOW_THREADS
    rc = walk_nogil(run, &ring, &found, out_record);
    Py_END_ALLOW_THREADS
    tb_walk_end(run->stream, &found);
    self->ring = ring;
    if (rc < 0) {
        PyErr_NoMemory();
        return -1;
    }
    return rc;
}

/* Hand all records over: 0, 1 stop, or -1 with an exception. */
static int
hand_over(struct run *run)
{
    struct ring_source *self = run->self;
    struct tb_ring_record record;
    int rc = run->sink->take == NULL ? has_loop(self) : 0;
    int has;

    if (rc > 0) {
        return tb_loop_run(self->state, self->loop, self->callback, &run->loop);
    }
    has = is_large(run) ? walk(run, &record) : step(run, &record);
    rc = has < 0 ? -1 : rc;
    while (rc == 0 && has) {
        rc = deliver(run, &record);
        if (rc == 0 && tb_ring_should_store(&self->ring)) {
            rc = settle(self, run->sink);
        }
        has = rc == 0 && step(run, &record);
    }
    return rc;
}

/* Of the kind: batch by batch, told to the kernel as it goes. */
static int
drain(struct tb_stream *stream, struct tb_stream_source *source, struct tb_sink *sink)
{
    struct ring_source *self = (struct ring_source *)source;
    struct run run = {{.next = next_event}, self, stream, sink, 0, 0, NULL};
    int rc;

    if (self->ring.is_overwritten) {
        return tb_sink_refuse(self->state, source->map_name);
    }
    tb_walk_wait(stream);
    run.end = tb_ring_begin(&self->ring);
    tb_sink_note_fill(&stream->counts, run.end - self->ring.position, source->size);
    rc = hand_over(&run);
    Py_CLEAR(run.last);
    stream->counts.discarded += self->ring.n_discarded;
    self->ring.n_discarded = 0; /* as it is for a call around this one */
    if (rc < 0) {
        store(self);
        return -1;
    }
    rc = settle(self, sink) < 0 ? -1 : rc;
    return rc == 0 && run.taken < 0 ? raise_moved(self) : rc;
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
        .type = &self->type,
    };
    return &self->source;
}

const struct tb_ring *
tb_ring_source_ring(const struct tb_stream_source *source)
{
    return &((const struct ring_source *)source)->ring;
}
