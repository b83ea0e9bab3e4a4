/* SPDX-License-Identifier: MIT
 *
 * test_run(), and TestRun, the named tuple of what comes back.
 */
#include "program/test_run.h"

#include "base/libbpf.h"
#include "error/code.h"
#include "error/raise.h"
#include "host/hint.h"
#include "owner/program.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A program may make a packet longer, up to what a socket buffer holds. */
#define HEADROOM (64 * 1024)

#define N_FIELDS 4 /* of a TestRun */

/* What a run is given and gives back. */
struct run {
    Py_buffer data, ctx; /* owned; obj NULL if not given */
    void *data_out;      /* owned; malloc'ed; NULL if no data was given */
    void *ctx_out;       /* owned; malloc'ed; begins as a copy of ctx */
};

static void
run_free(struct run *run)
{
    if (run->data.obj != NULL) {
        PyBuffer_Release(&run->data);
    }
    if (run->ctx.obj != NULL) {
        PyBuffer_Release(&run->ctx);
    }
    free(run->data_out);
    free(run->ctx_out);
}

/* Take a bytes-like argument, None for none, and room for what comes back of it;
 * 0, or -1 with an exception. */
static int
take_buffer(PyObject *arg, Py_buffer *view, size_t headroom, void **out)
{
    if (arg == NULL || arg == Py_None) {
        return 0;
    }
    if (PyObject_GetBuffer(arg, view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    if (view->len > INT32_MAX - HEADROOM) {
        PyErr_SetString(PyExc_ValueError, "data is longer than the kernel takes");
        return -1;
    }
    *out = malloc((size_t)view->len + headroom + 1);
    if (*out == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    memcpy(*out, view->buf, (size_t)view->len);
    return 0;
}

/* Types whose run refuses room for a context, and writes into the one that it was
 * given, if it changes it (net/bpf/test_run.c, bpf_prog_test_run_syscall). */
static int
changes_ctx_in_place(enum bpf_prog_type type)
{
    return type == BPF_PROG_TYPE_SYSCALL || type == BPF_PROG_TYPE_RAW_TRACEPOINT ||
           type == BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE ||
           type == BPF_PROG_TYPE_TRACING;
}

/* Say what is given and where there is room: a packet may grow, a context may not. */
static void
fill_opts(const struct run *run, enum bpf_prog_type type,
          struct bpf_test_run_opts *opts)
{
    if (run->data_out != NULL) {
        opts->data_in = run->data.buf;
        opts->data_size_in = (uint32_t)run->data.len;
        opts->data_out = run->data_out;
        opts->data_size_out = (uint32_t)run->data.len + HEADROOM;
    }
    if (run->ctx_out != NULL) {
        opts->ctx_in = run->ctx_out;
        opts->ctx_size_in = (uint32_t)run->ctx.len;
        opts->ctx_size_out = (uint32_t)run->ctx.len;
    }
    if (run->ctx_out != NULL && !changes_ctx_in_place(type)) {
        opts->ctx_in = run->ctx.buf;
        opts->ctx_out = run->ctx_out;
    }
    else {
        opts->ctx_size_out = 0;
    }
}

/* bytes of what came back, None if nothing was given. */
static PyObject *
out_bytes(const void *out, uint32_t size)
{
    if (out == NULL) {
        Py_RETURN_NONE;
    }
    return PyBytes_FromStringAndSize(out, (Py_ssize_t)size);
}

/* The field of a TestRun at a place, of a run that is over. */
static PyObject *
make_field(const struct run *run, const struct bpf_test_run_opts *opts, Py_ssize_t at)
{
    switch (at) {
    case 0:
        return PyLong_FromUnsignedLong(opts->retval);
    case 1:
        return out_bytes(run->data_out, opts->data_size_out);
    case 2:
        return out_bytes(run->ctx_out,
                         opts->ctx_out ? opts->ctx_size_out : opts->ctx_size_in);
    default:
        return PyLong_FromUnsignedLong(opts->duration);
    }
}

/* A new TestRun of a run that is over. */
static PyObject *
make_result(struct tb_state *state, const struct run *run,
            const struct bpf_test_run_opts *opts)
{
    PyObject *result = PyStructSequence_New(state->types[TB_TYPE_TEST_RUN]);

    for (Py_ssize_t i = 0; result != NULL && i < N_FIELDS; i++) {
        PyObject *field = make_field(run, opts, i);

        if (field == NULL) {
            Py_CLEAR(result);
        }
        else {
            PyStructSequence_SetItem(result, i, field);
        }
    }
    return result;
}

/* Whether the kernel cannot run a program without its hook: it says so, or EFAULT for
 * those bound to BTF that are neither before nor behind a function
 * (bpf_prog_test_run_tracing, net/bpf/test_run.c). */
static int
is_unrunnable(const struct bpf_program *program, int err)
{
    enum bpf_prog_type type = bpf_program__type(program);
    enum bpf_attach_type attach = bpf_program__expected_attach_type(program);

    if (err != -EFAULT) {
        return tb_error_is_unsupported(err);
    }
    return type == BPF_PROG_TYPE_LSM ||
           (type == BPF_PROG_TYPE_TRACING &&
            (attach == BPF_TRACE_RAW_TP || attach == BPF_TRACE_ITER));
}

/* Say what the kernel's bare errno does not. */
static void *
raise_run(BpfProgram *self, const struct run *run, int err)
{
    struct tb_state *state = tb_state_of(self);
    struct tb_hint hint = {.lacking = 0};
    struct tb_failure failure = {.err = err, .hint = &hint};

    if (is_unrunnable(self->handle, err)) {
        return tb_error_raise(state, TB_ERROR_NOT_SUPPORTED, -err,
                              "test run of program %R failed: this kernel cannot run "
                              "programs of its type without their hook",
                              self->name);
    }
    if (err == -EINTR) {
        return tb_error_raise(state, TB_ERROR, EINTR,
                              "test run of program %R failed: Interrupted system call: "
                              "a signal came before the last of its runs",
                              self->name);
    }
    if (err == -EINVAL) {
        return tb_error_raise(
            state, TB_ERROR, EINVAL,
            "test run of program %R failed: Invalid argument; %s", self->name,
            run->data_out != NULL ? "a packet has 14 bytes at least, and tracing "
                                    "programs take none: give ctx"
                                  : "a networking program needs data, a packet");
    }
    tb_hint_of_call("running", "a program", &hint);
    return tb_error_refused(state, &failure, "test run of program %R", self->name);
}

/* Run without the GIL; a new TestRun. A signal ends a run of many
 * (bpf_test_timer_continue, net/bpf/test_run.c): what its handler raises is why. Behind
 * a handler that returns nothing is run again, for nobody knows how often the program
 * has run by then. */
static PyObject *
run_program(BpfProgram *self, const struct run *run, struct bpf_test_run_opts *opts)
{
    struct bpf_program *handle = tb_program_loaded(self);
    int fd, err;

    if (handle == NULL || tb_object_acquire(self->object) == NULL) {
        return NULL;
    }
    fd = bpf_program__fd(handle);
    fill_opts(run, bpf_program__type(handle), opts);
    Py_BEGIN_ALLOW_THREADS
    err = bpf_prog_test_run_opts(fd, opts);
    Py_END_ALLOW_THREADS
    tb_object_release(self->object);
    if (PyErr_CheckSignals() < 0) {
        return NULL;
    }
    return err < 0 ? raise_run(self, run, err)
                   : make_result(tb_state_of(self), run, opts);
}

PyObject *
tb_program_test_run(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"data", "ctx",        "repeat", "flags",
                                        "cpu",  "batch_size", NULL};
    LIBBPF_OPTS(bpf_test_run_opts, opts);
    PyObject *data = NULL, *ctx = NULL, *result = NULL;
    struct run run = {{.obj = NULL}, {.obj = NULL}, NULL, NULL};

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|OOiIII:test_run", (char **)names,
                                     &data, &ctx, &opts.repeat, &opts.flags, &opts.cpu,
                                     &opts.batch_size)) {
        return NULL;
    }
    if (take_buffer(data, &run.data, HEADROOM, &run.data_out) == 0 &&
        take_buffer(ctx, &run.ctx, 0, &run.ctx_out) == 0) {
        result = run_program((BpfProgram *)self, &run, &opts);
    }
    run_free(&run);
    return result;
}

static const PyStructSequence_Field fields[N_FIELDS + 1] = {
    {"retval", "What the program returned, as an unsigned 32-bit number."},
    {"data", "The packet as the program left it; None if none was given."},
    {"ctx", "The context as the program left it; None if none was given."},
    {"duration_ns", "Time of one run in nanoseconds, the mean over repeat."},
    {NULL, NULL},
};

/* TestRun is a struct sequence, which no type spec can make. */
int
tb_test_run_add(PyObject *module)
{
    struct tb_state *state = tb_state_of_module(module);
    PyStructSequence_Desc description = {
        .name = "tinybpf.TestRun",
        .doc = "What BpfProgram.test_run() gives back.",
        .fields = (PyStructSequence_Field *)fields,
        .n_in_sequence = N_FIELDS,
    };
    PyTypeObject *type = PyStructSequence_NewType(&description);

    if (type == NULL) {
        return -1;
    }
    state->types[TB_TYPE_TEST_RUN] = type;
    Py_INCREF(type);
    if (PyModule_AddObject(module, "TestRun", (PyObject *)type) == 0) {
        return 0;
    }
    Py_DECREF(type);
    return -1;
}
