/* SPDX-License-Identifier: MIT
 *
 * BpfLinks: the class, whole. It owns references and no handle: each link stays in its
 * object's list, and is ended by whoever comes first.
 */
#include "attach/links.h"

#include "owner/link.h"

typedef struct {
    PyObject_HEAD
    PyObject *links; /* owned; tuple of BpfLink */
} BpfLinks;

PyObject *
tb_links_new(struct tb_state *state, PyObject *list)
{
    PyObject *links = PyList_AsTuple(list);
    BpfLinks *self = links ? tb_state_new(state, TB_TYPE_LINKS) : NULL;

    if (self == NULL) {
        Py_XDECREF(links);
        return NULL;
    }
    self->links = links;
    return (PyObject *)self;
}

static Py_ssize_t
links_length(PyObject *op)
{
    return PyTuple_Size(((BpfLinks *)op)->links);
}

/* Destroy all, the last one first; the first failure is raised at the end. */
static PyObject *
links_destroy(PyObject *op, PyObject *unused)
{
    BpfLinks *self = (BpfLinks *)op;
    BpfLink *failed = NULL;
    int err = 0;

    (void)unused;
    for (Py_ssize_t i = links_length(op) - 1; i >= 0; i--) {
        BpfLink *link = (BpfLink *)PyTuple_GetItem(self->links, i);
        int one = tb_link_destroy(link);

        if (one < 0 && failed == NULL) {
            failed = link;
            err = one;
        }
    }
    return failed != NULL ? tb_link_raise(failed, err) : tb_new_ref(Py_None);
}

static PyObject *
links_enter(PyObject *op, PyObject *unused)
{
    (void)unused;
    return tb_new_ref(op);
}

static PyObject *
links_item(PyObject *op, Py_ssize_t index)
{
    if (index < 0 || index >= links_length(op)) {
        PyErr_SetString(PyExc_IndexError, "no link of that index");
        return NULL;
    }
    return tb_new_ref(PyTuple_GetItem(((BpfLinks *)op)->links, index));
}

static PyObject *
links_iter(PyObject *op)
{
    return PySeqIter_New(op);
}

static PyObject *
links_repr(PyObject *op)
{
    return PyUnicode_FromFormat("BpfLinks%R", ((BpfLinks *)op)->links);
}

static int
links_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(((BpfLinks *)op)->links);
    return 0;
}

static void
links_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    Py_CLEAR(((BpfLinks *)op)->links);
    tb_state_free(op);
}

static PyMethodDef methods[] = {
    {"destroy", links_destroy, METH_NOARGS,
     "destroy($self)\n--\n\n"
     "Destroy every link, the last one first; may be called again."},
    {"close", links_destroy, METH_NOARGS,
     "close($self)\n--\n\nDestroy every link; the same as destroy()."},
    {"__enter__", links_enter, METH_NOARGS, NULL},
    {"__exit__", links_destroy, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Links that were made in one step: a sequence and a context manager."},
    {Py_tp_new, tb_state_no_new},
    {Py_tp_methods, methods},
    {Py_tp_repr, links_repr},
    {Py_tp_iter, links_iter},
    {Py_sq_length, links_length},
    {Py_sq_item, links_item},
    {Py_tp_traverse, links_traverse},
    {Py_tp_dealloc, links_dealloc},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf.BpfLinks",
    .basicsize = sizeof(BpfLinks),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_links_add(PyObject *module)
{
    return tb_state_add_type(module, TB_TYPE_LINKS, &spec);
}
