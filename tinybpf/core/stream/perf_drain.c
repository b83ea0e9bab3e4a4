/* SPDX-License-Identifier: MIT
 *
 * Delivery of perf records (stream/perf_drain.h).
 */
#include "stream/perf_drain.h"

#include "error/raise.h"
#include "stream/walk.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

/* From the time of a record to where it can be seen, also with an interrupt between. */
#define SETTLE_NS 20000

#define MOST_DATA \
    (UINT16_MAX + 1) /* bytes: headers count what follows them in 16 bits */

/* What one call has to do. */
struct run {
    struct tb_stream *stream;
    struct tb_sink *sink;
    struct tb_perf_cpu *only; /* NULL: all CPUs, merged */
    uint64_t up_to;           /* of a merge: it takes no younger ones */
    int is_walk;              /* it is without the GIL now */
    unsigned char *room;      /* of a walk: owned; for a record that wraps */
    struct tb_perf_cpu *self; /* whose record was taken last, or cannot be */
    PyObject *last;           /* owned; the event that the callback had; NULL: none */
};

static struct tb_perf_cpu *
cpu_at(const struct tb_stream *stream, size_t i)
{
    return (struct tb_perf_cpu *)stream->sources[i];
}

/* Call a callback with the number of a CPU and something else, a new reference, which
 * is taken; 0, or -1 with an exception. What it returns means nothing, as in libbpf. */
static int
call_steal(PyObject *callback, const struct tb_perf_cpu *self, PyObject *with)
{
    PyObject *number = with ? PyLong_FromLong(self->number) : NULL;
    PyObject *answer = NULL;

    if (number != NULL) {
        answer = PyObject_CallFunctionObjArgs(callback, number, with, NULL);
    }
    Py_XDECREF(number);
    Py_XDECREF(with);
    Py_XDECREF(answer);
    return answer ? 0 : -1;
}

/* Hand the data of a record over, which is there for the call. */
static int
deliver_data(struct run *run, const void *data, size_t size)
{
    struct tb_perf_cpu *self = run->self;
    struct tb_perf_shared *shared = self->shared;
    struct tb_state *state = tb_state_of(shared->map);
    PyObject *event;
    int rc;

    if (run->sink->take != NULL) {
        return run->sink->take(run->sink, &self->source, data, size);
    }
    if (shared->sample != NULL) {
        event = tb_event_next(state, &shared->type, &run->last, data, size);
        return call_steal(shared->sample, self, event);
    }
    event = tb_event_decode(state, &shared->type, data, size);
    rc = event ? tb_queue_push(&run->stream->queue, self->source.map_name, event) : -1;
    Py_XDECREF(event);
    return rc;
}

