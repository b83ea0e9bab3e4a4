/* SPDX-License-Identifier: MIT
 *
 * Ring buffers: how maps are added to a buffer (stream/ringbuf.h). It is used either by
 * callbacks or as an iterator, for all of its maps.
 */
#include "stream/ringbuf.h"

#include "base/libbpf.h"
#include "error/raise.h"
#include "stream/ring_source.h"
#include "stream/shard.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* Check the kind of map and callback; 0, or -1 with an exception. */
static int
check_types(BpfRingBuffer *self, const struct tb_ring_source_request *request)
{
    struct tb_state *state = tb_state_of(self);
    PyObject *map = (PyObject *)request->map, *callback = request->callback;
    int is_sharded;

    if (Py_TYPE(map) != state->types[TB_TYPE_MAP]) {
        PyErr_Format(PyExc_TypeError, "map must be a BpfMap, not %R", Py_TYPE(map));
        return -1;
    }
    is_sharded = tb_shard_is_array(request->map);
    if (is_sharded < 0) {
        return -1;
    }
    if (request->map->traits.type != BPF_MAP_TYPE_RINGBUF && !is_sharded) {
        tb_error_raise(state, TB_ERROR, EINVAL, "cannot consume %R: expected RINGBUF",
                       map);
        return -1;
    }
    if (callback != NULL && !PyCallable_Check(callback)) {
        PyErr_Format(PyExc_TypeError, "callback must be callable, not %R",
                     Py_TYPE(callback));
        return -1;
    }
    return 0;
}

static enum tb_stream_mode
mode_of(const struct tb_ring_source_request *request)
{
    return request->callback ? TB_STREAM_CALLBACK : TB_STREAM_ITERATOR;
}

/* Check that it goes with what was added before, as the type of its records does; 0, or
 * -1 with an exception. */
static int
check_mode(BpfRingBuffer *self, const struct tb_ring_source_request *request,
           const struct tb_event_type *type)
{
    struct tb_state *state = tb_state_of(self);
    PyObject *name = request->map->name;
    enum tb_stream_mode before = self->reader.stream.mode;
    enum tb_stream_mode mode = mode_of(request);
    const char *text = NULL;

    if (tb_stream_check(state, &self->reader.stream) < 0) {
        return -1; /* closed by what settled the type */
    }
    if (tb_stream_has(&self->reader.stream, tb_map_origin(request->map))) {
        tb_error_raise(state, TB_ERROR, EEXIST, "map %R was already added", name);
        return -1;
    }
    if (before != TB_STREAM_EMPTY && before != mode) {
        text = "Cannot mix callback and iterator mode: the maps of one buffer all have "
               "a callback, or none has (adding map %R)";
    }
    else if (request->as_view && mode == TB_STREAM_ITERATOR) {
        text = "Cannot use as_memoryview in iterator mode: it requires a callback, "
               "during which the record is there (adding map %R)";
    }
    else if (request->as_view &&
             (request->event.type != NULL || request->event.otherwise != NULL)) {
        text = "Cannot use as_memoryview with event_type: a callback gets one or the "
               "other (adding map %R)";
    }
    else if (before == TB_STREAM_ITERATOR && self->type != NULL &&
             !tb_event_type_is_same(type, self->type)) {
        text =
            "Cannot mix event types in iterator mode: event_type is the same for all "
            "maps of one buffer (adding map %R)";
    }
    else if (before == TB_STREAM_CALLBACK && request->as_view != self->as_view) {
        text =
            "Cannot mix memoryview and bytes: as_memoryview is the same for all maps "
            "of one buffer (adding map %R)";
    }
    if (text != NULL) {
        tb_error_raise(state, TB_ERROR, EINVAL, text, name);
        return -1;
    }
    return 0;
}

/* The sources of a map's rings, until they are added. */
struct rings {
    struct tb_stream_source **sources; /* owned array of owned */
    size_t n;
};

static void
drop_rings(struct rings *rings)
{
    for (size_t i = 0; i < rings->n; i++) {
        rings->sources[i]->kind->free(rings->sources[i]);
    }
    free(rings->sources);
}

