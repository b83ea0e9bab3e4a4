/* SPDX-License-Identifier: MIT
 *
 * The class BpfRingBuffer. A buffer is used either by callbacks or as an iterator, for
 * all of its maps. Its coroutines are written in Python (tinybpf/_async.py), which is
 * imported when the first is made.
 */
#include "stream/ringbuf.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "error/raise.h"
#include "stream/reader.h"
#include "stream/ring_options.h"
#include "stream/ring_source.h"

#include <errno.h>

enum mode {
    MODE_NONE, /* nothing was added yet */
    MODE_CALLBACK,
    MODE_ITERATOR,
};

typedef struct {
    BpfReader reader;
    enum mode mode;
    int as_view;          /* callbacks get memoryviews; said by the first map */
    PyObject *event_type; /* borrowed from the last source; NULL: bytes */
    PyObject *names;      /* owned; list of the names of its maps, also after close */
    struct tb_ring_options defaults; /* owned */
} RingBuffer;

/* Check the kind of map and callback; 0, or -1 with an exception. */
static int
check_types(RingBuffer *self, const struct tb_ring_source_request *request)
{
    struct tb_state *state = tb_state_of(self);
    PyObject *map = (PyObject *)request->map, *callback = request->callback;

    if (Py_TYPE(map) != state->types[TB_TYPE_MAP]) {
        PyErr_Format(PyExc_TypeError, "map must be a BpfMap, not %R", Py_TYPE(map));
        return -1;
    }
    if (request->map->traits.type != BPF_MAP_TYPE_RINGBUF) {
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

/* Check that it goes with what was added before; 0, or -1 with an exception. */
static int
check_mode(RingBuffer *self, const struct tb_ring_source_request *request)
{
    struct tb_state *state = tb_state_of(self);
    PyObject *name = request->map->name;
    enum mode mode = request->callback ? MODE_CALLBACK : MODE_ITERATOR;
    const char *text = NULL;

    if (tb_stream_has(&self->reader.stream, tb_map_origin(request->map))) {
        tb_error_raise(state, TB_ERROR, EEXIST, "map %R was already added", name);
        return -1;
    }
    if (self->mode != MODE_NONE && self->mode != mode) {
        text = "Cannot mix callback and iterator mode: the maps of one buffer all have "
               "a callback, or none has (adding map %R)";
    }
    else if (request->as_view && mode == MODE_ITERATOR) {
        text = "Cannot use as_memoryview in iterator mode: it requires a callback, "
               "during which the record is there (adding map %R)";
    }
    else if (request->as_view &&
             (request->event.type != NULL || request->event.otherwise != NULL)) {
        text = "Cannot use as_memoryview with event_type: a callback gets one or the "
               "other (adding map %R)";
    }
    else if (self->mode == MODE_ITERATOR && request->codec.type != self->event_type) {
        text =
            "Cannot mix event types in iterator mode: event_type is the same for all "
            "maps of one buffer (adding map %R)";
    }
    else if (self->mode == MODE_CALLBACK && request->as_view != self->as_view) {
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

/* Add a map whose request is complete. */
static int
add_source(RingBuffer *self, const struct tb_ring_source_request *request)
{
    struct tb_stream_source *source;

    if (check_mode(self, request) < 0) {
        return -1;
    }
    source = tb_ring_source_new(request);
    if (source == NULL ||
        tb_stream_add_steal(tb_state_of(self), &self->reader.stream, source) < 0) {
        return -1;
    }
    self->mode = request->callback ? MODE_CALLBACK : MODE_ITERATOR;
    self->as_view = request->as_view;
    self->event_type = request->codec.type;
    return PyList_Append(self->names, request->map->name);
}

/* Add a map: settle its codec, then its source; 0, or -1 with an exception. */
static int
add(RingBuffer *self, struct tb_ring_source_request *request)
{
    int rc;

    request->event.is_view = request->as_view;
    if (check_types(self, request) < 0 ||
        tb_event_codec(request->map, &request->event, &request->codec) < 0) {
        return -1;
    }
    rc = add_source(self, request);
    Py_CLEAR(request->codec.type);
    return rc;
}

/* Where records are iterated they all have one type: that of a map holds for those that
 * are added later. */
static PyObject *
ringbuf_add(PyObject *op, PyObject *args, PyObject *kwargs)
{
    RingBuffer *self = (RingBuffer *)op;
    struct tb_ring_source_request request;
    struct tb_ring_options options;

    if (tb_ring_options_read(args, kwargs, "O|OO$OOO:add", &request, &options) < 0 ||
        tb_stream_check(tb_state_of(op), &self->reader.stream) < 0 ||
        tb_ring_options_settle(&options, &self->defaults, &request) < 0 ||
        add(self, &request) < 0) {
        return NULL;
    }
    if (self->mode == MODE_ITERATOR && self->defaults.event_type == NULL) {
        Py_XINCREF(options.event_type);
        self->defaults.event_type = options.event_type;
    }
    Py_RETURN_NONE;
}

/* Open it and add the first map, if there is one; 0, or -1 with an exception. */
static int
start(RingBuffer *self, const struct tb_ring_options *options,
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
    if (request->map != NULL && add(self, request) < 0) {
        tb_stream_close(&self->reader.stream);
        return -1;
    }
    return 0;
}

static PyObject *
ringbuf_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    struct tb_ring_source_request request;
    struct tb_ring_options options;
    RingBuffer *self;

    if (tb_ring_options_read(args, kwargs, "|OOO$OOO:BpfRingBuffer", &request,
                             &options) < 0) {
        return NULL;
    }
    request.map = (PyObject *)request.map == Py_None ? NULL : request.map;
    self = (RingBuffer *)PyType_GenericAlloc(type, 0);
    if (self == NULL || start(self, &options, &request) == 0) {
        return (PyObject *)self;
    }
    Py_DECREF(self);
    return NULL;
}

/* Check that it has no callbacks; 0, or -1 with an exception. One that is closed gives
 * out what it has read. */
static int
check_iterable(RingBuffer *self)
{
    struct tb_state *state = tb_state_of(self);

    if (self->mode == MODE_CALLBACK) {
        tb_error_raise(state, TB_ERROR, EINVAL,
                       "Cannot iterate on callback-mode ring buffer: add its maps "
                       "without a callback");
        return -1;
    }
    return 0;
}

/* Read what is there, behind what poll() queued; then the buffer is the iterator of
 * just that, so that a producer that never stops cannot keep a loop for ever. */
static PyObject *
ringbuf_iter(PyObject *op)
{
    struct tb_stream *stream = &((BpfReader *)op)->stream;
    Py_ssize_t n_read = 0;
    int rc;

    if (check_iterable((RingBuffer *)op) < 0) {
        return NULL;
    }
    if (!stream->is_open) {
        return tb_new_ref(op);
    }
    if (tb_stream_enter(tb_state_of(op), stream) < 0) {
        return NULL;
    }
    rc = tb_stream_drain(stream, &n_read);
    tb_stream_leave(stream);
    return rc < 0 ? NULL : tb_new_ref(op);
}

static PyObject *
ringbuf_iternext(PyObject *op)
{
    struct tb_queue_record record;

    if (check_iterable((RingBuffer *)op) < 0 ||
        !tb_queue_pop(&((BpfReader *)op)->stream.queue, &record)) {
        return NULL;
    }
    Py_DECREF(record.map_name);
    return record.data;
}

/* Of tinybpf/_async.py: the next (map_name, data) of the queue; None: it is empty. */
static PyObject *
ringbuf_take(PyObject *op, PyObject *unused)
{
    struct tb_queue_record record;

    (void)unused;
    if (check_iterable((RingBuffer *)op) < 0) {
        return NULL;
    }
    if (!tb_queue_pop(&((BpfReader *)op)->stream.queue, &record)) {
        Py_RETURN_NONE;
    }
    return Py_BuildValue("(NN)", record.map_name, record.data);
}

/* Call tinybpf._async.<function>(op, arg); without arg if it is NULL. */
static PyObject *
call_async(PyObject *op, const char *function, PyObject *arg)
{
    PyObject *module = PyImport_ImportModule("tinybpf._async");
    PyObject *callable = module ? tb_args_attr(module, function) : NULL;
    PyObject *result = NULL;

    if (callable != NULL) {
        result = PyObject_CallFunctionObjArgs(callable, op, arg, NULL);
    }
    Py_XDECREF(module);
    Py_XDECREF(callable);
    return result;
}

static PyObject *
ringbuf_poll_async(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"timeout_ms", NULL};
    PyObject *number, *result;
    int timeout_ms = -1;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|i:poll_async", (char **)names,
                                     &timeout_ms) ||
        tb_stream_check(tb_state_of(op), &((BpfReader *)op)->stream) < 0) {
        return NULL;
    }
    number = PyLong_FromLong(timeout_ms);
    result = number ? call_async(op, "poll", number) : NULL;
    Py_XDECREF(number);
    return result;
}

