/* SPDX-License-Identifier: MIT
 *
 * Reads the arguments of attach_ methods (attach/argument.h). What a field points into
 * is held by a list until the call is over: a str, bytes of a path, the items of a list
 * as bytes.
 */
#include "attach/argument.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "host/interface.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>

/* The text of a str that is held; NULL with an exception. */
static const char *
text_of(PyObject *value, const char *name)
{
    const char *text;
    Py_ssize_t n;

    if (!PyUnicode_Check(value)) {
        PyErr_Format(PyExc_TypeError, "%s must be a str, not %R", name, Py_TYPE(value));
        return NULL;
    }
    text = PyUnicode_AsUTF8AndSize(value, &n);
    if (text != NULL && strlen(text) != (size_t)n) {
        PyErr_Format(PyExc_ValueError, "%s has a null character: %R", name, value);
        return NULL;
    }
    return text;
}

int
tb_argument_text(const struct tb_argument *argument)
{
    const char *text = text_of(argument->value, argument->name);

    if (text == NULL || PyList_Append(argument->attach->kept, argument->value) < 0) {
        return -1;
    }
    *(const char **)argument->field = text;
    return 0;
}

int
tb_argument_path(const struct tb_argument *argument)
{
    PyObject *bytes = NULL;

    if (!PyUnicode_FSConverter(argument->value, &bytes)) {
        return -1;
    }
    *(const char **)argument->field = PyBytes_AsString(bytes);
    return tb_args_append_steal(argument->attach->kept, bytes);
}

int
tb_argument_truth(const struct tb_argument *argument)
{
    if (!PyLong_Check(argument->value)) {
        PyErr_Format(PyExc_TypeError, "%s must be True or False, not %R",
                     argument->name, Py_TYPE(argument->value));
        return -1;
    }
    return PyObject_IsTrue(argument->value);
}

int
tb_argument_flag(const struct tb_argument *argument)
{
    int truth = tb_argument_truth(argument);

    *(int *)argument->field = truth;
    return truth < 0 ? -1 : 0;
}

int
tb_argument_int(const struct tb_argument *argument)
{
    return PyArg_Parse(argument->value, "i", argument->field) ? 0 : -1;
}

int
tb_argument_pid(const struct tb_argument *argument)
{
    int pid;

    if (!PyArg_Parse(argument->value, "i", &pid)) {
        return -1;
    }
    if (pid < -1) {
        PyErr_Format(PyExc_ValueError,
                     "%s must be that of a process, 0 for this one or -1 for every "
                     "one, not %d",
                     argument->name, pid);
        return -1;
    }
    *(int *)argument->field = pid;
    return 0;
}

int
tb_argument_u32(const struct tb_argument *argument)
{
    uint64_t number;

    if (tb_args_number(argument->value, argument->name, UINT32_MAX, &number) < 0) {
        return -1;
    }
    *(uint32_t *)argument->field = (uint32_t)number;
    return 0;
}

int
tb_argument_u64(const struct tb_argument *argument)
{
    return tb_args_number(argument->value, argument->name, UINT64_MAX, argument->field);
}

int
tb_argument_size(const struct tb_argument *argument)
{
    uint64_t number;

    if (tb_args_number(argument->value, argument->name, PY_SSIZE_T_MAX, &number) < 0) {
        return -1;
    }
    *(size_t *)argument->field = (size_t)number;
    return 0;
}

/* Raise for what is none of the words: "mode must be 'skb' or 'driver', not 'x'". */
static int
refuse_word(const struct tb_argument *argument, const char *const *words)
{
    PyObject *list = PyUnicode_FromString("");

    for (size_t i = 0; words[i] != NULL && list != NULL; i++) {
        const char *between = i == 0 ? "" : words[i + 1] ? ", " : " or ";
        PyObject *longer = PyUnicode_FromFormat("%U%s'%s'", list, between, words[i]);

        Py_DECREF(list);
        list = longer;
    }
    if (list != NULL) {
        PyErr_Format(PyUnicode_Check(argument->value) ? PyExc_ValueError
                                                      : PyExc_TypeError,
                     "%s must be %U, not %R", argument->name, list, argument->value);
        Py_DECREF(list);
    }
    return -1;
}

int
tb_argument_word(const struct tb_argument *argument, const char *const *words)
{
    for (int i = 0; words[i] != NULL; i++) {
        if (PyUnicode_Check(argument->value) &&
            PyUnicode_CompareWithASCIIString(argument->value, words[i]) == 0) {
            *(int *)argument->field = i;
            return 0;
        }
    }
    return refuse_word(argument, words);
}

