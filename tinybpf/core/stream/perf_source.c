/* SPDX-License-Identifier: MIT
 *
 * Delivery of perf records. The map's entries are taken out again when the sources go,
 * also where others keep the map; a duplicate of its descriptor makes that independent
 * of the object.
 */
#include "stream/perf_source.h"

#include "base/libbpf.h"
#include "error/raise.h"
#include "stream/perf_ring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* The kernel pads records so that 4 + their size is a multiple of 8, and counts that
 * (perf_prepare_sample). */
#define PERF_PADDING 7

/* What the sources of one buffer share; freed with the last of them. */
struct shared {
    size_t n_users;
    int map_fd;            /* owned duplicate */
    PyObject *map;         /* owned */
    PyObject *sample;      /* owned */
    PyObject *lost;        /* owned; NULL: none */
    struct tb_codec codec; /* of the records, its class owned */
    uint64_t *n_lost;      /* borrowed from the reader, which outlives its sources */
};

struct perf_source {
    struct tb_stream_source source;
    struct tb_perf_ring ring; /* owned */
    struct shared *shared;    /* counted there */
    int cpu;
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
    Py_CLEAR(shared->codec.type);
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
    Py_VISIT(shared->codec.type);
    return 0;
}

/* The Python value of a record; NULL with an exception. */
static PyObject *
decode(struct perf_source *self, const struct tb_perf_ring_record *record)
{
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, record->size);
    PyObject *event;

    if (bytes == NULL) {
        return NULL;
    }
    tb_perf_ring_copy(&self->ring, record, PyBytes_AsString(bytes));
    if (self->shared->codec.kind == TB_CODEC_BYTES) {
        return bytes;
    }
    event = tb_event_decode(tb_state_of(self->shared->map), &self->shared->codec,
                            PyBytes_AsString(bytes), record->size, PERF_PADDING);
    Py_DECREF(bytes);
    return event;
}

/* Hand a record over, or the count of those that were lost; 0, or -1 with an
 * exception. What a callback returns means nothing, as in libbpf. */
static int
deliver(struct perf_source *self, const struct tb_perf_ring_record *record)
{
    struct shared *shared = self->shared;
    PyObject *data, *answer;

    if (record->n_lost != 0) {
        *shared->n_lost += record->n_lost;
        if (shared->lost == NULL) {
            return 0;
        }
        answer = PyObject_CallFunction(shared->lost, "iK", self->cpu,
                                       (unsigned long long)record->n_lost);
    }
    else {
        data = decode(self, record);
        if (data == NULL) {
            return -1;
        }
        answer = PyObject_CallFunction(shared->sample, "iN", self->cpu, data);
    }
    Py_XDECREF(answer);
    return answer ? 0 : -1;
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

static int
drain(struct tb_stream *stream, struct tb_stream_source *source, Py_ssize_t *n_done)
{
    struct perf_source *self = (struct perf_source *)source;
    uint64_t end = tb_perf_ring_begin(&self->ring);
    struct tb_perf_ring_record record;
    int rc = 0, taken = 0;

    while (rc == 0 && stream->is_open &&
           (taken = tb_perf_ring_take(&self->ring, end, &record)) > 0) {
        *n_done += record.n_lost == 0;
        rc = deliver(self, &record);
        tb_perf_ring_store(&self->ring);
    }
    tb_perf_ring_store(&self->ring);
    return taken < 0 ? raise_broken(self) : rc;
}

static const struct tb_stream_source_kind kind = {drain, traverse, free_source};

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
        tb_event_codec(request->map, &request->event, &shared->codec) < 0) {
        free(shared);
        return NULL;
    }
    shared->n_users = 1;
    shared->map = tb_new_ref(request->map);
    shared->sample = tb_new_ref(request->sample_callback);
    shared->lost = request->lost_callback ? tb_new_ref(request->lost_callback) : NULL;
    shared->n_lost = request->n_lost;
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
open_source(struct shared *shared, int cpu, size_t n_pages, int *err)
{
    struct perf_source *self = calloc(1, sizeof(*self));

    *err = -ENOMEM;
    if (self == NULL) {
        return NULL;
    }
    *err = tb_perf_ring_open(&self->ring, cpu, n_pages);
    if (*err < 0) {
        free(self);
        return NULL;
    }
    self->source = (struct tb_stream_source){.kind = &kind, .fd = self->ring.fd};
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

/* Add the sources of all CPUs; 0, or -1 with an exception. */
static int
add_cpus(struct tb_stream *stream, struct shared *shared,
         const struct tb_perf_source_request *request)
{
    struct tb_state *state = tb_state_of(request->map);
    int n_cpus = libbpf_num_possible_cpus();
    int err;

    for (int cpu = 0; cpu < n_cpus && (uint32_t)cpu < request->map->traits.max_entries;
         cpu++) {
        struct perf_source *source = open_source(shared, cpu, request->n_pages, &err);

        if (source == NULL && err == -ENODEV) {
            continue; /* it is offline */
        }
        if (source == NULL) {
            tb_error_libbpf(state, err, NULL, "perf ring of %zu pages on CPU %d for %R",
                            request->n_pages, cpu, request->map->name);
            return -1;
        }
        source->source.key = stream->n_sources == 0 ? request->map : NULL;
        source->source.object = request->map->object;
        if (tb_stream_add_steal(state, stream, &source->source) < 0) {
            return -1;
        }
    }
    return 0;
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
