/* SPDX-License-Identifier: MIT
 *
 * Sources of perf records. The map's entries are taken out again when the sources go,
 * also where others keep the map; a duplicate of its descriptor makes that independent
 * of the object.
 */
#include "stream/perf_source.h"

#include "base/libbpf.h"
#include "error/raise.h"
#include "stream/perf_drain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* The kernel pads records so that 4 + their size is a multiple of 8, and counts that
 * (perf_prepare_sample). */
#define PERF_PADDING 7

static void
drop_shared(struct tb_perf_shared *shared)
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

/* Whether it is not that of the process that this one was forked from: the kernel does
 * not map its ring there (VM_DONTCOPY in perf_mmap). */
static int
is_ours(const struct tb_perf_cpu *self)
{
    return self->shared->owner == getpid();
}

static void
free_source(struct tb_stream_source *source)
{
    struct tb_perf_cpu *self = (struct tb_perf_cpu *)source;

    if (is_ours(self)) {
        bpf_map_delete_elem(self->shared->map_fd, &self->number);
    }
    else { /* a forked child leaves its parent's there */
        self->ring.map = NULL;
    }
    tb_perf_ring_close(&self->ring);
    drop_shared(self->shared);
    free(self);
}

static int
traverse(const struct tb_stream_source *source, visitproc visit, void *arg)
{
    const struct tb_perf_shared *shared = ((const struct tb_perf_cpu *)source)->shared;

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
    const struct tb_perf_cpu *self = (const struct tb_perf_cpu *)source;

    return is_ours(self) ? tb_perf_ring_fill(&self->ring) : 0;
}

static int
lost(const struct tb_stream_source *source, uint64_t *out)
{
    *out = ((const struct tb_perf_cpu *)source)->n_lost;
    return 1;
}

static const struct tb_stream_source_kind kind = {tb_perf_drain, fill, lost, traverse,
                                                  free_source};

const struct tb_perf_ring *
tb_perf_source_ring(const struct tb_stream_source *source)
{
    return &((const struct tb_perf_cpu *)source)->ring;
}

/* What the sources of a request share, with one user: the caller. NULL with an
 * exception. */
static struct tb_perf_shared *
make_shared(const struct tb_perf_source_request *request)
{
    struct tb_perf_shared *shared = calloc(1, sizeof(*shared));
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
    shared->owner = getpid();
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
static struct tb_perf_cpu *
open_source(struct tb_perf_shared *shared, int cpu,
            const struct tb_perf_options *options, int *err)
{
    struct tb_perf_cpu *self = calloc(1, sizeof(*self));

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
        .is_private = 1,
    };
    self->shared = shared;
    self->number = cpu;
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
add_cpu(struct tb_stream *stream, struct tb_perf_shared *shared,
        const struct tb_perf_source_request *request, int cpu)
{
    struct tb_state *state = tb_state_of(request->map);
    int err;
    struct tb_perf_cpu *source = open_source(shared, cpu, &request->options, &err);
    struct tb_stream_source *head = (struct tb_stream_source *)source;

    if (source == NULL && err == -ENODEV && request->cpus == NULL) {
        return 0;
    }
    if (source == NULL) {
        tb_error_libbpf(state, err, NULL, "perf ring of %zu pages on CPU %d for %R",
                        request->options.n_pages, cpu, request->map->name);
        return -1;
    }
    head->key = stream->n_sources == 0 ? request->map : NULL;
    head->object = request->map->object;
    return tb_stream_add_steal(state, stream, &head, 1) < 0 ? -1 : 1;
}

/* Add the sources of all CPUs; 0, or -1 with an exception. */
static int
add_cpus(struct tb_stream *stream, struct tb_perf_shared *shared,
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
    struct tb_perf_shared *shared = make_shared(request);
    int rc = -1;

    if (shared != NULL) {
        rc = add_cpus(stream, shared, request);
        drop_shared(shared);
    }
    return rc;
}
