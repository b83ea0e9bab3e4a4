/* SPDX-License-Identifier: MIT
 *
 * BpfLink and BpfLinks (owner/link.h). A link is in its object's list for as long as
 * it is open, so that closing the object ends it. A pin or disconnect() lets the
 * attachment outlive the link (attach/link_pin.c).
 */
#include "owner/link.h"

#include "attach/link_pin.h"
#include "base/libbpf.h"
#include "error/raise.h"

#include <errno.h>

typedef struct {
    PyObject_HEAD
    PyObject *links; /* owned; tuple of BpfLink, NULL once finalised */
} BpfLinks;

static void
list_insert(BpfLink *self)
{
    BpfLink *first = self->object->links;

    self->next = first;
    if (first != NULL) {
        first->prev = self;
    }
    self->object->links = self;
}

static void
list_remove(BpfLink *self)
{
    if (self->prev != NULL) {
        self->prev->next = self->next;
    }
    else {
        self->object->links = self->next;
    }
    if (self->next != NULL) {
        self->next->prev = self->prev;
    }
    self->prev = self->next = NULL;
}

/* The one release function: idempotent; 0 or libbpf's -errno. Detaching may
 * wait for the kernel, so the GIL is released. */
static int
destroy(BpfLink *self)
{
    struct bpf_link *handle = self->handle;
    int err;

    if (handle == NULL) {
        return 0;
    }
    self->handle = NULL;
    list_remove(self);
    Py_BEGIN_ALLOW_THREADS
    err = bpf_link__destroy(handle);
    Py_END_ALLOW_THREADS
    return err;
}

int
tb_link_destroy_all(BpfObject *object)
{
    int first = 0;

    while (object->links != NULL) {
        int err = destroy(object->links);

        if (first == 0) {
            first = err;
        }
    }
    return first;
}

PyObject *
tb_link_new_steal(BpfProgram *program, struct bpf_link *handle, PyObject *target)
{
    BpfLink *self = tb_state_new(tb_state_of(program), TB_TYPE_LINK);

    if (self == NULL) {
        bpf_link__destroy(handle);
        return NULL;
    }
    self->object = (BpfObject *)tb_new_ref(program->object);
    self->program = tb_new_ref(program->name);
    self->target = tb_new_ref(target);
    self->handle = handle;
    list_insert(self);
    return (PyObject *)self;
}

static PyObject *
link_destroy(PyObject *op, PyObject *unused)
{
    BpfLink *self = (BpfLink *)op;
    int err = destroy(self);

    (void)unused;
    if (err < 0) {
        return tb_error_libbpf(tb_state_of(self), err, NULL,
                               "detach of program %R from %U", self->program,
                               self->target);
    }
    Py_RETURN_NONE;
}

static PyObject *
link_enter(PyObject *op, PyObject *unused)
{
    BpfLink *self = (BpfLink *)op;

    (void)unused;
    if (self->handle == NULL) {
        return tb_error_closed(tb_state_of(self), "link of program", self->program);
    }
    return tb_new_ref(op);
}

static PyObject *
link_exit(PyObject *op, PyObject *unused)
{
    return link_destroy(op, unused);
}

static PyObject *
link_fd(PyObject *op, void *unused)
{
    BpfLink *self = (BpfLink *)op;

    (void)unused;
    return PyLong_FromLong(self->handle ? bpf_link__fd(self->handle) : -1);
}

static PyObject *
link_repr(PyObject *op)
{
    BpfLink *self = (BpfLink *)op;
    PyObject *state, *keeps, *text = NULL;

    state = self->handle
                ? PyUnicode_FromFormat("fd=%d", bpf_link__fd(self->handle))
                : PyUnicode_FromString(self->pin || self->disconnected ? "closed"
                                                                       : "destroyed");
    keeps = self->pin
                ? PyUnicode_FromFormat(", pinned at %R", self->pin)
                : PyUnicode_FromString(self->disconnected ? ", disconnected" : "");
    if (state != NULL && keeps != NULL) {
        text = PyUnicode_FromFormat("<BpfLink %R %U, %U%U>", self->program,
                                    self->target, state, keeps);
    }
    Py_XDECREF(state);
    Py_XDECREF(keeps);
    return text;
}

static int
link_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(((BpfLink *)op)->object);
    return 0;
}

/* Whether the interpreter is ending: what is attached then ends with the
 * process, as it was meant to. Without sys the module dictionaries are being
 * cleared. */
static int
is_finalizing(void)
{
    PyObject *ask = PySys_GetObject("is_finalizing"); /* borrowed */
    PyObject *answer = ask ? PyObject_CallObject(ask, NULL) : NULL;
    int result = ask == NULL || answer == Py_True;

    if (answer == NULL) {
        PyErr_Clear();
    }
    Py_XDECREF(answer);
    return result;
}

