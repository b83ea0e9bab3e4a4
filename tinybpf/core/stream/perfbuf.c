/* SPDX-License-Identifier: MIT
 *
 * Perf buffers (stream/perfbuf.h): how one is made. Whatever fails takes all back.
 */
#include "stream/perfbuf.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "error/raise.h"
#include "stream/perf_drain.h"
#include "stream/perf_source.h"

#include <errno.h>
#include <string.h>

#define DEFAULT_PAGES 64
#define MAX_PAGES (1 << 24)

/* The arguments that are settled here; those of the request are read into it. */
struct arguments {
    PyObject *pages, *cpus, *watermark, *period, *interval;
    const char *order;
    int is_overwritten;
};

/* Check the kind of map and callbacks; 0, or -1 with an exception. */
static int
check_request(struct tb_state *state, const struct tb_perf_source_request *request)
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
    if ((request->sample_callback != NULL &&
         !PyCallable_Check(request->sample_callback)) ||
        (request->lost_callback != NULL && !PyCallable_Check(request->lost_callback))) {
        PyErr_SetString(PyExc_TypeError, "callbacks must be callable");
        return -1;
    }
    return 0;
}

/* A whole number from 1 to max; the default where nothing is given. 0, or -1 with an
 * exception. */
static int
read_number(PyObject *given, const char *name, uint64_t max, uint64_t *out)
{
    if (!tb_args_is_given(given)) {
        return 0;
    }
    if (tb_args_number(given, name, max, out) < 0) {
        return -1;
    }
    if (*out == 0) {
        PyErr_Format(PyExc_ValueError, "%s must be 1 or more", name);
        return -1;
    }
    return 0;
}

/* Pages of each CPU; 0, or -1 with an exception. */
static int
read_pages(PyObject *given, size_t *out)
{
    Py_ssize_t n = given ? PyNumber_AsSsize_t(given, NULL) : DEFAULT_PAGES;

    if (n == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (n < 1 || n > MAX_PAGES || (n & (n - 1)) != 0) {
        PyErr_Format(PyExc_ValueError,
                     "page_count must be a power of 2 from 1 to %d, not %zd", MAX_PAGES,
                     n);
        return -1;
    }
    *out = (size_t)n;
    return 0;
}

/* When the kernel wakes a reader; 0, or -1 with an exception. */
static int
read_wakeups(const struct arguments *args, struct tb_perf_options *out)
{
    uint64_t period = 1, n_bytes = 0;

    if (read_number(args->period, "sample_period", UINT32_MAX, &period) < 0 ||
        read_number(args->watermark, "watermark", UINT32_MAX, &n_bytes) < 0) {
        return -1;
    }
    if (tb_args_is_given(args->watermark) && period != 1) {
        PyErr_SetString(PyExc_ValueError,
                        "watermark (bytes) and sample_period (records) both say when a "
                        "reader is woken: give one");
        return -1;
    }
    out->period = (uint32_t)period;
    out->n_bytes = (uint32_t)n_bytes;
    return 0;
}

/* Settle what the rings are like; 0, or -1 with an exception. */
static int
read_options(const struct arguments *args, struct tb_perf_source_request *request)
{
    struct tb_perf_options *options = &request->options;
    int is_merged = args->order != NULL && strcmp(args->order, "time") == 0;

    if (args->order != NULL && !is_merged && strcmp(args->order, "cpu") != 0) {
        PyErr_Format(PyExc_ValueError, "order must be 'cpu' or 'time', not '%s'",
                     args->order);
        return -1;
    }
    if (args->is_overwritten &&
        (request->sample_callback != NULL || request->lost_callback != NULL)) {
        PyErr_SetString(
            PyExc_ValueError,
            "overwrite=True takes no callbacks: snapshot() gives the records");
        return -1;
    }
    options->has_time = is_merged || args->is_overwritten;
    options->is_backward = args->is_overwritten;
    return read_pages(args->pages, &options->n_pages) < 0 ? -1
                                                          : read_wakeups(args, options);
}

/* Read all arguments; 0, or -1 with an exception. */
static int
read_arguments(PyObject *args, PyObject *kwargs, struct arguments *out,
               struct tb_perf_source_request *request)
{
    static const char *const names[] = {"map",
                                        "sample_callback",
                                        "lost_callback",
                                        "page_count",
                                        "event_type",
                                        "validate_btf_struct",
                                        "validate_field_names",
                                        "event_key",
                                        "partial",
                                        "cpus",
                                        "order",
                                        "watermark",
                                        "sample_period",
                                        "overwrite",
                                        "drain_interval",
                                        NULL};
    PyObject **const can_be_none[] = {&request->sample_callback,
                                      &request->lost_callback, &request->event.btf_name,
                                      &request->event.key, &out->cpus};

    *request = (struct tb_perf_source_request){.event.check_names = 1};
    *out = (struct arguments){.pages = NULL};
    if (!PyArg_ParseTupleAndKeywords(
            args, kwargs, "O|OOOOOp$OpOsOOpO:BpfPerfBuffer", (char **)names,
            &request->map, &request->sample_callback, &request->lost_callback,
            &out->pages, &request->event.type, &request->event.btf_name,
            &request->event.check_names, &request->event.key,
            &request->event.is_partial, &out->cpus, &out->order, &out->watermark,
            &out->period, &out->is_overwritten, &out->interval)) {
        return -1;
    }
    for (size_t i = 0; i < sizeof(can_be_none) / sizeof(can_be_none[0]); i++) {
        *can_be_none[i] = *can_be_none[i] == Py_None ? NULL : *can_be_none[i];
    }
    return read_options(out, request);
}

/* Open a buffer that was allocated; 0, or -1 with an exception. */
static int
start(BpfReader *self, struct tb_perf_source_request *request,
      const struct arguments *args)
{
    struct tb_stream *stream = &self->stream;
    struct tb_state *state = tb_state_of(self);

    if (check_request(state, request) < 0 ||
        tb_stream_open(state, stream, "perf buffer") < 0) {
        return -1;
    }
    stream->mode = request->sample_callback ? TB_STREAM_CALLBACK : TB_STREAM_ITERATOR;
    if (tb_reader_set_interval(self, args->interval) < 0 ||
        tb_perf_source_add_all(stream, request) < 0) {
        tb_stream_close(stream);
        return -1;
    }
    if (request->options.has_time && !request->options.is_backward) {
        stream->merge = tb_perf_drain_merged;
    }
    return 0;
}

PyObject *
tb_perfbuf_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    struct tb_perf_source_request request;
    struct arguments arguments;
    BpfReader *self;

    if (read_arguments(args, kwargs, &arguments, &request) < 0) {
        return NULL;
    }
    if (arguments.cpus != NULL) {
        request.cpus = PyFrozenSet_New(arguments.cpus);
        if (request.cpus == NULL) {
            return NULL;
        }
    }
    self = (BpfReader *)PyType_GenericAlloc(type, 0);
    if (self != NULL && start(self, &request, &arguments) < 0) {
        Py_CLEAR(self);
    }
    Py_XDECREF(request.cpus);
    return (PyObject *)self;
}
