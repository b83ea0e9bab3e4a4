/* SPDX-License-Identifier: MIT
 *
 * Run-time statistics (program/stats.h): the kernel counts for as long as somebody has
 * a descriptor of BPF_ENABLE_STATS, so that users of it do not disturb each other, as
 * those of sysctl kernel.bpf_stats_enabled do. The class is here whole.
 */
#include "program/stats.h"

#include "base/libbpf.h"
#include "base/state.h"
#include "error/raise.h"
#include "host/hint.h"

#include <unistd.h>

typedef struct {
    PyObject_HEAD
    int fd; /* owned; -1 after close */
    int is_finished;
} BpfStats;

/* The instance is made first: nothing can fail behind the call. */
PyObject *
tb_stats_enable(PyObject *module, PyObject *unused)
{
    struct tb_state *state = tb_state_of_module(module);
    struct tb_hint hint = {.lacking = 0};
    struct tb_failure failure = {.hint = &hint};
    BpfStats *self = tb_state_new(state, TB_TYPE_STATS);
    int fd;

    (void)unused;
    if (self == NULL) {
        return NULL;
    }
    fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
    self->fd = fd < 0 ? -1 : fd;
    if (fd >= 0) {
        return (PyObject *)self;
    }
    Py_DECREF(self);
    failure.err = fd;
    tb_hint_of_admin("counting", "the runs of programs", &hint);
    return tb_error_refused(state, &failure, "enable of run-time statistics");
}

static PyObject *
stats_close(PyObject *op, PyObject *unused)
{
    BpfStats *self = (BpfStats *)op;
    int fd = self->fd;

    (void)unused;
    self->fd = -1;
    if (fd >= 0) {
        close(fd);
    }
    Py_RETURN_NONE;
}

static PyObject *
stats_enter(PyObject *op, PyObject *unused)
{
    (void)unused;
    if (((BpfStats *)op)->fd < 0) {
        return tb_error_raise(tb_state_of(op), TB_ERROR_CLOSED, 0,
                              "the statistics are closed: call enable_stats() again");
    }
    return tb_new_ref(op);
}

static PyObject *
stats_fd(PyObject *op, void *unused)
{
    (void)unused;
    return PyLong_FromLong(((BpfStats *)op)->fd);
}

static PyObject *
stats_repr(PyObject *op)
{
    int fd = ((BpfStats *)op)->fd;

    return fd < 0 ? PyUnicode_FromString("<BpfStats closed>")
                  : PyUnicode_FromFormat("<BpfStats fd=%d>", fd);
}

static int
stats_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    return 0;
}

static void
stats_finalize(PyObject *op)
{
    tb_state_finalize(op, ((BpfStats *)op)->fd >= 0 ? PyExc_ResourceWarning : NULL,
                      "unclosed %R", stats_close);
}

static void
stats_dealloc(PyObject *op)
{
    if (tb_state_finish(op, stats_finalize, &((BpfStats *)op)->is_finished)) {
        tb_state_free(op);
    }
}

static PyMethodDef methods[] = {
    {"close", stats_close, METH_NOARGS,
     "close($self)\n--\n\nStop counting for this caller; may be called again."},
    {"__enter__", stats_enter, METH_NOARGS, NULL},
    {"__exit__", stats_close, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef getset[] = {
    {"fd", stats_fd, NULL, "Descriptor that the kernel counts for; -1 once closed.",
     NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "What keeps the kernel counting the runs of programs."},
    {Py_tp_new, tb_state_no_new},
    {Py_tp_methods, methods},
    {Py_tp_getset, getset},
    {Py_tp_repr, stats_repr},
    {Py_tp_traverse, stats_traverse},
    {Py_tp_finalize, stats_finalize},
    {Py_tp_dealloc, stats_dealloc},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf.BpfStats",
    .basicsize = sizeof(BpfStats),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_stats_add(PyObject *module)
{
    return tb_state_add_type(module, TB_TYPE_STATS, &spec);
}
