/* SPDX-License-Identifier: MIT
 *
 * User ring buffers (stream/user_ring.h), by libbpf's producer. A sample that is
 * reserved keeps the program from all that lie behind it, so that each is submitted or
 * discarded, whatever happens to its reservation.
 */
#include "stream/user_ring.h"

#include "base/libbpf.h"
#include "error/raise.h"
#include "stream/batch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

struct user_source {
    struct tb_stream_source source;
    struct user_ring_buffer *ring; /* owned */
    PyObject *map;                 /* owned */
};

/* What a call wants: room of so many bytes. */
struct room {
    struct tb_sink sink;
    struct tb_state *state;
    uint32_t size;
    void *data; /* what it got */
};

/* Look for room once. */
static int
look_for_room(struct tb_stream *stream, struct tb_stream_source *source,
              struct tb_sink *sink)
{
    struct user_source *self = (struct user_source *)source;
    struct room *room = (struct room *)sink;

    room->data = user_ring_buffer__reserve(self->ring, room->size);
    if (room->data == NULL && errno != ENOSPC) {
        tb_error_libbpf(room->state, -errno, NULL,
                        "reserve %u bytes in user ring buffer %R of %llu", room->size,
                        source->map_name, (unsigned long long)source->size);
        return -1;
    }
    if (room->data != NULL) {
        tb_sink_count(sink, &stream->counts, room->size);
    }
    return 0;
}

static uint64_t
fill(const struct tb_stream_source *source)
{
    (void)source;
    return 0;
}

static int
lost(const struct tb_stream_source *source, uint64_t *out)
{
    (void)source;
    *out = 0;
    return 0;
}

static int
traverse(const struct tb_stream_source *source, visitproc visit, void *arg)
{
    Py_VISIT(((const struct user_source *)source)->map);
    return 0;
}

static void
free_source(struct tb_stream_source *source)
{
    struct user_source *self = (struct user_source *)source;

    user_ring_buffer__free(self->ring);
    if (source->fd >= 0) {
        close(source->fd);
    }
    Py_CLEAR(self->map);
    free(self);
}

static const struct tb_stream_source_kind kind = {look_for_room, fill, lost, traverse,
                                                  free_source};

/* The source that writes a map; NULL with an exception. */
static struct tb_stream_source *
new_source(BpfMap *map)
{
    struct user_source *self = calloc(1, sizeof(*self));
    int fd, err = 0;

    if (self == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    fd = tb_map_fd(map);
    self->source = (struct tb_stream_source){
        .kind = &kind,
        .key = tb_map_origin(map),
        .fd = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0),
        .events = EPOLLOUT | EPOLLET, /* woken when some was drained, not while there
                                       * is room, which may be too little */
        .size = map->traits.max_entries,
        .object = map->object,
        .map_name = map->name,
    };
    self->map = tb_new_ref(map);
    if (self->source.fd >= 0) {
        self->ring = user_ring_buffer__new(self->source.fd, NULL);
        err = self->ring ? 0 : -errno;
    }
    else if (fd >= 0) {
        err = -errno;
    }
    if (self->ring != NULL) {
        return &self->source;
    }
    if (err < 0) {
        tb_error_libbpf(tb_state_of(map), err, NULL, "mmap of user ring buffer %R",
                        map->name);
    }
    free_source(&self->source);
    return NULL;
}

/* Open a buffer that was allocated; 0, or -1 with an exception. */
static int
start(BpfUserRing *self, BpfMap *map)
{
    struct tb_stream *stream = &self->reader.stream;
    struct tb_state *state = tb_state_of(self);
    struct tb_stream_source *source;

    if (Py_TYPE((PyObject *)map) != state->types[TB_TYPE_MAP]) {
        PyErr_Format(PyExc_TypeError, "map must be a BpfMap, not %R",
                     Py_TYPE((PyObject *)map));
        return -1;
    }
    if (map->traits.type != BPF_MAP_TYPE_USER_RINGBUF) {
        tb_error_raise(state, TB_ERROR, EINVAL,
                       "cannot write %R: expected USER_RINGBUF", map);
        return -1;
    }
    if (tb_stream_open(state, stream, "user ring buffer") < 0) {
        return -1;
    }
    self->map = tb_new_ref(map);
    source = new_source(map);
    if (source == NULL || tb_stream_add_steal(state, stream, &source, 1) < 0) {
        tb_stream_close(stream);
        return -1;
    }
    return 0;
}

PyObject *
tb_user_ring_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"map", NULL};
    BpfUserRing *self;
    PyObject *map;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O:BpfUserRingBuffer",
                                     (char **)names, &map)) {
        return NULL;
    }
    self = (BpfUserRing *)PyType_GenericAlloc(type, 0);
    if (self != NULL && start(self, (BpfMap *)map) < 0) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

void *
tb_user_ring_take(BpfUserRing *self, size_t size, int timeout_ms)
{
    struct tb_stream *stream = &self->reader.stream;
    struct tb_state *state = tb_state_of(self);
    struct room room = {.sink.left = 1, .state = state, .size = (uint32_t)size};
    int rc;

    if (size > UINT32_MAX / 4) {
        PyErr_Format(PyExc_ValueError, "a sample of %zu bytes is too large", size);
        return NULL;
    }
    if (tb_stream_enter(state, stream) < 0) {
        return NULL;
    }
    rc = tb_stream_poll(state, stream, timeout_ms, &room.sink);
    if (rc >= 0 && room.data != NULL) {
        memset(room.data, 0, size);
        return room.data;
    }
    if (rc >= 0) {
        tb_error_raise(state, TB_ERROR, ENOSPC,
                       "no room for %zu bytes in user ring buffer %R: the program has "
                       "not drained it in time",
                       size, ((BpfMap *)self->map)->name);
    }
    tb_stream_leave(stream);
    return NULL;
}

void
tb_user_ring_give(BpfUserRing *self, void *data, int is_discarded)
{
    struct tb_stream *stream = &self->reader.stream;
    struct user_source *source = (struct user_source *)stream->sources[0];

    if (is_discarded) {
        user_ring_buffer__discard(source->ring, data);
        stream->counts.discarded++;
    }
    else {
        user_ring_buffer__submit(source->ring, data);
    }
    tb_stream_leave(stream);
}

PyObject *
tb_user_ring_submit(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"value", "timeout", NULL};
    BpfUserRing *self = (BpfUserRing *)op;
    PyObject *value, *timeout = Py_None;
    int timeout_ms;
    Py_buffer view;
    void *data;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O:submit", (char **)names, &value,
                                     &timeout) ||
        tb_batch_timeout(timeout, &timeout_ms) < 0 ||
        PyObject_GetBuffer(value, &view, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    data = tb_user_ring_take(self, (size_t)view.len, timeout_ms);
    if (data != NULL) {
        memcpy(data, view.buf, (size_t)view.len);
        tb_user_ring_give(self, data, 0);
    }
    PyBuffer_Release(&view);
    return data ? tb_new_ref(Py_None) : NULL;
}