/* Have the sink use what it took; 0, or -1 with MemoryError. */
static int
settle(const struct run *run)
{
    struct tb_sink *sink = run->sink;

    if (sink->settle_nogil != NULL && sink->settle_nogil(sink) < 0) {
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

/* Hand over a record where it lies; one that wraps is put together first. */
static int
deliver_sample(struct run *run, const struct tb_perf_ring_record *record)
{
    struct tb_perf_cpu *self = run->self;
    const void *data = tb_perf_ring_data(&self->ring, record);
    PyObject *bytes = NULL;
    int rc = -1;

    tb_sink_count(run->sink, &run->stream->counts, record->size);
    if (data == NULL) {
        bytes = PyBytes_FromStringAndSize(NULL, record->size);
        data = bytes ? PyBytes_AsString(bytes) : NULL;
    }
    if (bytes != NULL) {
        tb_perf_ring_copy(&self->ring, record, (void *)data);
    }
    if (data != NULL) {
        self->n_shown++;
        rc = deliver_data(run, data, record->size);
        self->n_shown--;
    }
    if (bytes != NULL && rc == 0) {
        rc = settle(run); /* they go now */
    }
    Py_XDECREF(bytes);
    return rc;
}

/* Tell the callback how many records of a CPU were lost; 0, or -1 with an exception. It
 * may read on: what the sink took is used before. */
static int
tell_lost(const struct run *run, const struct tb_perf_cpu *self, uint64_t n)
{
    PyObject *callback = self->shared->lost;

    if (callback == NULL || n == 0) {
        return 0;
    }
    return settle(run) < 0 ? -1
                           : call_steal(callback, self, PyLong_FromUnsignedLongLong(n));
}

/* Hand a record over, or the count of those that were lost; 0 go on, 1 stop, or -1
 * with an exception. */
static int
deliver(struct run *run, const struct tb_perf_ring_record *record)
{
    if (record->n_lost == 0) {
        return deliver_sample(run, record);
    }
    run->self->n_lost += record->n_lost;
    return tell_lost(run, run->self, record->n_lost);
}

/* Not what another call still uses: that one's own end does it. */
static void
store(struct tb_perf_cpu *self)
{
    if (self->n_shown == 0 && !self->ring.is_backward) {
        tb_perf_ring_store(&self->ring);
    }
}

/* Raise for a ring that somebody else has written into; -1. */
static int
raise_broken(const struct tb_perf_cpu *self)
{
    PyObject *name = ((BpfMap *)self->shared->map)->name;

    tb_error_raise(
        tb_state_of(self->shared->map), TB_ERROR, EBADMSG,
        "read of map %R failed: the positions of the ring of CPU %d are not as the "
        "kernel has left them, another process must have written into it; the next "
        "record sets them right",
        name, self->number);
    return -1;
}

/* The CPU whose next record is the oldest, and no younger than that, or whose ring is
 * broken; NULL: none. What was lost has no time: it comes before what was written
 * behind it. */
static struct tb_perf_cpu *
oldest(const struct tb_stream *stream, uint64_t up_to)
{
    struct tb_perf_cpu *found = NULL;

    for (size_t i = 0; i < stream->n_sources; i++) {
        struct tb_perf_cpu *self = cpu_at(stream, i);

        if (self->has_next < 0) {
            return self;
        }
        if (self->has_next > 0 && self->next.time <= up_to &&
            (found == NULL || self->next.time < found->next.time)) {
            found = self;
        }
    }
    return found;
}

/* Take the next record, of run->self then: 1, 0 there is none, or -EBADMSG. Without the
 * GIL, too. */
static int
take_next(struct run *run, struct tb_perf_ring_record *out_record)
{
    struct tb_perf_cpu *self = run->only ? run->only : oldest(run->stream, run->up_to);
    struct tb_perf_ring *ring;
    int rc;

    if (self == NULL) {
        return 0;
    }
    run->self = self;
    ring = run->is_walk ? &self->walked : &self->ring;
    rc = tb_perf_ring_take(ring, self->end, out_record);
    if (run->only == NULL) {
        self->has_next = tb_perf_ring_peek(ring, self->end, &self->next);
    }
    return rc;
}

/* Whether the call may take its records without the GIL, and they are worth that. */
static int
is_large(const struct run *run)
{
    size_t n = run->only ? 1 : run->stream->n_sources;
    uint64_t n_bytes = 0;

    for (size_t i = 0; run->sink->take_nogil != NULL && i < n; i++) {
        const struct tb_perf_cpu *self = run->only ? run->only : cpu_at(run->stream, i);

        if (self->n_shown != 0) {
            return 0;
        }
        n_bytes += self->end - self->ring.position;
    }
    return tb_walk_is_worth(run->sink, n_bytes);
}

/* Give a record to the sink: 0, 1 it needs the GIL, or -errno. */
static int
give_nogil(struct run *run, const struct tb_perf_ring_record *record)
{
    struct tb_sink *sink = run->sink;
    const struct tb_perf_ring *ring = &run->self->walked;
    const void *data = tb_perf_ring_data(ring, record);
    int err;

    if (data != NULL) {
        return sink->take_nogil(sink, &run->self->source, data, record->size);
    }
    tb_perf_ring_copy(ring, record, run->room);
    err = sink->take_nogil(sink, &run->self->source, run->room, record->size);
    return err == 0 ? sink->settle_nogil(sink) : err;
}

/* Take records as long as the sink takes them, and have it use them: 0 there is none, 1
 * this one needs the GIL, or -errno. */
static int
walk_nogil(struct run *run, struct tb_sink_counts *found,
           struct tb_perf_ring_record *out_record)
{
    struct tb_sink *sink = run->sink;
    int err = 0, taken = 0, settled;

    while (err == 0 && sink->left > 0 && (taken = take_next(run, out_record)) > 0) {
        struct tb_perf_cpu *self = run->self;

        if (out_record->n_lost != 0) {
            self->n_found += out_record->n_lost;
            continue;
        }
        err = give_nogil(run, out_record);
        if (err == 0) {
            tb_sink_count(sink, found, out_record->size);
        }
        if (err == 0 && tb_perf_ring_should_store(&self->walked)) {
            err = sink->settle_nogil(sink);
            tb_perf_ring_store(&self->walked);
        }
    }
    settled = sink->settle_nogil(sink);
    if (err == 0 && sink->left > 0) {
        err = taken;
    }
    return settled < 0 ? settled : err;
}

/* Take records without the GIL, at positions of the call's own: those of the rings are
 * set behind it. No source is added meanwhile, for a perf buffer has all of its from
 * its beginning. As above, with MemoryError for -ENOMEM. */
static int
walk(struct run *run, struct tb_perf_ring_record *out_record)
{
    struct tb_stream *stream = run->stream;
    struct tb_sink_counts found = {0};
    int rc;

    run->room = malloc(MOST_DATA);
    if (run->room == NULL) {
        PyErr_NoMemory();
        return -ENOMEM;
    }
    for (size_t i = 0; i < stream->n_sources; i++) {
        cpu_at(stream, i)->walked = cpu_at(stream, i)->ring;
        cpu_at(stream, i)->n_found = 0;
    }
    tb_walk_begin(stream);
    run->is_walk = 1;
    Py_BEGIN_ALLOW_THREADS
    rc = walk_nogil(run, &found, out_record);
    Py_END_ALLOW_THREADS
    run->is_walk = 0;
    tb_walk_end(stream, &found);
    for (size_t i = 0; i < stream->n_sources; i++) {
        struct tb_perf_cpu *self = cpu_at(stream, i);

        self->ring = self->walked;
        self->n_lost += self->n_found;
        self->n_untold += self->n_found;
    }
    free(run->room);
    if (rc == -ENOMEM) {
        PyErr_NoMemory();
    }
    return rc;
}

/* The end of a call that came to rc: what was taken goes back to the kernel, and the
 * callback is told of what was lost. 0, 1, or -1 with an exception. */
static int
finish(const struct run *run, int rc)
{
    struct tb_stream *stream = run->stream;

    rc = rc >= 0 && settle(run) < 0 ? -1 : rc;
    for (size_t i = 0; i < stream->n_sources; i++) {
        if (run->only == NULL || run->only == cpu_at(stream, i)) {
            store(cpu_at(stream, i));
        }
    }
    for (size_t i = 0; rc == 0 && i < stream->n_sources; i++) {
        struct tb_perf_cpu *self = cpu_at(stream, i);
        uint64_t n = self->n_untold;

        self->n_untold = 0;
        rc = tell_lost(run, self, n);
    }
    return rc;
}

/* Take the next record, or all that need no GIL and the first that does: 1, 0 the call
 * is to take no more, or -errno. */
static int
step(struct run *run, struct tb_perf_ring_record *out_record)
{
    if (!run->stream->is_open || run->sink->left <= 0) {
        return 0;
    }
    return is_large(run) ? walk(run, out_record) : take_next(run, out_record);
}

/* Hand all records over: 0, 1 stop, or -1 with an exception. */
static int
hand_over(struct run *run)
{
    struct tb_perf_ring_record record;
    int rc = 0, has;

    while ((has = step(run, &record)) > 0) {
        rc = deliver(run, &record);
        if (rc == 0 && tb_perf_ring_should_store(&run->self->ring)) {
            rc = settle(run);
            store(run->self);
        }
        if (rc != 0) {
            break;
        }
    }
    Py_CLEAR(run->last);
    rc = finish(run, has == -ENOMEM ? -1 : rc);
    return rc == 0 && has == -EBADMSG ? raise_broken(run->self) : rc;
}

/* Batch by batch, told to the kernel as it goes. */
int
tb_perf_drain(struct tb_stream *stream, struct tb_stream_source *source,
              struct tb_sink *sink)
{
    struct tb_perf_cpu *self = (struct tb_perf_cpu *)source;
    struct run run = {.stream = stream, .sink = sink, .only = self};

    if (self->ring.is_backward) {
        return tb_sink_refuse(tb_state_of(self->shared->map), source->map_name);
    }
    tb_walk_wait(stream);
    self->end = tb_perf_ring_begin(&self->ring);
    tb_sink_note_fill(&stream->counts, self->end - self->ring.position,
                      self->ring.size);
    return hand_over(&run);
}

static uint64_t
now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Look at what each CPU has next. */
static void
look(struct tb_stream *stream)
{
    for (size_t i = 0; i < stream->n_sources; i++) {
        struct tb_perf_cpu *self = cpu_at(stream, i);

        self->end = tb_perf_ring_begin(&self->ring);
        tb_sink_note_fill(&stream->counts, self->end - self->ring.position,
                          self->ring.size);
        self->has_next = tb_perf_ring_peek(&self->ring, self->end, &self->next);
    }
}

/* Whether a ring has something that is not yet handed over. */
static int
is_waiting(const struct tb_stream *stream)
{
    for (size_t i = 0; i < stream->n_sources; i++) {
        const struct tb_perf_ring *ring = &cpu_at(stream, i)->ring;

        if (tb_perf_ring_begin(ring) != ring->position) {
            return 1;
        }
    }
    return 0;
}

/* A record has its time before it is seen in its ring (perf_output_begin() and
 * perf_output_put_handle() in kernel/events/ring_buffer.c), and the rings are looked at
 * one after the other: so what was written up to now is merged when all of it can be
 * seen. What is younger waits for the next look, which is made at once if nothing else
 * was there: the kernel tells of a record once. */
int
tb_perf_drain_merged(struct tb_stream *stream, struct tb_sink *sink)
{
    Py_ssize_t n_done = sink->n_done;
    int rc;

    do {
        struct run run = {.stream = stream, .sink = sink};

        tb_walk_wait(stream);
        run.up_to = now_ns();
        if (!is_waiting(stream)) {
            return 0;
        }
        while (now_ns() < run.up_to + SETTLE_NS) { /* too short to sleep */
        }
        look(stream);
        rc = hand_over(&run);
    } while (rc == 0 && stream->is_open && sink->left > 0 && sink->n_done == n_done &&
             oldest(stream, UINT64_MAX) != NULL);
    return rc;
}
