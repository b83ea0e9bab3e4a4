/* SPDX-License-Identifier: MIT
 *
 * Reads the arguments of attach_ methods (attach/method.h). Which types of program a
 * hook takes is checked here: libbpf asks nobody, it would give a cgroup's descriptor
 * to an XDP program as the number of an interface.
 */
#include "attach/method.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "error/raise.h"
#include "host/interface.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* One value, and where it goes. */
struct argument {
    BpfProgram *program; /* borrowed */
    const char *name;
    PyObject *value; /* borrowed */
    struct tb_target *target;
    void *field;
    PyObject **kept; /* what a path points into is put there */
};

/* The text belongs to the str, which the caller's arguments hold. */
static int
take_text(const struct argument *argument)
{
    const char *text;
    Py_ssize_t n;

    if (!PyUnicode_Check(argument->value)) {
        PyErr_Format(PyExc_TypeError, "%s must be a str, not %R", argument->name,
                     Py_TYPE(argument->value));
        return -1;
    }
    text = PyUnicode_AsUTF8AndSize(argument->value, &n);
    if (text != NULL && strlen(text) != (size_t)n) {
        PyErr_Format(PyExc_ValueError, "%s has a null character: %R", argument->name,
                     argument->value);
        return -1;
    }
    *(const char **)argument->field = text;
    return text ? 0 : -1;
}

static int
take_text_or_none(const struct argument *argument)
{
    return argument->value == Py_None ? 0 : take_text(argument);
}

static int
take_path(const struct argument *argument)
{
    if (!PyUnicode_FSConverter(argument->value, argument->kept)) {
        return -1;
    }
    *(const char **)argument->field = PyBytes_AsString(*argument->kept);
    return 0;
}

static int
take_size(const struct argument *argument)
{
    uint64_t number;

    if (tb_args_number(argument->value, argument->name, PY_SSIZE_T_MAX, &number) < 0) {
        return -1;
    }
    *(size_t *)argument->field = (size_t)number;
    return 0;
}

static int
take_int(const struct argument *argument)
{
    return PyArg_Parse(argument->value, "i", argument->field) ? 0 : -1;
}

static int
take_flag(const struct argument *argument)
{
    int truth = PyObject_IsTrue(argument->value);

    *(int *)argument->field = truth;
    return truth < 0 ? -1 : 0;
}

/* An index need not exist: nobody has looked yet. */
static int
take_interface(const struct argument *argument)
{
    PyObject *value = argument->value;
    unsigned int index = 0;

    if (PyLong_Check(value)) {
        long number = PyLong_AsLong(value);

        if (number <= 0 || number > INT_MAX) {
            PyErr_Clear();
            PyErr_Format(PyExc_ValueError, "%s index out of range: %R", argument->name,
                         value);
            return -1;
        }
        index = (unsigned int)number;
    }
    else if (PyUnicode_Check(value)) {
        index = tb_interface_index(tb_state_of(argument->program), value, 1,
                                   "attach of program", argument->program->name);
    }
    else {
        PyErr_Format(PyExc_TypeError, "%s must be a name or an index, not %R",
                     argument->name, Py_TYPE(value));
    }
    *(int *)argument->field = (int)index;
    return index ? 0 : -1;
}

static int
take_cgroup(const struct argument *argument)
{
    PyObject *value = argument->value;
    long number;

    if (!PyLong_Check(value)) {
        return take_path(argument);
    }
    number = PyLong_AsLong(value);
    if (number < 0 || number > INT_MAX) {
        PyErr_Clear();
        PyErr_Format(PyExc_ValueError, "%s descriptor out of range: %R", argument->name,
                     value);
        return -1;
    }
    argument->target->fd = (int)number;
    return 0;
}

static int (*const takers[])(const struct argument *argument) = {
    [TB_ATTACH_TEXT] = take_text,
    [TB_ATTACH_TEXT_OR_NONE] = take_text_or_none,
    [TB_ATTACH_PATH] = take_path,
    [TB_ATTACH_SIZE] = take_size,
    [TB_ATTACH_INT] = take_int,
    [TB_ATTACH_FLAG] = take_flag,
    [TB_ATTACH_INTERFACE] = take_interface,
    [TB_ATTACH_CGROUP] = take_cgroup,
};

/* The values that a method was given, borrowed; NULL where one was left out. 0 or -1.
 */
static int
parse(PyObject *args, PyObject *kwargs, const struct tb_attach_method *method,
      PyObject *v[TB_ATTACH_ARGUMENTS])
{
    const char *names[TB_ATTACH_ARGUMENTS + 1] = {NULL};

    for (int i = 0; i < TB_ATTACH_ARGUMENTS; i++) {
        names[i] = method->arguments[i].name;
    }
    return PyArg_ParseTupleAndKeywords(args, kwargs, method->format, (char **)names,
                                       &v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6],
                                       &v[7])
               ? 0
               : -1;
}

/* Read them into the target, which *kept must live as long as; 0, or -1 with an
 * exception. */
static int
take_all(BpfProgram *program, const struct tb_attach_method *method,
         PyObject *const v[TB_ATTACH_ARGUMENTS], struct tb_target *target,
         PyObject **kept)
{
    for (int i = 0; i < TB_ATTACH_ARGUMENTS && method->arguments[i].name; i++) {
        const struct argument argument = {
            .program = program,
            .name = method->arguments[i].name,
            .value = v[i],
            .target = target,
            .field = (char *)target + method->arguments[i].at,
            .kept = kept,
        };

        if (v[i] != NULL && takers[method->arguments[i].form](&argument) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Whether the hook takes the program; else an exception says what it takes. */
static int
is_taken(BpfProgram *self, const struct tb_hook_kind *hook, PyObject *name)
{
    struct bpf_program *handle = tb_program_handle(self);
    int type = handle ? (int)bpf_program__type(handle) : 0;
    char all[160] = "";
    size_t n = 0;

    if (handle == NULL) {
        return 0;
    }
    for (const int *taken = hook->types; *taken >= 0 && n < sizeof(all); taken++) {
        if (*taken == type) {
            return 1;
        }
        n += (size_t)snprintf(all + n, sizeof(all) - n, "%s%s", n ? ", " : "",
                              libbpf_bpf_prog_type_str((enum bpf_prog_type) * taken));
    }
    tb_error_raise(tb_state_of(self), TB_ERROR, EINVAL,
                   "attach of program %R to %U failed: it is of type %s (section "
                   "'%s'), and there go programs of type %s",
                   self->name, name, libbpf_bpf_prog_type_str((enum bpf_prog_type)type),
                   bpf_program__section_name(handle), all);
    return 0;
}

PyObject *
tb_attach_by_method(PyObject *op, PyObject *args, PyObject *kwargs,
                    const struct tb_attach_method *method)
{
    BpfProgram *self = (BpfProgram *)op;
    struct tb_target target = {.hook = tb_catalog_hook(method->hook),
                               .retprobe = method->retprobe,
                               .pid = -1,
                               .fd = -1};
    PyObject *v[TB_ATTACH_ARGUMENTS] = {NULL};
    PyObject *kept = NULL, *name = NULL, *link = NULL;

    if (parse(args, kwargs, method, v) == 0 &&
        take_all(self, method, v, &target, &kept) == 0) {
        name = method->write(self, &target);
    }
    if (name != NULL && is_taken(self, target.hook, name)) {
        link = tb_attach_by(self, &method->way, &target, name, NULL);
    }
    Py_XDECREF(name);
    Py_XDECREF(kept);
    return link;
}
