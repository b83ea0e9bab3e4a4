/* SPDX-License-Identifier: MIT
 *
 * BpfRingBuffer (ringbuf.h): waits without the GIL, delivers with it. The mapped
 * rings live until nobody is inside: close() from a callback or another thread
 * marks the buffer closed, and the last one to leave unmaps.
 */
#include "ringbuf.h"

#include "error.h"
#include "libbpf.h"
#include "map.h"
#include "ring.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

struct source {
    struct tb_ring ring; /* owned */
    PyObject *map;       /* owned; BpfMap */
    PyObject *callback;  /* owned */
};

typedef struct {
    PyObject_HEAD
    int epoll_fd;            /* owned; -1 when closed */
    int wake_fd;             /* owned eventfd, ends a wait; -1 when closed */
    int is_open;             /* between __init__ and close() */
    int users;               /* calls inside */
    struct source **sources; /* owned array of owned */
    size_t n_sources;
} RingBuffer;

static void
free_source(struct source *source)
{
    tb_ring_close(&source->ring);
    Py_CLEAR(source->map);
    Py_CLEAR(source->callback);
    free(source);
}

/* Free all; only when nobody is inside. */
static void
release(RingBuffer *self)
{
    struct source **sources = self->sources;
    size_t n = self->n_sources;

    self->sources = NULL;
    self->n_sources = 0;
    for (size_t i = 0; i < n; i++) {
        free_source(sources[i]);
    }
    free(sources);
    if (self->epoll_fd >= 0) {
        close(self->epoll_fd);
    }
    if (self->wake_fd >= 0) {
        close(self->wake_fd);
    }
    self->epoll_fd = self->wake_fd = -1;
}

/* Idempotent, never raises; called by all that end the buffer. */
static void
close_buffer(RingBuffer *self)
{
    const uint64_t one = 1;

    if (!self->is_open) {
        return;
    }
    self->is_open = 0;
    if (self->users == 0) {
        release(self);
    }
    else if (write(self->wake_fd, &one, sizeof(one)) < 0) {
        return; /* the counter is full, so the waiter is awake already */
    }
}

static int
check_open(RingBuffer *self)
{
    if (self->is_open) {
        return 0;
    }
    tb_error_raise(tb_state_of(self), TB_ERROR_CLOSED, 0, "ring buffer is closed");
    return -1;
}

static int
enter(RingBuffer *self)
{
    if (check_open(self) < 0) {
        return -1;
    }
    if (self->n_sources == 0) {
        tb_error_raise(tb_state_of(self), TB_ERROR, 0,
                       "No maps added to the ring buffer: give one to BpfRingBuffer() "
                       "or to add()");
        return -1;
    }
    self->users++;
    return 0;
}

static void
leave(RingBuffer *self)
{
    if (--self->users == 0 && !self->is_open) {
        release(self);
    }
}

/* Hand one record over: 0 go on, 1 stop, -1 with an exception. */
static int
deliver(PyObject *callback, const struct tb_record *record)
{
    PyObject *bytes = PyBytes_FromStringAndSize(record->data, record->size);
    PyObject *answer;
    long verdict = 0;

    if (bytes == NULL) {
        return -1;
    }
    answer = PyObject_CallFunctionObjArgs(callback, bytes, NULL);
    Py_DECREF(bytes);
    if (answer == NULL) {
        return -1;
    }
    if (answer != Py_None) {
        verdict = PyLong_AsLong(answer);
        if (verdict == -1 && PyErr_Occurred()) {
            Py_DECREF(answer);
            return -1;
        }
    }
    Py_DECREF(answer);
    return verdict < 0;
}

/* Hand over what a ring holds now; 0 go on, 1 stop, -1 with an exception. A record
 * counts as consumed when its callback is called, whatever that does: it may call
 * us again, or close us. */