int
tb_argument_mode(const struct tb_argument *argument)
{
    static const char *const words[] = {
        [PROBE_ATTACH_MODE_DEFAULT] = "default",
        [PROBE_ATTACH_MODE_LEGACY] = "legacy",
        [PROBE_ATTACH_MODE_PERF] = "perf",
        [PROBE_ATTACH_MODE_LINK] = "link",
        NULL,
    };

    return tb_argument_word(argument, words);
}

/* The items of a sequence, not of a str, as a tuple that is kept; NULL with an
 * exception. */
static PyObject *
items_of(const struct tb_argument *argument)
{
    PyObject *items;

    if (PyUnicode_Check(argument->value) || PyBytes_Check(argument->value)) {
        PyErr_Format(PyExc_TypeError, "%s must be a sequence, not %R", argument->name,
                     Py_TYPE(argument->value));
        return NULL;
    }
    items = PySequence_Tuple(argument->value);
    return tb_args_append_steal(argument->attach->kept, items) < 0 ? NULL : items;
}

/* Memory for a list that lives as long as what is kept; NULL with an exception. */
static void *
keep_room(const struct tb_argument *argument, size_t size)
{
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)size);

    return tb_args_append_steal(argument->attach->kept, bytes) < 0
               ? NULL
               : PyBytes_AsString(bytes);
}

int
tb_argument_texts(const struct tb_argument *argument)
{
    struct tb_argument_list *list = argument->field;
    PyObject *items = items_of(argument);
    size_t n = items ? (size_t)PyTuple_Size(items) : 0;
    const char **texts = items ? keep_room(argument, n * sizeof(*texts)) : NULL;

    for (size_t i = 0; i < n && texts != NULL; i++) {
        texts[i] = text_of(PyTuple_GetItem(items, (Py_ssize_t)i), argument->name);
        if (texts[i] == NULL) {
            return -1;
        }
    }
    *list = (struct tb_argument_list){.items = texts, .n = n};
    return texts ? 0 : -1;
}

int
tb_argument_numbers(const struct tb_argument *argument)
{
    struct tb_argument_list *list = argument->field;
    PyObject *items = items_of(argument);
    size_t n = items ? (size_t)PyTuple_Size(items) : 0;
    uint64_t *numbers = items ? keep_room(argument, n * sizeof(*numbers)) : NULL;

    for (size_t i = 0; i < n && numbers != NULL; i++) {
        if (tb_args_number(PyTuple_GetItem(items, (Py_ssize_t)i), argument->name,
                           UINT64_MAX, &numbers[i]) < 0) {
            return -1;
        }
    }
    *list = (struct tb_argument_list){.items = numbers, .n = n};
    return numbers ? 0 : -1;
}

int
tb_argument_keep_fd(const struct tb_argument *argument, int fd)
{
    struct tb_attach *attach = argument->attach;

    if (fd < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    attach->fds[attach->n_fds++] = fd;
    return 0;
}

/* A duplicate in place of a descriptor that somebody may close meanwhile. */
static int
keep_duplicate(const struct tb_argument *argument, int fd)
{
    fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    *(int *)argument->field = fd;
    return tb_argument_keep_fd(argument, fd);
}

int
tb_argument_fd(const struct tb_argument *argument)
{
    int fd = PyObject_AsFileDescriptor(argument->value);

    return fd < 0 ? -1 : keep_duplicate(argument, fd);
}

int
tb_argument_program(const struct tb_argument *argument)
{
    int fd;

    if (Py_TYPE(argument->value) == Py_TYPE(argument->program)) {
        fd = tb_program_fd((BpfProgram *)argument->value);
        return fd < 0 ? -1 : keep_duplicate(argument, fd);
    }
    if (!PyLong_Check(argument->value)) {
        PyErr_Format(PyExc_TypeError,
                     "%s is a BpfProgram or a descriptor of one, not %R",
                     argument->name, Py_TYPE(argument->value));
        return -1;
    }
    return tb_argument_fd(argument);
}

/* An index need not exist: nobody has looked yet. */
int
tb_argument_interface(const struct tb_argument *argument)
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

int
tb_argument_cgroup(const struct tb_argument *argument)
{
    PyObject *value = argument->value;
    long number;

    if (!PyLong_Check(value)) {
        return tb_argument_path(argument);
    }
    number = PyLong_AsLong(value);
    if (number < 0 || number > INT_MAX) {
        PyErr_Clear();
        PyErr_Format(PyExc_ValueError, "%s descriptor out of range: %R", argument->name,
                     value);
        return -1;
    }
    argument->attach->target.fd = (int)number;
    return 0;
}