static PyObject *
ringbuf_aiter(PyObject *op)
{
    return check_iterable((RingBuffer *)op) < 0 ? NULL
                                                : call_async(op, "records", NULL);
}

static PyObject *
ringbuf_events(PyObject *op, PyObject *unused)
{
    (void)unused;
    return check_iterable((RingBuffer *)op) < 0 ? NULL : call_async(op, "events", NULL);
}

static PyObject *
ringbuf_aenter(PyObject *op, PyObject *unused)
{
    (void)unused;
    if (tb_stream_check(tb_state_of(op), &((BpfReader *)op)->stream) < 0) {
        return NULL;
    }
    return call_async(op, "enter", NULL);
}

static PyObject *
ringbuf_aexit(PyObject *op, PyObject *unused)
{
    (void)unused;
    return call_async(op, "leave", NULL);
}

/* <BpfRingBuffer map='events' callback open>, <BpfRingBuffer (no maps) closed> */
static PyObject *
ringbuf_repr(PyObject *op)
{
    static const char *const modes[] = {
        [MODE_NONE] = "",
        [MODE_CALLBACK] = " callback",
        [MODE_ITERATOR] = " iterator",
    };
    const RingBuffer *self = (RingBuffer *)op;
    const char *state = self->reader.stream.is_open ? "open" : "closed";
    Py_ssize_t n = self->names ? PyList_Size(self->names) : 0;

    if (n == 0) {
        return PyUnicode_FromFormat("<BpfRingBuffer (no maps) %s>", state);
    }
    return PyUnicode_FromFormat("<BpfRingBuffer %s=%R%s %s>", n == 1 ? "map" : "maps",
                                n == 1 ? PyList_GetItem(self->names, 0) : self->names,
                                modes[self->mode], state);
}

