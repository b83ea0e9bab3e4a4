/* SPDX-License-Identifier: MIT
 *
 * The class BpfLink: its table of methods, what they say of the link itself, and its
 * end.
 */
#include "class/link.h"

#include "attach/iter_read.h"
#include "attach/link_info.h"
#include "attach/link_open.h"
#include "attach/link_pin.h"
#include "base/args.h"
#include "attach/link_update.h"
#include "base/libbpf.h"
#include "error/raise.h"
#include "owner/attachment.h"
#include "owner/link.h"
#include "system/scan.h"

static PyObject *
link_destroy(PyObject *op, PyObject *unused)
{
    BpfLink *self = (BpfLink *)op;
    int err = tb_link_destroy(self);

    (void)unused;
    return err < 0 ? tb_link_raise(self, err) : tb_new_ref(Py_None);
}

static PyObject *
link_enter(PyObject *op, PyObject *unused)
{
    BpfLink *self = (BpfLink *)op;

    (void)unused;
    if (!tb_link_is_open(self)) {
        return tb_error_closed(tb_state_of(self), "link of program", self->program);
    }
    return tb_link_open_found(self) < 0 ? NULL : tb_new_ref(op);
}

static PyObject *
link_fd(PyObject *op, void *unused)
{
    BpfLink *self = (BpfLink *)op;

    (void)unused;
    return tb_link_open_found(self) < 0 ? NULL : PyLong_FromLong(tb_link_fd(self));
}

/* One descriptor, those of several links, or none once it is destroyed. */
static PyObject *
link_fds(PyObject *op, void *unused)
{
    BpfLink *self = (BpfLink *)op;
    const struct tb_attachment *several;
    PyObject *fds, *tuple;
    int fd, rc;

    (void)unused;
    if (tb_link_open_found(self) < 0) {
        return NULL;
    }
    fds = PyList_New(0);
    fd = tb_link_fd(self);
    several = self->attachment;
    rc = fds ? 0 : -1;
    if (several != NULL && several->fds == NULL) {
        several = NULL;
    }
    if (rc == 0 && fd >= 0) {
        rc = tb_args_append_steal(fds, PyLong_FromLong(fd));
    }
    for (size_t i = 0; rc == 0 && several != NULL && i < several->n_fds; i++) {
        rc = tb_args_append_steal(fds, PyLong_FromLong(several->fds[i]));
        several = self->attachment; /* the collector may have closed it */
    }
    tuple = rc == 0 ? PyList_AsTuple(fds) : NULL;
    Py_XDECREF(fds);
    return tuple;
}

static PyObject *
link_is_standalone(PyObject *op, void *unused)
{
    (void)unused;
    return PyBool_FromLong(tb_link_is_standalone((BpfLink *)op));
}

