/* SPDX-License-Identifier: MIT
 *
 * The error classes: what they carry, and how they are pickled.
 */
#include "error/class.h"

#include <string.h>

/* What the constructor of an error was given; borrowed, NULL where it was not. */
struct given {
    PyObject *msg, *log;
    int errnum;
};

/* Set what every error has; 0 or -1. BaseException's own tp_new has set args; with
 * keywords or more than a message they must become what str() prints. */
static int
set_common(PyObject *self, const struct given *given)
{
    PyObject *log = given->log ? tb_new_ref(given->log) : PyUnicode_FromString("");
    PyObject *number = PyLong_FromLong(given->errnum);
    PyObject *shown = given->msg ? PyTuple_Pack(1, given->msg) : PyTuple_New(0);
    int rc = -1;

    if (log == NULL || number == NULL || shown == NULL) {
        goto done;
    }
    if (PyObject_SetAttrString(self, "args", shown) == 0 &&
        PyObject_SetAttrString(self, "errno", number) == 0 &&
        PyObject_SetAttrString(self, "libbpf_log", log) == 0) {
        rc = 0;
    }
done:
    Py_XDECREF(log);
    Py_XDECREF(number);
    Py_XDECREF(shown);
    return rc;
}

static int
error_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"msg", "errno", "libbpf_log", NULL};
    struct given given = {0};

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|OiU:BpfError", (char **)names,
                                     &given.msg, &given.errnum, &given.log)) {
        return -1;
    }
    return set_common(self, &given);
}

/* The same with suggestions, a sequence of str that becomes a list; None: no. */
static int
validation_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"msg", "errno", "libbpf_log", "suggestions",
                                        NULL};
    struct given given = {0};
    PyObject *suggestions = NULL;
    int rc;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|OiUO:BtfValidationError",
                                     (char **)names, &given.msg, &given.errnum,
                                     &given.log, &suggestions)) {
        return -1;
    }
    suggestions = suggestions == NULL || suggestions == Py_None
                      ? PyList_New(0)
                      : PySequence_List(suggestions);
    if (suggestions == NULL) {
        return -1;
    }
    rc = PyObject_SetAttrString(self, "suggestions", suggestions);
    Py_DECREF(suggestions);
    return rc < 0 ? -1 : set_common(self, &given);
}

/* Pickle by the constructor's arguments: OSError's own way loses errno. */
static PyObject *
error_reduce(PyObject *self, PyObject *unused)
{
    PyObject *args = PyObject_GetAttrString(self, "args");
    PyObject *number = PyObject_GetAttrString(self, "errno");
    PyObject *log = PyObject_GetAttrString(self, "libbpf_log");
    PyObject *msg = NULL, *result = NULL;

    (void)unused;
    if (args == NULL || number == NULL || log == NULL) {
        goto done;
    }
    msg = PySequence_Size(args) > 0 ? PySequence_GetItem(args, 0)
                                    : PyUnicode_FromString("");
    if (msg != NULL) {
        result = Py_BuildValue("(O(OOO))", Py_TYPE(self), msg, number, log);
    }
done:
    Py_XDECREF(args);
    Py_XDECREF(number);
    Py_XDECREF(log);
    Py_XDECREF(msg);
    return result;
}

/* The same with the suggestions behind the other arguments. */
static PyObject *
validation_reduce(PyObject *self, PyObject *unused)
{
    PyObject *suggestions = PyObject_GetAttrString(self, "suggestions");
    PyObject *reduced = suggestions ? error_reduce(self, unused) : NULL;
    PyObject *last = NULL, *args = NULL, *result = NULL;

    if (reduced != NULL) {
        last = PyTuple_Pack(1, suggestions);
    }
    if (last != NULL) {
        args = PySequence_Concat(PyTuple_GetItem(reduced, 1), last);
    }
    if (args != NULL) {
        result = PyTuple_Pack(2, PyTuple_GetItem(reduced, 0), args);
    }
    Py_XDECREF(suggestions);
    Py_XDECREF(reduced);
    Py_XDECREF(last);
    Py_XDECREF(args);
    return result;
}

static PyMethodDef error_methods[] = {
    {"__reduce__", error_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMethodDef validation_methods[] = {
    {"__reduce__", validation_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

/* The tree: every class is a BpfError, some are a built-in class besides. */
static const struct {
    const char *name;
    const char *doc;
    PyObject **builtin; /* NULL: BpfError only */
} classes[TB_ERROR_COUNT] = {
    [TB_ERROR] = {"tinybpf.BpfError", "An operation on a BPF object failed.", NULL},
    [TB_ERROR_VERIFIER] = {"tinybpf.BpfVerifierError",
                           "The kernel's verifier rejected a program.", NULL},
    [TB_ERROR_RELOCATION] =
        {"tinybpf.BpfRelocationError",
         "A CO-RE relocation found no match in this kernel's types.", NULL},
    [TB_ERROR_NOT_SUPPORTED] =
        {"tinybpf.BpfNotSupportedError",
         "This kernel, or its configuration, lacks what was asked for.", NULL},
    [TB_ERROR_PERMISSION] = {"tinybpf.BpfPermissionError",
                             "The process lacks a privilege that the kernel asks for.",
                             &PyExc_PermissionError},
    [TB_ERROR_CLOSED] = {"tinybpf.BpfClosedError",
                         "The handle, or the object that it belongs to, was closed.",
                         NULL},
    [TB_ERROR_VALIDATION] =
        {"tinybpf.BtfValidationError",
         "A Python class does not fit the type of C that BTF tells.",
         &PyExc_ValueError},
};

const char *
tb_error_class_name(enum tb_error_class which)
{
    return strrchr(classes[which].name, '.') + 1;
}

PyObject *
tb_error_class_make(struct tb_state *state, enum tb_error_class which)
{
    PyType_Slot slots[4] = {{Py_tp_doc, (void *)classes[which].doc}};
    PyType_Spec spec = {
        .name = classes[which].name,
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
        .slots = slots,
    };
    PyObject *base = which == TB_ERROR ? PyExc_Exception : state->errors[TB_ERROR];
    PyObject *bases, *type;

    if (which == TB_ERROR) {
        slots[1] = (PyType_Slot){Py_tp_init, error_init};
        slots[2] = (PyType_Slot){Py_tp_methods, error_methods};
    }
    if (which == TB_ERROR_VALIDATION) {
        slots[1] = (PyType_Slot){Py_tp_init, validation_init};
        slots[2] = (PyType_Slot){Py_tp_methods, validation_methods};
    }
    bases = classes[which].builtin ? PyTuple_Pack(2, base, *classes[which].builtin)
                                   : PyTuple_Pack(1, base);
    if (bases == NULL) {
        return NULL;
    }
    type = PyType_FromSpecWithBases(&spec, bases);
    Py_DECREF(bases);
    return type;
}
