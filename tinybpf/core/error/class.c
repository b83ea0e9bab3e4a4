/* SPDX-License-Identifier: MIT
 *
 * The error classes: what they carry, and how they are pickled.
 */
#include "error/class.h"

#include "base/args.h"

#include <errno.h>
#include <string.h>

/* What the constructor of an error was given; borrowed, NULL where it was not. */
struct given {
    PyObject *message, *log;
    int errnum;
};

/* Set what every error has; 0 or -1. BaseException's own tp_new has set args; with
 * keywords or more than a message they must become what str() prints. */
static int
set_common(PyObject *self, const struct given *given)
{
    PyObject *log = given->log ? tb_new_ref(given->log) : PyUnicode_FromString("");
    PyObject *number = PyLong_FromLong(given->errnum);
    PyObject *shown = given->message ? PyTuple_Pack(1, given->message) : PyTuple_New(0);
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
    static const char *const names[] = {"message", "errno", "libbpf_log", NULL};
    struct given given = {0};

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|OiU:BpfError", (char **)names,
                                     &given.message, &given.errnum, &given.log)) {
        return -1;
    }
    return set_common(self, &given);
}

/* The same with suggestions, a sequence of str that becomes a list; None: no. */
static int
validation_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"message", "suggestions", "errno", "libbpf_log",
                                        NULL};
    struct given given = {0};
    PyObject *suggestions = NULL;
    int rc;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|OOiU:BtfValidationError",
                                     (char **)names, &given.message, &suggestions,
                                     &given.errnum, &given.log)) {
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

/* What every error carries, as the arguments of a call: its message, then what stands
 * behind it in the constructor (NULL: nothing), its errno, its log. */
static PyObject *
carried(PyObject *self, PyObject *more)
{
    PyObject *args = tb_args_attr(self, "args");
    PyObject *number = args ? tb_args_attr(self, "errno") : NULL;
    PyObject *log = number ? tb_args_attr(self, "libbpf_log") : NULL;
    PyObject *message = NULL, *result = NULL;

    if (log == NULL) {
        goto done;
    }
    message = PySequence_Size(args) > 0 ? PySequence_GetItem(args, 0)
                                        : PyUnicode_FromString("");
    if (message != NULL) {
        result = more ? PyTuple_Pack(4, message, more, number, log)
                      : PyTuple_Pack(3, message, number, log);
    }
done:
    Py_XDECREF(args);
    Py_XDECREF(number);
    Py_XDECREF(log);
    Py_XDECREF(message);
    return result;
}

/* Pickle by the constructor's arguments: OSError's own way loses errno. */
static PyObject *
error_reduce(PyObject *self, PyObject *unused)
{
    PyObject *args = carried(self, NULL);

    (void)unused;
    return args ? Py_BuildValue("(ON)", Py_TYPE(self), args) : NULL;
}

/* The same with the suggestions. */
static PyObject *
validation_reduce(PyObject *self, PyObject *unused)
{
    PyObject *suggestions = tb_args_attr(self, "suggestions");
    PyObject *args = suggestions ? carried(self, suggestions) : NULL;

    (void)unused;
    Py_XDECREF(suggestions);
    return args ? Py_BuildValue("(ON)", Py_TYPE(self), args) : NULL;
}

/* The same for a class that has no name to be found by: by a function. */
static PyObject *
outside_reduce(PyObject *self, PyObject *unused)
{
    PyObject *module = PyImport_ImportModule("tinybpf._core");
    PyObject *remake = module ? tb_args_attr(module, "_error") : NULL;
    PyObject *args = remake ? carried(self, NULL) : NULL;
    PyObject *result = args ? PyTuple_Pack(2, remake, args) : NULL;

    (void)unused;
    Py_XDECREF(module);
    Py_XDECREF(remake);
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

static PyMethodDef outside_methods[] = {
    {"__reduce__", outside_reduce, METH_NOARGS, NULL},
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

/* The classes that Python has for errnos. EPERM and EACCES are not among them, for
 * BpfPermissionError is both by itself. */
static const struct {
    int errnum;
    PyObject **builtin;
} builtins[] = {
    {ENOENT, &PyExc_FileNotFoundError},
    {EEXIST, &PyExc_FileExistsError},
    {ENOTDIR, &PyExc_NotADirectoryError},
    {EISDIR, &PyExc_IsADirectoryError},
    {ENODEV, &PyExc_OSError},
    {EBADF, &PyExc_OSError},
    {ELOOP, &PyExc_OSError},
    {ENAMETOOLONG, &PyExc_OSError},
};

/* Make the class that is BpfError and a built-in class, and goes by the name of the
 * first. */
static PyObject *
make_outside(struct tb_state *state, PyObject *builtin)
{
    PyType_Slot slots[] = {
        {Py_tp_doc, (void *)classes[TB_ERROR].doc},
        {Py_tp_methods, outside_methods},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = classes[TB_ERROR].name,
        .flags = Py_TPFLAGS_DEFAULT,
        .slots = slots,
    };
    PyObject *bases = PyTuple_Pack(2, state->errors[TB_ERROR], builtin);
    PyObject *class = bases ? PyType_FromSpecWithBases(&spec, bases) : NULL;

    Py_XDECREF(bases);
    return class;
}

/* The same, made once; borrowed. */
static PyObject *
outside_class(struct tb_state *state, PyObject *builtin)
{
    PyObject *class;

    if (state->outside == NULL) {
        state->outside = PyDict_New();
    }
    if (state->outside == NULL) {
        return NULL;
    }
    class = PyDict_GetItemWithError(state->outside, builtin);
    if (class != NULL || PyErr_Occurred()) {
        return class;
    }
    class = make_outside(state, builtin);
    if (class != NULL && PyDict_SetItem(state->outside, builtin, class) < 0) {
        Py_CLEAR(class);
    }
    Py_XDECREF(class); /* the dict has it */
    return class;
}

PyObject *
tb_error_class_outside(struct tb_state *state, int errnum)
{
    for (size_t i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++) {
        if (builtins[i].errnum == errnum) {
            return outside_class(state, *builtins[i].builtin);
        }
    }
    return state->errors[TB_ERROR];
}

PyObject *
tb_error_class_remake(PyObject *module, PyObject *args)
{
    PyObject *message, *log, *class;
    int errnum;

    if (!PyArg_ParseTuple(args, "OiO:_error", &message, &errnum, &log)) {
        return NULL;
    }
    class = tb_error_class_outside(tb_state_of_module(module), errnum);
    return class ? PyObject_Call(class, args, NULL) : NULL;
}