static int
drain(RingBuffer *self, struct source *source, Py_ssize_t *n_done)
{
    uint64_t end = tb_ring_end(&source->ring);
    struct tb_record record;
    int rc = 0;

    while (rc == 0 && self->is_open && tb_ring_take(&source->ring, end, &record)) {
        (*n_done)++;
        rc = deliver(source->callback, &record);
        if (tb_ring_should_store(&source->ring)) {
            tb_ring_store(&source->ring);
        }
    }
    tb_ring_store(&source->ring);
    return rc;
}

/* One round over all rings; their number may grow by a callback. */
static int
drain_all(RingBuffer *self, Py_ssize_t *n_done)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && self->is_open && i < self->n_sources; i++) {
        rc = drain(self, self->sources[i], n_done);
    }
    return rc;
}

static int64_t
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Wait for a record or for close(): 1 something is there, 0 the time is over, -1
 * with an exception. deadline < 0: for ever. */
static int
wait_for_record(RingBuffer *self, int64_t deadline)
{
    for (;;) {
        int64_t left = deadline < 0 ? -1 : deadline - now_ms();
        struct epoll_event event;
        int timeout, n, err;

        if (deadline >= 0 && left < 0) {
            left = 0;
        }
        timeout = left > INT32_MAX ? INT32_MAX : (int)left;
        Py_BEGIN_ALLOW_THREADS
        n = epoll_wait(self->epoll_fd, &event, 1, timeout);
        err = errno;
        Py_END_ALLOW_THREADS
        if (check_open(self) < 0) {
            return -1;
        }
        if (n > 0 || (n == 0 && deadline >= 0 && now_ms() >= deadline)) {
            return n;
        }
        if (n < 0 && err != EINTR) {
            tb_error_libbpf(tb_state_of(self), -err, NULL, "wait for ring buffer");
            return -1;
        }
        if (PyErr_CheckSignals() < 0) {
            return -1;
        }
    }
}

/* Records are looked for before waiting: a program may have sent no wake-up. */
static int
poll_once(RingBuffer *self, int64_t deadline, Py_ssize_t *n_done)
{
    int rc = drain_all(self, n_done);

    while (rc == 0 && *n_done == 0 && self->is_open) {
        rc = wait_for_record(self, deadline);
        if (rc <= 0) {
            return rc;
        }
        rc = drain_all(self, n_done);
    }
    return rc;
}

static PyObject *
ringbuf_poll(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"timeout_ms", NULL};
    RingBuffer *self = (RingBuffer *)op;
    Py_ssize_t n_done = 0;
    int timeout_ms = -1;
    int rc;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|i:poll", (char **)names,
                                     &timeout_ms)) {
        return NULL;
    }
    if (enter(self) < 0) {
        return NULL;
    }
    rc = poll_once(self, timeout_ms < 0 ? -1 : now_ms() + timeout_ms, &n_done);
    leave(self);
    if (rc < 0 || PyErr_CheckSignals() < 0) {
        return NULL;
    }
    return PyLong_FromSsize_t(n_done);
}

static PyObject *
ringbuf_consume(PyObject *op, PyObject *unused)
{
    RingBuffer *self = (RingBuffer *)op;
    Py_ssize_t n_done = 0;
    int rc;

    (void)unused;
    if (enter(self) < 0) {
        return NULL;
    }
    rc = drain_all(self, &n_done);
    leave(self);
    return rc < 0 ? NULL : PyLong_FromSsize_t(n_done);
}

/* Check what add() was given; 0, or -1 with an exception. */
static int
check_source(RingBuffer *self, PyObject *map, PyObject *callback)
{
    struct tb_state *state = tb_state_of(self);

    if (Py_TYPE(map) != state->types[TB_TYPE_MAP]) {
        PyErr_Format(PyExc_TypeError, "map must be a BpfMap, not %R", Py_TYPE(map));
        return -1;
    }
    if (((BpfMap *)map)->type != BPF_MAP_TYPE_RINGBUF) {
        tb_error_raise(state, TB_ERROR, EINVAL, "cannot consume %R: expected RINGBUF",
                       map);
        return -1;
    }
    if (callback == NULL || callback == Py_None) {
        tb_error_raise(state, TB_ERROR, EINVAL,
                       "map %R requires a callback: a function of one record",
                       ((BpfMap *)map)->name);
        return -1;
    }
    if (!PyCallable_Check(callback)) {
        PyErr_Format(PyExc_TypeError, "callback must be callable, not %R",
                     Py_TYPE(callback));
        return -1;
    }
    for (size_t i = 0; i < self->n_sources; i++) {
        if (self->sources[i]->map != map) {
            continue;
        }
        tb_error_raise(state, TB_ERROR, EEXIST, "map %R was already added",
                       ((BpfMap *)map)->name);
        return -1;
    }
    return 0;
}