/* <BpfLink 'name' target, state>, with what keeps the program attached. */
static PyObject *
link_repr(PyObject *op)
{
    BpfLink *self = (BpfLink *)op;
    const char *more = self->detached       ? ", detached"
                       : self->disconnected ? ", disconnected"
                                            : "";
    PyObject *state, *keeps, *text = NULL;

    if (self->found.id != 0) {
        state = PyUnicode_FromFormat("id=%u", self->found.id);
    }
    else if (tb_link_fd(self) >= 0) {
        state = PyUnicode_FromFormat("fd=%d", tb_link_fd(self));
    }
    else if (tb_link_is_open(self)) {
        state = PyUnicode_FromString("attached");
    }
    else {
        int is_kept = self->pin || self->disconnected || tb_link_is_standalone(self);

        state = PyUnicode_FromString(is_kept ? "closed" : "destroyed");
    }
    keeps = self->pin ? PyUnicode_FromFormat(", pinned at %R%s", self->pin, more)
                      : PyUnicode_FromString(more);
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
 * cleared. An exception that is set stays. */
static int
is_finalizing(void)
{
    PyObject *type, *value, *tb, *ask, *answer;
    int result;

    PyErr_Fetch(&type, &value, &tb);
    ask = PySys_GetObject("is_finalizing"); /* borrowed */
    answer = ask ? PyObject_CallObject(ask, NULL) : NULL;
    result = ask == NULL || answer == Py_True;
    Py_XDECREF(answer);
    PyErr_Restore(type, value, tb);
    return result;
}

/* One that was in the kernel already is a descriptor like any other. */
static void
link_finalize(PyObject *op)
{
    BpfLink *self = (BpfLink *)op;
    int is_dropped = tb_link_is_open(self) && !self->disconnected &&
                     !self->found.is_quiet && !is_finalizing();

    if (tb_link_is_standalone(self)) {
        tb_state_finalize(op, is_dropped ? PyExc_ResourceWarning : NULL, "unclosed %R",
                          link_destroy);
        return;
    }
    tb_state_finalize(op, is_dropped && !self->pin ? PyExc_RuntimeWarning : NULL,
                      "%R was dropped and is detached: keep it in a variable, or use "
                      "it in a with statement",
                      link_destroy);
}

static void
link_dealloc(PyObject *op)
{
    BpfLink *self = (BpfLink *)op;

    if (tb_state_finish(op, link_finalize, &self->is_finished)) {
        Py_CLEAR(self->object);
        Py_CLEAR(self->program);
        Py_CLEAR(self->target);
        Py_CLEAR(self->pin);
        Py_CLEAR(self->found.scan);
        tb_state_free(op);
    }
}

static PyMethodDef methods[] = {
    {"from_fd", tb_link_open_fd, METH_O | METH_CLASS,
     "from_fd($type, fd, /)\n--\n\nOpen the link behind a descriptor."},
    {"from_id", tb_link_open_id, METH_O | METH_CLASS,
     "from_id($type, id, /)\n--\n\nOpen the link of an id."},
    {"destroy", link_destroy, METH_NOARGS,
     "destroy($self)\n--\n\nDetach the program; may be called again."},
    {"close", link_destroy, METH_NOARGS,
     "close($self)\n--\n\nDetach the program; the same as destroy()."},
    {"holders", tb_scan_holders, METH_NOARGS,
     "holders($self)\n--\n\nTell which processes have descriptors of it."},
    {"pins", tb_scan_pins, METH_NOARGS, "pins($self)\n--\n\nTell where it is pinned."},
    {"pin", tb_link_pin_make, METH_O,
     "pin($self, path, /)\n--\n\n"
     "Keep the program attached by a file on the BPF file system."},
    {"unpin", tb_link_pin_remove, METH_NOARGS,
     "unpin($self)\n--\n\nRemove the pin that pin() made."},
    {"disconnect", tb_link_pin_disconnect, METH_NOARGS,
     "disconnect($self)\n--\n\n"
     "Let the program stay attached when this handle ends."},
    {"detach", tb_link_update_detach, METH_NOARGS,
     "detach($self)\n--\n\nDetach the program, also where a pin keeps the link."},
    {"update", TB_METHOD(tb_link_update), METH_VARARGS | METH_KEYWORDS,
     "update($self, program, expected=None)\n--\n\n"
     "Run another program in the place of the one that is attached."},
    {"update_map", tb_link_update_map, METH_O,
     "update_map($self, map, /)\n--\n\n"
     "Put another struct_ops in the place of the one that is attached."},
    {"read", tb_iter_read_all, METH_NOARGS,
     "read($self)\n--\n\nRun an iterator, and return all that it says."},
    {"records", tb_iter_read_records, METH_O,
     "records($self, type, /)\n--\n\nRun an iterator, and yield what it says as "
     "Records."},
    {"__enter__", link_enter, METH_NOARGS, NULL},
    {"__exit__", link_destroy, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef getset[] = {
    {"fd", link_fd, NULL,
     "File descriptor; -1 once destroyed, and where the kernel has none for it.", NULL},
    {"fds", link_fds, NULL,
     "File descriptors of all the links of the kernel that it is, as a tuple.", NULL},
    {"id", tb_link_info_id, NULL, "Number that the kernel knows the link by.", NULL},
    {"info", tb_link_info, NULL,
     "What the kernel says of the link, as a value of a class for each kind.", NULL},
    {"is_standalone", link_is_standalone, NULL,
     "Whether the link was in the kernel already, and belongs to no object.", NULL},
    {"pin_path", tb_link_pin_path, NULL,
     "Path that pin() pinned it at; None if it is not pinned.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "A program attached to a hook, until it is destroyed.\n"
                "\n"
                "    with obj.programs[\"dump_tasks\"].attach_iter() as link:\n"
                "        for line in link: # an iterator; others cannot be read\n"
                "            print(line)\n"
                "    with tinybpf.BpfLink.from_id(12) as link:\n"
                "        print(link.info)"},
    {Py_tp_new, tb_state_no_new},
    {Py_tp_methods, methods},
    {Py_tp_getset, getset},
    {Py_tp_repr, link_repr},
    {Py_tp_iter, tb_iter_read_lines},
    {Py_tp_traverse, link_traverse},
    {Py_tp_finalize, link_finalize},
    {Py_tp_dealloc, link_dealloc},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf.BpfLink",
    .basicsize = sizeof(BpfLink),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_link_class_add(PyObject *module)
{
    return tb_state_add_type(module, TB_TYPE_LINK, &spec);
}
