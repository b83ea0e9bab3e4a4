/* SPDX-License-Identifier: MIT
 *
 * Loops in bytecode (stream/loop.h). The iterator lives as long as somebody has it, and
 * a frame may be kept: behind its call it is empty.
 */
#include "stream/loop.h"

#include "base/args.h"

typedef struct {
    PyObject_HEAD
    struct tb_loop *loop; /* borrowed; NULL behind the call */
} Events;

/* Numbers of any size will do (operator.index); 3.9 would take a float for one
 * otherwise. */
int
tb_loop_judge(PyObject *answer)
{
    Py_ssize_t number;

    if (answer == Py_None) {
        return 0;
    }
    number = PyNumber_AsSsize_t(answer, NULL);
    return number == -1 && PyErr_Occurred() ? -1 : number < 0;
}

PyObject *
tb_loop_new(void)
{
    PyObject *module = PyImport_ImportModule("tinybpf._callback");
    PyObject *function = module ? tb_args_call(module, "make", NULL) : NULL;

    Py_XDECREF(module);
    return function;
}

/* What raises here must not look like the end of the loop, as StopIteration would. */
static PyObject *
events_next(PyObject *op)
{
    struct tb_loop *loop = ((Events *)op)->loop;
    PyObject *event = loop && loop->rc == 0 ? loop->next(loop) : NULL;

    if (event == NULL && PyErr_Occurred()) {
        loop->rc = -1;
        PyErr_Fetch(&loop->type, &loop->value, &loop->traceback);
    }
    return event;
}

static PyObject *
events_judge(PyObject *op, PyObject *answer)
{
    struct tb_loop *loop = ((Events *)op)->loop;
    int verdict = tb_loop_judge(answer);

    if (verdict < 0) {
        return NULL;
    }
    if (verdict > 0 && loop != NULL) {
        loop->rc = 1;
    }
    Py_RETURN_NONE;
}

/* Whether an entry of a traceback is that of a function. */
static int
is_entry_of(PyObject *entry, PyObject *function)
{
    PyObject *frame = tb_args_attr(entry, "tb_frame");
    PyObject *code = frame ? tb_args_attr(frame, "f_code") : NULL;
    PyObject *own = code ? tb_args_attr(function, "__code__") : NULL;
    int result = own != NULL && own == code;

    Py_XDECREF(frame);
    Py_XDECREF(code);
    Py_XDECREF(own);
    return result;
}

/* Take the function out of the traceback of the exception that is set. */
static void
hide(PyObject *function)
{
    PyObject *type, *value, *traceback, *rest = NULL;

    PyErr_Fetch(&type, &value, &traceback);
    if (traceback != NULL && is_entry_of(traceback, function)) {
        rest = tb_args_attr(traceback, "tb_next");
    }
    PyErr_Clear(); /* no memory for a name: it stays */
    if (rest != NULL) {
        Py_DECREF(traceback);
        traceback = rest;
    }
    if (rest == Py_None) {
        Py_CLEAR(traceback);
        if (PyExceptionInstance_Check(value)) { /* which would keep its own */
            PyException_SetTraceback(value, Py_None);
        }
    }
    PyErr_Restore(type, value, traceback);
}

int
tb_loop_run(struct tb_state *state, PyObject *function, PyObject *callback,
            struct tb_loop *loop)
{
    Events *events = tb_state_new(state, TB_TYPE_EVENTS);
    PyObject *done;

    if (events == NULL) {
        return -1;
    }
    events->loop = loop;
    done = PyObject_CallFunctionObjArgs(function, events, callback, NULL);
    events->loop = NULL;
    Py_DECREF(events);
    if (done == NULL) {
        hide(function);
        Py_XDECREF(loop->type);
        Py_XDECREF(loop->value);
        Py_XDECREF(loop->traceback);
        return -1;
    }
    Py_DECREF(done);
    if (loop->rc < 0) {
        PyErr_Restore(loop->type, loop->value, loop->traceback);
    }
    return loop->rc;
}

static int
events_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    return 0;
}

static void
events_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    tb_state_free(op);
}

static PyMethodDef methods[] = {
    {"judge", events_judge, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "The events of one call, for its callback."},
    {Py_tp_new, tb_state_no_new},
    {Py_tp_methods, methods},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, events_next},
    {Py_tp_traverse, events_traverse},
    {Py_tp_dealloc, events_dealloc},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf._Events",
    .basicsize = sizeof(Events),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_loop_add(PyObject *module)
{
    return tb_state_make_type(module, TB_TYPE_EVENTS, &spec);
}
