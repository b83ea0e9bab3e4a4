/* SPDX-License-Identifier: MIT
 *
 * test_run(), and TestRun, the named tuple of what comes back.
 */
#include "program/test_run.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "error/code.h"
#include "error/raise.h"
#include "host/hint.h"
#include "owner/program.h"
#include "program/context.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A program may make a packet longer, up to what a socket buffer holds. */
#define HEADROOM (64 * 1024)

#define N_FIELDS 4 /* of a TestRun */

enum { REPEAT, FLAGS, CPU, BATCH, N_NUMBERS }; /* what test_run() takes of them */

/* What a run is given and gives back. */
struct run {
    Py_buffer data;        /* owned; obj NULL if not given */
    struct tb_context ctx; /* owned; no data if not given */
    void *data_out;        /* owned; malloc'ed; NULL if no data was given */
    void *ctx_out;         /* owned; malloc'ed; begins as a copy of ctx */
};

static void
run_free(struct run *run)
{
    if (run->data.obj != NULL) {
        PyBuffer_Release(&run->data);
    }
    tb_context_free(&run->ctx);
    free(run->data_out);
    free(run->ctx_out);
}

/* A copy with room behind it, malloc'ed; NULL with an exception. */
static void *
copy(const void *data, size_t size, size_t headroom)
{
    void *out;

    if (size > INT32_MAX - HEADROOM) {
        PyErr_SetString(PyExc_ValueError, "data is longer than the kernel takes");
        return NULL;
    }
    out = malloc(size + headroom + 1);
    if (out == NULL) {
        return PyErr_NoMemory();
    }
    return memcpy(out, data, size);
}

/* Take the packet, a bytes-like object or None, and room for what becomes of it; 0, or
 * -1 with an exception. */