/* Map the ring and watch it; the new source, or NULL with *err = -errno. */
static struct source *
open_source(RingBuffer *self, int fd, uint32_t size, int *err)
{
    struct epoll_event event = {.events = EPOLLIN};
    struct source *source = calloc(1, sizeof(*source));

    if (source == NULL) {
        *err = -ENOMEM;
        return NULL;
    }
    *err = tb_ring_open(&source->ring, fd, size);
    if (*err == 0 &&
        epoll_ctl(self->epoll_fd, EPOLL_CTL_ADD, source->ring.fd, &event) < 0) {
        *err = -errno;
    }
    if (*err == 0) {
        return source;
    }
    free_source(source);
    return NULL;
}

static int
add_source(RingBuffer *self, BpfMap *map, PyObject *callback)
{
    struct source **sources;
    struct source *source;
    int fd = tb_map_fd(map);
    int err;

    if (fd < 0) {
        return -1;
    }
    sources = realloc(self->sources, (self->n_sources + 1) * sizeof(*sources));
    if (sources == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    self->sources = sources;
    source = open_source(self, fd, map->max_entries, &err);
    if (source == NULL) {
        tb_error_libbpf(tb_state_of(self), err, NULL, "mmap of ring buffer %R",
                        map->name);
        return -1;
    }
    source->map = tb_new_ref(map);
    source->callback = tb_new_ref(callback);
    sources[self->n_sources++] = source;
    return 0;
}

static PyObject *
ringbuf_add(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"map", "callback", NULL};
    RingBuffer *self = (RingBuffer *)op;
    PyObject *map, *callback;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO:add", (char **)names, &map,
                                     &callback)) {
        return NULL;
    }
    if (check_open(self) < 0 || check_source(self, map, callback) < 0 ||
        add_source(self, (BpfMap *)map, callback) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* Open the descriptors; 0 or -errno. */
static int
open_descriptors(RingBuffer *self)
{
    struct epoll_event event = {.events = EPOLLIN};

    self->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (self->epoll_fd < 0) {
        return -errno;
    }
    self->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (self->wake_fd < 0 ||
        epoll_ctl(self->epoll_fd, EPOLL_CTL_ADD, self->wake_fd, &event) < 0) {
        return -errno;
    }
    return 0;
}

/* Open it and add the first map, if there is one; 0, or -1 with an exception. */
static int
start(RingBuffer *self, PyObject *map, PyObject *callback)
{
    int err;

    if (map == NULL && callback != NULL) {
        tb_error_raise(tb_state_of(self), TB_ERROR, EINVAL, "callback requires map");
        return -1;
    }
    if (map != NULL && check_source(self, map, callback) < 0) {
        return -1;
    }
    err = open_descriptors(self);
    if (err < 0) {
        tb_error_libbpf(tb_state_of(self), err, NULL, "epoll for ring buffer");
        return -1;
    }
    if (map != NULL && add_source(self, (BpfMap *)map, callback) < 0) {
        return -1;
    }
    self->is_open = 1;
    return 0;
}

static PyObject *
ringbuf_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"map", "callback", NULL};
    PyObject *map = NULL, *callback = NULL;
    RingBuffer *self;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|OO:BpfRingBuffer", (char **)names,
                                     &map, &callback)) {
        return NULL;
    }
    self = (RingBuffer *)PyType_GenericAlloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->epoll_fd = self->wake_fd = -1;
    if (start(self, map == Py_None ? NULL : map,
              callback == Py_None ? NULL : callback) == 0) {
        return (PyObject *)self;
    }
    Py_DECREF(self);
    return NULL;
}

