/* SPDX-License-Identifier: MIT
 *
 * The class BpfPerfBuffer: it has callbacks only, and counts what was lost.
 */
#include "stream/perfbuf.h"

#include "base/libbpf.h"
#include "error/raise.h"
#include "stream/perf_source.h"
#include "stream/reader.h"

#include <errno.h>

#define DEFAULT_PAGES 64
#define MAX_PAGES (1 << 24)

typedef struct {
    BpfReader reader;
    uint64_t n_lost; /* records of all CPUs that found no room, as far as known */
} PerfBuffer;

/* Check the kind of map, callbacks and pages; 0, or -1 with an exception. */
static int
check_request(struct tb_state *state, const struct tb_perf_source_request *request,
              Py_ssize_t n_pages)
{
    PyObject *map = (PyObject *)request->map;

    if (Py_TYPE(map) != state->types[TB_TYPE_MAP]) {
        PyErr_Format(PyExc_TypeError, "map must be a BpfMap, not %R", Py_TYPE(map));
        return -1;
    }
    if (request->map->traits.type != BPF_MAP_TYPE_PERF_EVENT_ARRAY) {
        tb_error_raise(state, TB_ERROR, EINVAL,
                       "cannot consume %R: expected PERF_EVENT_ARRAY", map);
        return -1;
    }
    if (request->sample_callback == Py_None) {
        tb_error_raise(state, TB_ERROR, EINVAL,
                       "map %R requires a callback: a function of a CPU and a record",
                       request->map->name);
        return -1;
    }
    if (!PyCallable_Check(request->sample_callback) ||
        (request->lost_callback != NULL && !PyCallable_Check(request->lost_callback))) {
        PyErr_SetString(PyExc_TypeError, "callbacks must be callable");
        return -1;
    }
    if (n_pages < 1 || n_pages > MAX_PAGES || (n_pages & (n_pages - 1)) != 0) {
        PyErr_Format(PyExc_ValueError,
                     "page_count must be a power of 2 from 1 to %d, not %zd", MAX_PAGES,
                     n_pages);
        return -1;
    }
    return 0;
}

/* A buffer that was made is open, and its map full: whatever fails takes all back. */
static PyObject *
perfbuf_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {
        "map",        "sample_callback",     "lost_callback",        "page_count",
        "event_type", "validate_btf_struct", "validate_field_names", NULL};
    struct tb_perf_source_request request = {.event.check_names = 1};
    Py_ssize_t n_pages = DEFAULT_PAGES;
    struct tb_state *state;
    PerfBuffer *self;

    if (!PyArg_ParseTupleAndKeywords(
            args, kwargs, "OO|OnOOp:BpfPerfBuffer", (char **)names, &request.map,
            &request.sample_callback, &request.lost_callback, &n_pages,
            &request.event.type, &request.event.btf_name, &request.event.check_names)) {
        return NULL;
    }
    self = (PerfBuffer *)PyType_GenericAlloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    if (request.lost_callback == Py_None) {
        request.lost_callback = NULL;
    }
    if (request.event.btf_name == Py_None) {
        request.event.btf_name = NULL;
    }
    request.n_pages = (size_t)n_pages;
    request.n_lost = &self->n_lost;
    state = tb_state_of(self);
    if (check_request(state, &request, n_pages) == 0 &&
        tb_stream_open(state, &self->reader.stream, "perf buffer") == 0) {
        if (tb_perf_source_add_all(&self->reader.stream, &request) == 0) {
            return (PyObject *)self;
        }
        tb_stream_close(&self->reader.stream);
    }
    Py_DECREF(self);
    return NULL;
}

static PyObject *
perfbuf_lost(PyObject *op, void *unused)
{
    (void)unused;
    return PyLong_FromUnsignedLongLong(((PerfBuffer *)op)->n_lost);
}

static PyObject *
perfbuf_repr(PyObject *op)
{
    const struct tb_stream *stream = &((BpfReader *)op)->stream;

    if (!stream->is_open) {
        return PyUnicode_FromString("<BpfPerfBuffer closed>");
    }
    return PyUnicode_FromFormat("<BpfPerfBuffer open, cpus=%zu, lost=%llu>",
                                stream->n_sources,
                                (unsigned long long)((PerfBuffer *)op)->n_lost);
}

static PyMethodDef methods[] = {
    {"poll", TB_METHOD(tb_reader_poll), METH_VARARGS | METH_KEYWORDS,
     "poll($self, timeout_ms=-1)\n--\n\n"
     "Wait for records and hand them to the callbacks."},
    {"consume", tb_reader_consume, METH_NOARGS,
     "consume($self)\n--\n\n"
     "Hand the records that are there to the callbacks, without waiting."},
    {"epoll_fd", tb_reader_fileno, METH_NOARGS,
     "epoll_fd($self)\n--\n\n"
     "Return the epoll descriptor that becomes readable when records are written."},
    {"fileno", tb_reader_fileno, METH_NOARGS,
     "fileno($self)\n--\n\n"
     "Return the epoll descriptor, for select() and event loops."},
    {"close", tb_reader_close, METH_NOARGS,
     "close($self)\n--\n\n"
     "Unmap the rings; may be called again, and while another thread polls."},
    {"__enter__", tb_reader_enter, METH_NOARGS, NULL},
    {"__exit__", tb_reader_exit, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef getset[] = {
    {"lost", perfbuf_lost, NULL,
     "Number of records that found no room, as far as the kernel has told.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc,
     "BpfPerfBuffer(map, sample_callback, lost_callback=None, "
     "page_count=64, event_type=None, validate_btf_struct=None, "
     "validate_field_names=True)\n--\n\n"
     "Consumer of a perf event array, by callbacks.\n"
     "\n"
     "    def sample(cpu, data):\n"
     "        print(cpu, data)\n"
     "\n"
     "    with tinybpf.BpfPerfBuffer(obj.maps[\"events\"], sample) as buffer:\n"
     "        buffer.poll(timeout_ms=1000)\n"
     "        print(buffer.lost)\n"
     "\n"
     "The kernel pads records to 8 * n + 4 bytes."},
    {Py_tp_new, perfbuf_new},
    {Py_tp_methods, methods},
    {Py_tp_getset, getset},
    {Py_tp_repr, perfbuf_repr},
    {Py_tp_traverse, tb_reader_traverse},
    {Py_tp_finalize, tb_reader_finalize},
    {Py_tp_dealloc, tb_reader_dealloc},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf.BpfPerfBuffer",
    .basicsize = sizeof(PerfBuffer),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_perfbuf_add(PyObject *module)
{
    return tb_state_add_type(module, TB_TYPE_PERFBUF, &spec);
}