static int
take_data(PyObject *arg, struct run *run)
{
    if (!tb_args_is_given(arg)) {
        return 0;
    }
    if (PyObject_GetBuffer(arg, &run->data, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    run->data_out = copy(run->data.buf, (size_t)run->data.len, HEADROOM);
    return run->data_out ? 0 : -1;
}

/* The same of the context, which keeps its size. */
static int
take_ctx(BpfProgram *self, PyObject *arg, struct run *run)
{
    if (!tb_args_is_given(arg)) {
        return 0;
    }
    if (tb_context_read(self, arg, &run->ctx) < 0) {
        return -1;
    }
    run->ctx_out = copy(run->ctx.data, run->ctx.size, 0);
    return run->ctx_out ? 0 : -1;
}

/* Take a number, if one is given; 0, or -1 with an exception. */
static int
take_number(PyObject *arg, const char *name, uint32_t max, uint32_t *out)
{
    uint64_t number = *out;

    if (tb_args_is_given(arg) && tb_args_number(arg, name, max, &number) < 0) {
        return -1;
    }
    *out = (uint32_t)number;
    return 0;
}

/* Take the numbers: how often, how, how many at a time, on which CPU; 0, or -1 with an
 * exception. */
static int
take_numbers(PyObject *const numbers[N_NUMBERS], struct bpf_test_run_opts *opts)
{
    uint32_t repeat = 0;

    if (take_number(numbers[REPEAT], "repeat", INT32_MAX, &repeat) < 0 ||
        take_number(numbers[FLAGS], "flags", UINT32_MAX, &opts->flags) < 0 ||
        take_number(numbers[BATCH], "batch_size", UINT32_MAX, &opts->batch_size) < 0 ||
        take_number(numbers[CPU], "cpu", INT32_MAX, &opts->cpu) < 0) {
        return -1;
    }
    opts->repeat = (int)repeat;
    if (tb_args_is_given(numbers[CPU])) {
        opts->flags |= BPF_F_TEST_RUN_ON_CPU;
    }
    return 0;
}

/* Types whose run refuses room for a context, and writes into the one that it was
 * given, if it changes it (net/bpf/test_run.c, bpf_prog_test_run_syscall). */
static int
changes_ctx_in_place(uint32_t type)
{
    return type == BPF_PROG_TYPE_SYSCALL || type == BPF_PROG_TYPE_RAW_TRACEPOINT ||
           type == BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE ||
           type == BPF_PROG_TYPE_TRACING;
}

/* Say what is given and where there is room: a packet may grow, a context may not. */
static void
fill_opts(const struct run *run, uint32_t type, struct bpf_test_run_opts *opts)
{
    if (run->data_out != NULL) {
        opts->data_in = run->data.buf;
        opts->data_size_in = (uint32_t)run->data.len;
        opts->data_out = run->data_out;
        opts->data_size_out = (uint32_t)run->data.len + HEADROOM;
    }
    if (run->ctx_out != NULL) {
        opts->ctx_in = run->ctx_out;
        opts->ctx_size_in = (uint32_t)run->ctx.size;
        opts->ctx_size_out = (uint32_t)run->ctx.size;
    }
    if (run->ctx_out != NULL && !changes_ctx_in_place(type)) {
        opts->ctx_in = run->ctx.data;
        opts->ctx_out = run->ctx_out;
    }
    else {
        opts->ctx_size_out = 0;
    }
}

/* The field of a TestRun at a place, of a run that is over. */
static PyObject *
make_field(const struct run *run, const struct bpf_test_run_opts *opts, Py_ssize_t at)
{
    switch (at) {
    case 0:
        return PyLong_FromUnsignedLong(opts->retval);
    case 1:
        return run->data_out ? PyBytes_FromStringAndSize(
                                   run->data_out, (Py_ssize_t)opts->data_size_out)
                             : tb_new_ref(Py_None);
    case 2:
        return run->ctx_out ? tb_context_decode(&run->ctx, run->ctx_out,
                                                opts->ctx_out ? opts->ctx_size_out
                                                              : opts->ctx_size_in)
                            : tb_new_ref(Py_None);
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
is_unrunnable(const BpfProgram *self, uint32_t type, int err)
{
    int attach = self->object && tb_object_is_open(self->object)
                     ? (int)bpf_program__expected_attach_type(self->handle)
                     : BPF_TRACE_RAW_TP;

    if (err != -EFAULT) {
        return tb_error_is_unsupported(err);
    }
    return type == BPF_PROG_TYPE_LSM ||
           (type == BPF_PROG_TYPE_TRACING &&
            (attach == BPF_TRACE_RAW_TP || attach == BPF_TRACE_ITER));
}

/* What EINVAL most probably means. */
static const char *
advice(const struct run *run, uint32_t type, const struct bpf_test_run_opts *opts)
{
    if (opts->flags & BPF_F_TEST_XDP_LIVE_FRAMES && type != BPF_PROG_TYPE_XDP) {
        return "live frames are for xdp programs";
    }
    if (changes_ctx_in_place(type)) {
        return run->data_out != NULL ? "tracing programs take no packet: give ctx"
               : opts->repeat != 0   ? "programs of this type take no repeat"
                                     : "ctx is shorter than what the program reads";
    }
    if (run->data_out == NULL) {
        return "a networking program needs data, a packet";
    }
    return run->data.len < ETH_HLEN
               ? "a packet has 14 bytes at least"
               : "the packet, the context or a flag is not what this type takes; cpu "
                 "is for tracing programs, batch_size for live frames";
}

/* Say what the kernel's bare errno does not. */
static void *
raise_run(BpfProgram *self, const struct run *run, uint32_t type,
          const struct bpf_test_run_opts *opts, int err)
{
    struct tb_state *state = tb_state_of(self);
    struct tb_hint hint = {.lacking = 0};
    struct tb_failure failure = {.err = err, .hint = &hint};

    if (is_unrunnable(self, type, err)) {
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
        return tb_error_raise(state, TB_ERROR, EINVAL,
                              "test run of program %R failed: Invalid argument; %s",
                              self->name, advice(run, type, opts));
    }
    if (err == -ENXIO && opts->flags & BPF_F_TEST_RUN_ON_CPU) {
        snprintf(hint.cause, sizeof(hint.cause), "CPU %u is not there, or not online",
                 opts->cpu);
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
    int fd = tb_program_acquire(self), err;
    uint32_t type;

    if (fd < 0) {
        return NULL;
    }
    type = tb_program_is_standalone(self) ? self->type
                                          : (uint32_t)bpf_program__type(self->handle);
    fill_opts(run, type, opts);
    Py_BEGIN_ALLOW_THREADS
    err = bpf_prog_test_run_opts(fd, opts);
    Py_END_ALLOW_THREADS
    tb_program_release(self);
    if (PyErr_CheckSignals() < 0) {
        return NULL;
    }
    return err < 0 ? raise_run(self, run, type, opts, err)
                   : make_result(tb_state_of(self), run, opts);
}

PyObject *
tb_program_test_run(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"data", "ctx",        "repeat",      "flags",
                                        "cpu",  "batch_size", "live_frames", NULL};
    LIBBPF_OPTS(bpf_test_run_opts, opts);
    PyObject *data = NULL, *ctx = NULL, *numbers[N_NUMBERS] = {NULL}, *result = NULL;
    struct run run = {.data_out = NULL};
    int is_live = 0;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|OOOOOOp:test_run", (char **)names,
                                     &data, &ctx, &numbers[REPEAT], &numbers[FLAGS],
                                     &numbers[CPU], &numbers[BATCH], &is_live)) {
        return NULL;
    }
    opts.flags = is_live ? BPF_F_TEST_XDP_LIVE_FRAMES : 0;
    if (take_numbers(numbers, &opts) == 0 && take_data(data, &run) == 0 &&
        take_ctx((BpfProgram *)self, ctx, &run) == 0) {
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