static PyObject *
ringbuf_fileno(PyObject *op, PyObject *unused)
{
    RingBuffer *self = (RingBuffer *)op;

    (void)unused;
    return check_open(self) < 0 ? NULL : PyLong_FromLong(self->epoll_fd);
}

static PyObject *
ringbuf_close(PyObject *op, PyObject *unused)
{
    (void)unused;
    close_buffer((RingBuffer *)op);
    Py_RETURN_NONE;
}

static PyObject *
ringbuf_enter(PyObject *op, PyObject *unused)
{
    (void)unused;
    return check_open((RingBuffer *)op) < 0 ? NULL : tb_new_ref(op);
}

static PyObject *
ringbuf_exit(PyObject *op, PyObject *unused)
{
    return ringbuf_close(op, unused);
}

static PyObject *
ringbuf_repr(PyObject *op)
{
    RingBuffer *self = (RingBuffer *)op;

    if (!self->is_open) {
        return PyUnicode_FromString("<BpfRingBuffer closed>");
    }
    return PyUnicode_FromFormat("<BpfRingBuffer open, maps=%zu>", self->n_sources);
}

static int
ringbuf_traverse(PyObject *op, visitproc visit, void *arg)
{
    RingBuffer *self = (RingBuffer *)op;

    Py_VISIT(Py_TYPE(op));
    for (size_t i = 0; i < self->n_sources; i++) {
        Py_VISIT(self->sources[i]->map);
        Py_VISIT(self->sources[i]->callback);
    }
    return 0;
}

static void
ringbuf_finalize(PyObject *op)
{
    RingBuffer *self = (RingBuffer *)op;
    PyObject *type, *value, *tb;

    PyErr_Fetch(&type, &value, &tb);
    if (self->is_open &&
        PyErr_WarnFormat(PyExc_ResourceWarning, 1, "unclosed %R", self) < 0) {
        PyErr_WriteUnraisable(op);
    }
    self->is_open = 0;
    release(self);
    PyErr_Restore(type, value, tb);
}

static PyMethodDef methods[] = {
    {"add", TB_METHOD(ringbuf_add), METH_VARARGS | METH_KEYWORDS,
     "add($self, map, callback)\n--\n\nConsume one more ring buffer."},
    {"poll", TB_METHOD(ringbuf_poll), METH_VARARGS | METH_KEYWORDS,
     "poll($self, timeout_ms=-1)\n--\n\n"
     "Wait for records and hand them to the callbacks."},
    {"consume", ringbuf_consume, METH_NOARGS,
     "consume($self)\n--\n\n"
     "Hand the records that are there to the callbacks, without waiting."},
    {"epoll_fd", ringbuf_fileno, METH_NOARGS,
     "epoll_fd($self)\n--\n\n"
     "Return the epoll descriptor that is readable when records wait."},
    {"fileno", ringbuf_fileno, METH_NOARGS,
     "fileno($self)\n--\n\n"
     "Return the epoll descriptor, for select() and event loops."},
    {"close", ringbuf_close, METH_NOARGS,
     "close($self)\n--\n\n"
     "Unmap the rings; may be called again, and while another thread polls."},
    {"__enter__", ringbuf_enter, METH_NOARGS, NULL},
    {"__exit__", ringbuf_exit, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "BpfRingBuffer(map=None, callback=None)\n--\n\n"
                "Consumer of one or more ring buffers, by callbacks."},
    {Py_tp_new, ringbuf_new},
    {Py_tp_methods, methods},
    {Py_tp_repr, ringbuf_repr},
    {Py_tp_traverse, ringbuf_traverse},
    {Py_tp_finalize, ringbuf_finalize},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf.BpfRingBuffer",
    .basicsize = sizeof(RingBuffer),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_ringbuf_add(PyObject *module)
{
    return tb_state_add_type(module, TB_TYPE_RINGBUF, &spec);
}
