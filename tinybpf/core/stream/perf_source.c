/* SPDX-License-Identifier: MIT
 *
 * Delivery of perf records. The map's entries are taken out again when the sources go,
 * also where others keep the map; a duplicate of its descriptor makes that independent
 * of the object.
 */
#include "stream/perf_source.h"

#include "base/libbpf.h"
#include "error/raise.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* The kernel pads records so that 4 + their size is a multiple of 8, and counts that
 * (perf_prepare_sample). */
#define PERF_PADDING 7

/* What the sources of one buffer share; freed with the last of them. */
struct shared {
    size_t n_users;
    int map_fd;                /* owned duplicate */
    PyObject *map;             /* owned */
    PyObject *sample;          /* owned; NULL: into the queue */
    PyObject *lost;            /* owned; NULL: none */
    struct tb_event_type type; /* owned; of the records */
};

struct perf_source {
    struct tb_stream_source source;
    struct tb_perf_ring ring; /* owned */
    struct shared *shared;    /* counted there */
    int cpu;
    uint64_t n_lost; /* records that found no room, as far as the kernel has told */
    int n_shown;     /* records that are used in the ring now */
    /* of a merge */
    uint64_t end;                    /* of what it looks at */
    int has_next;                    /* as of tb_perf_ring_peek() */
    struct tb_perf_ring_record next; /* the one that the ring stands at */
};

static void
drop_shared(struct shared *shared)
{
    if (--shared->n_users > 0) {
        return;
    }
    if (shared->map_fd >= 0) {
        close(shared->map_fd);
    }
    Py_CLEAR(shared->map);
    Py_CLEAR(shared->sample);
    Py_CLEAR(shared->lost);
    tb_event_type_drop(&shared->type);
    free(shared);
}

static void
free_source(struct tb_stream_source *source)
{
    struct perf_source *self = (struct perf_source *)source;

    bpf_map_delete_elem(self->shared->map_fd, &self->cpu);
    tb_perf_ring_close(&self->ring);
    drop_shared(self->shared);
    free(self);
}

static int
traverse(const struct tb_stream_source *source, visitproc visit, void *arg)
{
    const struct shared *shared = ((const struct perf_source *)source)->shared;

    if (source->key == NULL) {
        return 0; /* the references are shared: the first CPU's source shows them */
    }
    Py_VISIT(shared->map);
    Py_VISIT(shared->sample);
    Py_VISIT(shared->lost);
    return tb_event_type_traverse(&shared->type, visit, arg);
}

static uint64_t
fill(const struct tb_stream_source *source)
{
    return tb_perf_ring_fill(&((const struct perf_source *)source)->ring);
}

static int
lost(const struct tb_stream_source *source, uint64_t *out)
{
    *out = ((const struct perf_source *)source)->n_lost;
    return 1;
}

/* Hand the data of a record over, which is there for the call. What a callback returns
 * means nothing, as in libbpf. */
static int
deliver_data(struct tb_stream *stream, struct perf_source *self, struct tb_sink *sink,
             const void *data, size_t size)
{
    struct shared *shared = self->shared;
    PyObject *event, *answer;
    int rc;

    if (sink->take != NULL) {
        return sink->take(sink, &self->source, data, size);
    }
    event = tb_event_decode(tb_state_of(shared->map), &shared->type, data, size);
    if (event == NULL) {
        return -1;
    }
    if (shared->sample == NULL) {
        rc = tb_queue_push(&stream->queue, self->source.map_name, event);
    }
    else {
        answer = PyObject_CallFunction(shared->sample, "iO", self->cpu, event);
        rc = answer ? 0 : -1;
        Py_XDECREF(answer);
    }
    Py_DECREF(event);
    return rc;
}

/* Hand over a record where it lies; one that wraps is put together first. */
static int
deliver_sample(struct tb_stream *stream, struct perf_source *self, struct tb_sink *sink,
               const struct tb_perf_ring_record *record)
{
    const void *data = tb_perf_ring_data(&self->ring, record);
    PyObject *bytes = NULL;
    int rc = -1;

    tb_sink_count(sink, &stream->counts, record->size);
    if (data == NULL) {
        bytes = PyBytes_FromStringAndSize(NULL, record->size);
        data = bytes ? PyBytes_AsString(bytes) : NULL;
    }
    if (bytes != NULL) {
        tb_perf_ring_copy(&self->ring, record, (void *)data);
    }
    if (data != NULL) {
        self->n_shown++;
        rc = deliver_data(stream, self, sink, data, record->size);
        self->n_shown--;
    }
    Py_XDECREF(bytes);
    return rc;
}

/* Hand a record over, or the count of those that were lost; 0 go on, 1 stop, or -1
 * with an exception. */