static int
ringbuf_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((RingBuffer *)op)->names);
    Py_VISIT(((RingBuffer *)op)->defaults.as_view);
    Py_VISIT(((RingBuffer *)op)->defaults.event_type);
    Py_VISIT(((RingBuffer *)op)->defaults.check_names);
    return tb_reader_traverse(op, visit, arg);
}

static void
ringbuf_dealloc(PyObject *op)
{
    RingBuffer *self = (RingBuffer *)op;

    if (tb_state_finish(op, tb_reader_finalize, &self->reader.is_finished)) {
        Py_CLEAR(self->names);
        tb_ring_options_drop(&self->defaults);
        tb_state_free(op);
    }
}

static PyMethodDef methods[] = {
    {"add", TB_METHOD(ringbuf_add), METH_VARARGS | METH_KEYWORDS,
     "add($self, map, callback=None, as_memoryview=None, *, event_type=None, "
     "validate_btf_struct=None, validate_field_names=None)\n--\n\n"
     "Consume one more ring buffer."},
    {"poll", TB_METHOD(tb_reader_poll), METH_VARARGS | METH_KEYWORDS,
     "poll($self, timeout_ms=-1)\n--\n\n"
     "Wait for records and hand them to the callbacks, or queue them to be iterated."},
    {"consume", tb_reader_consume, METH_NOARGS,
     "consume($self)\n--\n\n"
     "Hand over, or queue, the records that are there, without waiting."},
    {"poll_async", TB_METHOD(ringbuf_poll_async), METH_VARARGS | METH_KEYWORDS,
     "poll_async($self, timeout_ms=-1)\n--\n\n"
     "Do as poll(), in an asyncio task that waits without blocking its event loop."},
    {"events", ringbuf_events, METH_NOARGS,
     "events($self)\n--\n\n"
     "Return an asynchronous iterator of records with the names of their maps."},
    {"epoll_fd", tb_reader_fileno, METH_NOARGS,
     "epoll_fd($self)\n--\n\n"
     "Return the epoll descriptor that is readable when records wait."},
    {"fileno", tb_reader_fileno, METH_NOARGS,
     "fileno($self)\n--\n\n"
     "Return the epoll descriptor, for select() and event loops."},
    {"close", tb_reader_close, METH_NOARGS,
     "close($self)\n--\n\n"
     "Unmap the rings; may be called again, and while another thread polls."},
    {"_take", ringbuf_take, METH_NOARGS, "_take($self)\n--\n\n"},
    {"_wait", tb_reader_wait, METH_NOARGS, "_wait($self)\n--\n\n"},
    {"__enter__", tb_reader_enter, METH_NOARGS, NULL},
    {"__exit__", tb_reader_exit, METH_VARARGS, NULL},
    {"__aenter__", ringbuf_aenter, METH_NOARGS, NULL},
    {"__aexit__", ringbuf_aexit, METH_VARARGS, NULL},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc,
     "BpfRingBuffer(map=None, callback=None, as_memoryview=False, *, event_type=None, "
     "validate_btf_struct=None, validate_field_names=True)\n--\n\n"
     "Consumer of one or more ring buffers, by callbacks or as an iterator.\n"
     "\n"
     "    with tinybpf.BpfRingBuffer(obj.maps[\"events\"]) as ring:\n"
     "        while ring.poll():\n"
     "            for data in ring:\n"
     "                print(data)\n"
     "    with tinybpf.BpfRingBuffer(obj.maps[\"events\"], callback=print) as ring:\n"
     "        ring.poll(timeout_ms=1000)\n"
     "\n"
     "Without callbacks poll() and consume() queue the records, and `for data in ring` "
     "gives\n"
     "out what was queued and what is there, then ends; `async for data in ring` waits "
     "for\n"
     "more, in any number of asyncio tasks. With event_type=... records are instances "
     "of that\n"
     "class in place of bytes."},
    {Py_tp_new, ringbuf_new},
    {Py_tp_methods, methods},
    {Py_tp_repr, ringbuf_repr},
    {Py_tp_iter, ringbuf_iter},
    {Py_tp_iternext, ringbuf_iternext},
    {Py_am_aiter, ringbuf_aiter},
    {Py_tp_traverse, ringbuf_traverse},
    {Py_tp_finalize, tb_reader_finalize},
    {Py_tp_dealloc, ringbuf_dealloc},
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