static void
link_finalize(PyObject *op)
{
    BpfLink *self = (BpfLink *)op;
    PyObject *type, *value, *tb;

    PyErr_Fetch(&type, &value, &tb);
    if (self->handle != NULL && self->pin == NULL && !self->disconnected &&
        !is_finalizing() &&
        PyErr_WarnFormat(PyExc_RuntimeWarning, 1,
                         "%R was dropped and is detached: keep it in a variable, "
                         "or use it in a with statement",
                         self) < 0) {
        PyErr_WriteUnraisable(op);
    }
    destroy(self);
    Py_CLEAR(self->object);
    Py_CLEAR(self->program);
    Py_CLEAR(self->target);
    Py_CLEAR(self->pin);
    PyErr_Restore(type, value, tb);
}

PyObject *
tb_link_sequence(struct tb_state *state, PyObject *list)
{
    BpfLinks *self = tb_state_new(state, TB_TYPE_LINKS);

    if (self == NULL) {
        return NULL;
    }
    self->links = PyList_AsTuple(list);
    if (self->links == NULL) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

/* Empty once finalised. */
static Py_ssize_t
links_length(PyObject *op)
{
    BpfLinks *self = (BpfLinks *)op;

    return self->links ? PyTuple_Size(self->links) : 0;
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
        int one = destroy(link);

        if (one < 0 && failed == NULL) {
            failed = link;
            err = one;
        }
    }
    if (failed != NULL) {
        return tb_error_libbpf(tb_state_of(self), err, NULL,
                               "detach of program %R from %U", failed->program,
                               failed->target);
    }
    Py_RETURN_NONE;
}

static PyObject *
links_exit(PyObject *op, PyObject *unused)
{
    return links_destroy(op, unused);
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
links_finalize(PyObject *op)
{
    Py_CLEAR(((BpfLinks *)op)->links);
}

static PyMethodDef link_methods[] = {
    {"destroy", link_destroy, METH_NOARGS,
     "destroy($self)\n--\n\nDetach the program; may be called again."},
    {"close", link_destroy, METH_NOARGS,
     "close($self)\n--\n\nDetach the program; the same as destroy()."},
    {"pin", tb_link_pin, METH_O,
     "pin($self, path, /)\n--\n\n"
     "Keep the program attached by a file on the BPF file system."},
    {"unpin", tb_link_unpin, METH_NOARGS,
     "unpin($self)\n--\n\nRemove the pin that pin() made."},
    {"disconnect", tb_link_disconnect, METH_NOARGS,
     "disconnect($self)\n--\n\n"
     "Let the program stay attached when this handle ends."},
    {"__enter__", link_enter, METH_NOARGS, NULL},
    {"__exit__", link_exit, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef link_getset[] = {
    {"fd", link_fd, NULL, "File descriptor; -1 once destroyed.", NULL},
    {"pin_path", tb_link_pin_path, NULL,
     "Path that pin() pinned it at; None if it is not pinned.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot link_slots[] = {
    {Py_tp_doc, "A program attached to a hook, until it is destroyed."},
    {Py_tp_new, tb_state_no_new},
    {Py_tp_methods, link_methods},
    {Py_tp_getset, link_getset},
    {Py_tp_repr, link_repr},
    {Py_tp_traverse, link_traverse},
    {Py_tp_finalize, link_finalize},
    {0, NULL},
};

static PyMethodDef links_methods[] = {
    {"destroy", links_destroy, METH_NOARGS,
     "destroy($self)\n--\n\n"
     "Destroy every link, the last one first; may be called again."},
    {"close", links_destroy, METH_NOARGS,
     "close($self)\n--\n\nDestroy every link; the same as destroy()."},
    {"__enter__", links_enter, METH_NOARGS, NULL},
    {"__exit__", links_exit, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot links_slots[] = {
    {Py_tp_doc, "Links that were made in one step: a sequence and a context manager."},
    {Py_tp_new, tb_state_no_new},
    {Py_tp_methods, links_methods},
    {Py_tp_repr, links_repr},
    {Py_tp_iter, links_iter},
    {Py_sq_length, links_length},
    {Py_sq_item, links_item},
    {Py_tp_traverse, links_traverse},
    {Py_tp_finalize, links_finalize},
    {0, NULL},
};

static PyType_Spec link_spec = {
    .name = "tinybpf.BpfLink",
    .basicsize = sizeof(BpfLink),
    .flags = TB_TYPE_FLAGS,
    .slots = link_slots,
};

static PyType_Spec links_spec = {
    .name = "tinybpf.BpfLinks",
    .basicsize = sizeof(BpfLinks),
    .flags = TB_TYPE_FLAGS,
    .slots = links_slots,
};

int
tb_link_add(PyObject *module)
{
    if (tb_state_add_type(module, TB_TYPE_LINK, &link_spec) < 0) {
        return -1;
    }
    return tb_state_add_type(module, TB_TYPE_LINKS, &links_spec);
}