static int
deliver(struct tb_stream *stream, struct perf_source *self, struct tb_sink *sink,
        const struct tb_perf_ring_record *record)
{
    PyObject *callback = self->shared->lost, *answer;

    if (record->n_lost == 0) {
        return deliver_sample(stream, self, sink, record);
    }
    self->n_lost += record->n_lost;
    if (callback == NULL) {
        return 0;
    }
    answer = PyObject_CallFunction(callback, "iK", self->cpu,
                                   (unsigned long long)record->n_lost);
    Py_XDECREF(answer);
    return answer ? 0 : -1;
}

/* Not what another call still uses: that one's own end does it. */
static void
store(struct perf_source *self)
{
    if (self->n_shown == 0 && !self->ring.is_backward) {
        tb_perf_ring_store(&self->ring);
    }
}

/* Raise for a ring that somebody else has written into; -1. */
static int
raise_broken(const struct perf_source *self)
{
    PyObject *name = ((BpfMap *)self->shared->map)->name;

    tb_error_raise(
        tb_state_of(self->shared->map), TB_ERROR, EBADMSG,
        "read of map %R failed: the positions of the ring of CPU %d are not as the "
        "kernel has left them, another process must have written into it; the next "
        "record sets them right",
        name, self->cpu);
    return -1;
}

/* Of the kind: batch by batch, told to the kernel as it goes. */
static int
drain(struct tb_stream *stream, struct tb_stream_source *source, struct tb_sink *sink)
{
    struct perf_source *self = (struct perf_source *)source;
    uint64_t end = tb_perf_ring_begin(&self->ring);
    struct tb_perf_ring_record record;
    int rc = 0, taken = 0;

    if (self->ring.is_backward) {
        return tb_sink_refuse(tb_state_of(self->shared->map), source->map_name);
    }
    tb_sink_note_fill(&stream->counts, end - self->ring.position, self->ring.size);
    while (rc == 0 && stream->is_open && sink->left > 0 &&
           (taken = tb_perf_ring_take(&self->ring, end, &record)) > 0) {
        rc = deliver(stream, self, sink, &record);
        store(self);
    }
    store(self);
    return taken < 0 ? raise_broken(self) : rc;
}

static const struct tb_stream_source_kind kind = {drain, fill, lost, traverse,
                                                  free_source};

static uint64_t
now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Look at what each CPU has next; 0, or -1 with an exception. */
static int
look(struct tb_stream *stream)
{
    for (size_t i = 0; i < stream->n_sources; i++) {
        struct perf_source *self = (struct perf_source *)stream->sources[i];

        self->end = tb_perf_ring_begin(&self->ring);
        tb_sink_note_fill(&stream->counts, self->end - self->ring.position,
                          self->ring.size);
        self->has_next = tb_perf_ring_peek(&self->ring, self->end, &self->next);
        if (self->has_next < 0) {
            tb_perf_ring_take(&self->ring, self->end, &self->next);
            store(self);
            return raise_broken(self);
        }
    }
    return 0;
}

/* The CPU whose next record is the oldest, and no younger than that; NULL: none. What
 * was lost has no time: it comes before what was written behind it. */
static struct perf_source *
oldest(const struct tb_stream *stream, uint64_t up_to)
{
    struct perf_source *found = NULL;

    for (size_t i = 0; i < stream->n_sources; i++) {
        struct perf_source *self = (struct perf_source *)stream->sources[i];

        if (self->has_next > 0 && self->next.time <= up_to &&
            (found == NULL || self->next.time < found->next.time)) {
            found = self;
        }
    }
    return found;
}

/* Hand over the records that are no younger than that; as `drain` does. */
static int
merge_up_to(struct tb_stream *stream, struct tb_sink *sink, uint64_t up_to)
{
    struct perf_source *self;
    int rc = look(stream);

    while (rc == 0 && stream->is_open && sink->left > 0 &&
           (self = oldest(stream, up_to)) != NULL) {
        struct tb_perf_ring_record record;

        tb_perf_ring_take(&self->ring, self->end, &record);
        self->has_next = tb_perf_ring_peek(&self->ring, self->end, &self->next);
        rc = deliver(stream, self, sink, &record);
        store(self);
        if (rc == 0 && self->has_next < 0) {
            tb_perf_ring_take(&self->ring, self->end, &self->next);
            rc = raise_broken(self);
        }
    }
    return rc;
}

/* The rings are looked at one after the other: a record that came into the last one
 * meanwhile may be younger than one that came into the first behind the look. So what
 * is younger than the look waits for the next one, which is made at once if nothing
 * else was there: the kernel tells of a record once. */
int
tb_perf_source_merge(struct tb_stream *stream, struct tb_sink *sink)
{
    Py_ssize_t n_done = sink->n_done;
    int rc;

    do {
        rc = merge_up_to(stream, sink, now_ns());
    } while (rc == 0 && stream->is_open && sink->left > 0 && sink->n_done == n_done &&
             oldest(stream, UINT64_MAX) != NULL);
    return rc;
}