/* Settle the type of the records, and map one ring; 0, or -1 with an exception. */
static int
open_ring(struct tb_ring_source_request *request, struct rings *rings)
{
    struct tb_stream_source **sources =
        realloc(rings->sources, (rings->n + 1) * sizeof(*sources));
    int rc = -1;

    if (sources == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    rings->sources = sources;
    if (tb_event_type_settle(request->map, &request->event, &request->settled) == 0) {
        sources[rings->n] = tb_ring_source_new(request);
        rc = sources[rings->n] != NULL ? 0 : -1;
        rings->n += rc == 0;
    }
    tb_event_type_drop(&request->settled);
    return rc;
}

/* Map each ring of an array of them; 0, or -1 with an exception. */
static int
open_shards(struct tb_ring_source_request *request, struct rings *rings)
{
    int rc = 0;

    for (uint32_t i = 0; rc == 0 && i < request->map->traits.max_entries; i++) {
        int fd = tb_shard_open(request->map, i, &request->shard_size);

        if (fd == -2) {
            continue; /* a place that nothing was put into */
        }
        request->shard_fd = fd;
        request->is_further = rings->n != 0;
        rc = fd < 0 ? -1 : open_ring(request, rings);
        if (fd >= 0) {
            close(fd);
        }
    }
    if (rc == 0 && rings->n == 0) {
        tb_error_raise(tb_state_of(request->map), TB_ERROR, ENOENT,
                       "cannot consume %R: no ring was put into it", request->map);
        rc = -1;
    }
    return rc;
}

/* Add all rings of a map, whose request is complete, or none. */
static int
add_rings_steal(BpfRingBuffer *self, const struct tb_ring_source_request *request,
                struct rings *rings)
{
    const struct tb_event_type *type = rings->sources[0]->type;
    Py_ssize_t n_names = PyList_Size(self->names);
    size_t n = rings->n;

    if (check_mode(self, request, type) < 0 ||
        PyList_Append(self->names, request->map->name) < 0) {
        return -1;
    }
    rings->n = 0;
    if (tb_stream_add_steal(tb_state_of(self), &self->reader.stream, rings->sources,
                            n) < 0) {
        PyList_SetSlice(self->names, n_names, n_names + 1, NULL);
        return -1;
    }
    self->reader.stream.mode = mode_of(request);
    self->as_view = request->as_view;
    self->type = type;
    return 0;
}

/* Add a map; 0, or -1 with an exception. */
static int
add(BpfRingBuffer *self, struct tb_ring_source_request *request)
{
    struct rings rings = {.n = 0};
    int rc;

    request->event.is_view = request->as_view;
    if (check_types(self, request) < 0) {
        return -1;
    }
    self->reader.stream.users++; /* what was added before stays, whatever runs */
    rc = request->map->traits.type == BPF_MAP_TYPE_RINGBUF
             ? open_ring(request, &rings)
             : open_shards(request, &rings);
    if (rc == 0) {
        rc = add_rings_steal(self, request, &rings);
    }
    drop_rings(&rings);
    tb_stream_leave(&self->reader.stream);
    return rc;
}

/* Where records are iterated they all have one type: that of a map holds for those that
 * are added later. */
PyObject *
tb_ringbuf_add_map(PyObject *op, PyObject *args, PyObject *kwargs)
{
    BpfRingBuffer *self = (BpfRingBuffer *)op;
    struct tb_ring_source_request request;
    struct tb_ring_options options;

    if (tb_ring_options_read_add(args, kwargs, &request, &options) < 0 ||
        tb_stream_check(tb_state_of(op), &self->reader.stream) < 0 ||
        tb_ring_options_settle(&options, &self->defaults, &request) < 0 ||
        add(self, &request) < 0) {
        return NULL;
    }
    if (self->reader.stream.mode == TB_STREAM_ITERATOR &&
        self->defaults.event_type == NULL) {
        PyObject *old = self->defaults.event_key;

        Py_XINCREF(options.event_type);
        Py_XINCREF(options.event_key);
        self->defaults.event_type = options.event_type;
        self->defaults.event_key = options.event_key;
        Py_XDECREF(old);
    }
    Py_RETURN_NONE;
}

/* Open it and add the first map, if there is one; 0, or -1 with an exception. */
static int
start(BpfRingBuffer *self, const struct tb_ring_options *options,
      struct tb_ring_source_request *request)
{
    struct tb_state *state = tb_state_of(self);

    if (request->map == NULL && request->callback != NULL) {
        PyErr_SetString(PyExc_ValueError,
                        "callback requires map: give both, or the callback to add()");
        return -1;
    }
    self->names = PyList_New(0);
    tb_ring_options_keep(&self->defaults, options);
    if (self->names == NULL ||
        tb_ring_options_settle(options, &self->defaults, request) < 0 ||
        tb_stream_open(state, &self->reader.stream, "ring buffer") < 0) {
        return -1;
    }
    if (tb_reader_set_interval(&self->reader, options->interval) < 0) {
        tb_stream_close(&self->reader.stream);
        return -1;
    }
    if (request->map != NULL && add(self, request) < 0) {
        tb_stream_close(&self->reader.stream);
        return -1;
    }
    return 0;
}

PyObject *
tb_ringbuf_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    struct tb_ring_source_request request;
    struct tb_ring_options options;
    BpfRingBuffer *self;

    if (tb_ring_options_read_class(args, kwargs, &request, &options) < 0) {
        return NULL;
    }
    self = (BpfRingBuffer *)PyType_GenericAlloc(type, 0);
    if (self == NULL || start(self, &options, &request) == 0) {
        return (PyObject *)self;
    }
    Py_DECREF(self);
    return NULL;
}
