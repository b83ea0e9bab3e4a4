/* SPDX-License-Identifier: MIT
 *
 * Loans. The exporter of the view is an object of a private type, one for each loan. A
 * memoryview of foreign memory alone (PyMemoryView_FromMemory) would not do: releasing
 * it leaves slices of it that nobody knows of and that outlive the memory.
 */
#include "stream/loan.h"

#include "base/args.h"

typedef struct {
    PyObject_HEAD
    struct tb_loan_lender *lender; /* counted there; NULL once given back */
    const void *data;              /* borrowed from the lender; NULL behind the call */
    Py_ssize_t size;
    Py_ssize_t n_exports; /* views of it that are not released */
} Loan;

void
tb_loan_end_lender(struct tb_loan_lender *lender)
{
    lender->is_over = 1;
    if (lender->n_loans == 0) {
        lender->free(lender);
    }
}

/* Give it back once the call is over and no view is left. */
static void
give_back(Loan *self)
{
    struct tb_loan_lender *lender = self->lender;

    if (lender == NULL || self->data != NULL || self->n_exports != 0) {
        return;
    }
    self->lender = NULL;
    lender->n_loans--;
    if (lender->is_over) {
        tb_loan_end_lender(lender);
    }
}

/* A flat run of read-only bytes, as PyBuffer_FillInfo() describes it. */
static int
loan_getbuffer(PyObject *op, Py_buffer *view, int flags)
{
    Loan *self = (Loan *)op;

    view->obj = NULL;
    if (self->data == NULL || (flags & PyBUF_WRITABLE)) {
        PyErr_SetString(PyExc_BufferError,
                        self->data ? "a record is read-only"
                                   : "a record can be seen during its callback only");
        return -1;
    }
    *view = (Py_buffer){
        .buf = (void *)self->data,
        .obj = tb_new_ref(op),
        .len = self->size,
        .itemsize = 1,
        .readonly = 1,
        .ndim = 1,
        .format = (flags & PyBUF_FORMAT) ? "B" : NULL,
    };
    view->shape = (flags & PyBUF_ND) ? &view->len : NULL;
    view->strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? &view->itemsize : NULL;
    self->n_exports++;
    return 0;
}

static void
loan_releasebuffer(PyObject *op, Py_buffer *view)
{
    (void)view;
    ((Loan *)op)->n_exports--;
    give_back((Loan *)op);
}

/* End the loan behind the call; an exception that is set stays. Returns -1 with
 * BufferError set if a view is left, and nothing else was wrong. */
static int
finish(Loan *self, PyObject *view)
{
    PyObject *type, *value, *tb;
    PyObject *released;

    PyErr_Fetch(&type, &value, &tb);
    released = tb_args_call(view, "release", NULL);
    if (released == NULL) {
        PyErr_Clear(); /* something was made of it: n_exports tells */
    }
    Py_XDECREF(released);
    self->data = NULL;
    if (type == NULL && self->n_exports != 0) {
        PyErr_SetString(PyExc_BufferError,
                        "a callback kept a view of its record, which is there during "
                        "the call only: copy it by bytes()");
        return -1;
    }
    give_back(self);
    PyErr_Restore(type, value, tb);
    return 0;
}

PyObject *
tb_loan_call(struct tb_state *state, struct tb_loan_lender *lender, PyObject *callback,
             const void *data, size_t size)
{
    Loan *self = tb_state_new(state, TB_TYPE_LOAN);
    PyObject *view, *answer = NULL;

    if (self == NULL) {
        return NULL;
    }
    self->data = data;
    self->size = (Py_ssize_t)size;
    view = PyMemoryView_FromObject((PyObject *)self);
    if (view != NULL) {
        self->lender = lender;
        lender->n_loans++;
        answer = PyObject_CallFunctionObjArgs(callback, view, NULL);
        if (finish(self, view) < 0) {
            Py_CLEAR(answer);
        }
    }
    Py_XDECREF(view);
    Py_DECREF(self);
    return answer;
}

static int
loan_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    return 0;
}

static PyType_Slot slots[] = {
    {Py_tp_doc, "Exporter of one record while its callback runs."},
    {Py_tp_new, tb_state_no_new},
    {Py_tp_traverse, loan_traverse},
    {Py_bf_getbuffer, loan_getbuffer},
    {Py_bf_releasebuffer, loan_releasebuffer},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf._Loan",
    .basicsize = sizeof(Loan),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_loan_add(PyObject *module)
{
    return tb_state_make_type(module, TB_TYPE_LOAN, &spec);
}