const struct tb_perf_ring *
tb_perf_source_ring(const struct tb_stream_source *source)
{
    return &((const struct perf_source *)source)->ring;
}

/* What the sources of a request share, with one user: the caller. NULL with an
 * exception. */
static struct shared *
make_shared(const struct tb_perf_source_request *request)
{
    struct shared *shared = calloc(1, sizeof(*shared));
    int fd;

    if (shared == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    if (tb_map_fd(request->map) < 0 ||
        tb_event_type_settle(request->map, &request->event, &shared->type) < 0) {
        free(shared);
        return NULL;
    }
    shared->n_users = 1;
    shared->map = tb_new_ref(request->map);
    shared->type.padding = PERF_PADDING;
    Py_XINCREF(request->sample_callback);
    shared->sample = request->sample_callback;
    Py_XINCREF(request->lost_callback);
    shared->lost = request->lost_callback;
    fd = tb_map_fd(request->map);
    shared->map_fd = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (shared->map_fd < 0) {
        if (fd >= 0) {
            tb_error_libbpf(tb_state_of(request->map), -errno, NULL, "use of map %R",
                            request->map->name);
        }
        drop_shared(shared);
        return NULL;
    }
    return shared;
}

/* Open a CPU's ring and put it into the map; the source, or NULL with *err. */
static struct perf_source *
open_source(struct shared *shared, int cpu, const struct tb_perf_options *options,
            int *err)
{
    struct perf_source *self = calloc(1, sizeof(*self));

    *err = -ENOMEM;
    if (self == NULL) {
        return NULL;
    }
    *err = tb_perf_ring_open(&self->ring, cpu, options);
    if (*err < 0) {
        free(self);
        return NULL;
    }
    self->source = (struct tb_stream_source){
        .kind = &kind,
        .fd = self->ring.fd,
        .size = self->ring.size,
        .map_name = ((BpfMap *)shared->map)->name,
        .map = (BpfMap *)shared->map,
        .type = &shared->type,
    };
    self->shared = shared;
    self->cpu = cpu;
    shared->n_users++;
    *err = bpf_map_update_elem(shared->map_fd, &cpu, &self->ring.fd, BPF_ANY);
    if (*err == 0) {
        return self;
    }
    free_source(&self->source);
    return NULL;
}

/* Whether a CPU was asked for: 1, 0, or -1 with an exception. */
static int
is_wanted(PyObject *cpus, int cpu)
{
    PyObject *number = cpus ? PyLong_FromLong(cpu) : NULL;
    int rc = cpus == NULL ? 1 : -1;

    if (number != NULL) {
        rc = PySet_Contains(cpus, number);
        Py_DECREF(number);
    }
    return rc;
}

/* Add the source of one CPU: 1, 0 it is offline, or -1 with an exception. */
static int
add_cpu(struct tb_stream *stream, struct shared *shared,
        const struct tb_perf_source_request *request, int cpu)
{
    struct tb_state *state = tb_state_of(request->map);
    int err;
    struct perf_source *source = open_source(shared, cpu, &request->options, &err);

    if (source == NULL && err == -ENODEV && request->cpus == NULL) {
        return 0;
    }
    if (source == NULL) {
        tb_error_libbpf(state, err, NULL, "perf ring of %zu pages on CPU %d for %R",
                        request->options.n_pages, cpu, request->map->name);
        return -1;
    }
    source->source.key = stream->n_sources == 0 ? request->map : NULL;
    source->source.object = request->map->object;
    return tb_stream_add_steal(state, stream, &source->source) < 0 ? -1 : 1;
}

/* Add the sources of all CPUs; 0, or -1 with an exception. */
static int
add_cpus(struct tb_stream *stream, struct shared *shared,
         const struct tb_perf_source_request *request)
{
    int n_cpus = libbpf_num_possible_cpus(), n_added = 0, rc = 0;

    for (int cpu = 0;
         rc >= 0 && cpu < n_cpus && (uint32_t)cpu < request->map->traits.max_entries;
         cpu++) {
        rc = is_wanted(request->cpus, cpu);
        rc = rc > 0 ? add_cpu(stream, shared, request, cpu) : rc;
        n_added += rc > 0;
    }
    if (rc >= 0 && request->cpus != NULL && n_added < PySet_Size(request->cpus)) {
        PyErr_Format(
            PyExc_ValueError,
            "cpus: %R are not all CPUs of this machine, which numbers them from "
            "0 to %d, and of map %R, which has %u entries",
            request->cpus, n_cpus - 1, request->map->name,
            request->map->traits.max_entries);
        return -1;
    }
    return rc < 0 ? -1 : 0;
}

int
tb_perf_source_add_all(struct tb_stream *stream,
                       const struct tb_perf_source_request *request)
{
    struct shared *shared = make_shared(request);
    int rc = -1;

    if (shared != NULL) {
        rc = add_cpus(stream, shared, request);
        drop_shared(shared);
    }
    return rc;
}
