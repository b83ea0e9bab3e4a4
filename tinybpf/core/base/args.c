/* SPDX-License-Identifier: MIT
 *
 * Shared reading of arguments (base/args.h). It raises only the built-in exceptions
 * that a call with wrong arguments gets.
 */
#include "base/args.h"

#include "base/nearest.h"

#include <string.h>

int
tb_args_count(const char *method, Py_ssize_t n, Py_ssize_t min, Py_ssize_t max)
{
    if (n >= min && n <= max) {
        return 0;
    }
    if (min == max) {
        PyErr_Format(PyExc_TypeError, "%s() takes %zd argument%s (%zd given)", method,
                     min, min == 1 ? "" : "s", n);
    }
    else {
        PyErr_Format(PyExc_TypeError,
                     "%s() takes from %zd to %zd arguments (%zd given)", method, min,
                     max, n);
    }
    return -1;
}

/* The number of the parameter that goes by the name; -1 if there is none. */
static Py_ssize_t
parameter(const struct tb_args_signature *signature, PyObject *name)
{
    for (Py_ssize_t i = 0; signature->parameters[i] != NULL; i++) {
        if (PyUnicode_CompareWithASCIIString(name, signature->parameters[i]) == 0) {
            return i;
        }
    }
    return -1;
}

int
tb_args_read(const struct tb_args_signature *signature, PyObject *const *args,
             Py_ssize_t n, PyObject *names, PyObject **out)
{
    Py_ssize_t n_names = names ? PyTuple_Size(names) : 0;
    Py_ssize_t n_all = 0;

    for (; signature->parameters[n_all] != NULL; n_all++) {
        out[n_all] = n_all < n ? args[n_all] : NULL;
    }
    if (n + n_names > n_all || (n_names == 0 && n < signature->n_needed)) {
        return tb_args_count(signature->method, n + n_names, signature->n_needed,
                             n_all);
    }
    for (Py_ssize_t i = 0; i < n_names; i++) {
        Py_ssize_t at = parameter(signature, PyTuple_GetItem(names, i));

        if (at < 0 || out[at] != NULL) {
            PyErr_Format(PyExc_TypeError, "%s() %s argument %R", signature->method,
                         at < 0 ? "has no" : "was given twice the",
                         PyTuple_GetItem(names, i));
            return -1;
        }
        out[at] = args[n + i];
    }
    for (Py_ssize_t i = 0; i < signature->n_needed; i++) {
        if (out[i] == NULL) {
            PyErr_Format(PyExc_TypeError, "%s() lacks the argument '%s'",
                         signature->method, signature->parameters[i]);
            return -1;
        }
    }
    return 0;
}

int
tb_args_is_given(PyObject *arg)
{
    return arg != NULL && arg != Py_None;
}

PyObject *
tb_args_attr(PyObject *object, const char *name)
{
    PyObject *key = PyUnicode_InternFromString(name);
    PyObject *value = key ? PyObject_GetAttr(object, key) : NULL;

    Py_XDECREF(key);
    return value;
}

int
tb_args_find(PyObject *object, const char *name, PyObject **out_value)
{
    *out_value = tb_args_attr(object, name);
    if (*out_value != NULL) {
        return 1;
    }
    if (!PyErr_ExceptionMatches(PyExc_AttributeError)) {
        return -1;
    }
    PyErr_Clear();
    return 0;
}

int
tb_args_has(PyObject *object, const char *name)
{
    PyObject *value;
    int found = tb_args_find(object, name, &value);

    Py_XDECREF(value);
    return found;
}

PyObject *
tb_args_call(PyObject *object, const char *method, PyObject *arg)
{
    PyObject *key = PyUnicode_InternFromString(method);
    PyObject *result = NULL;

    if (key != NULL) {
        result = PyObject_CallMethodObjArgs(object, key, arg, NULL);
    }
    Py_XDECREF(key);
    return result;
}

int
tb_args_number(PyObject *value, const char *name, uint64_t max, uint64_t *out)
{
    PyObject *number = PyNumber_Index(value);

    if (number == NULL) {
        return -1;
    }
    *out = PyLong_AsUnsignedLongLong(number);
    Py_DECREF(number);
    if (!(*out == (uint64_t)-1 && PyErr_Occurred()) && *out <= max) {
        return 0;
    }
    PyErr_Clear();
    PyErr_Format(PyExc_ValueError, "%s is out of range: %R is not from 0 to %llu", name,
                 value, (unsigned long long)max);
    return -1;
}

long
tb_args_descriptor(PyObject *number)
{
    long value = PyLong_AsLong(number);

    if (value == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (value < 0 || value > INT32_MAX) {
        PyErr_Format(PyExc_ValueError, "not a descriptor or index: %R", number);
        return -1;
    }
    return value;
}

/* A mapping's pairs as a list; NULL with an exception. */
static PyObject *
items_of(PyObject *mapping, const char *what)
{
    PyObject *items = tb_args_call(mapping, "items", NULL);
    PyObject *list = items ? PySequence_List(items) : NULL;

    Py_XDECREF(items);
    if (items == NULL && PyErr_ExceptionMatches(PyExc_AttributeError)) {
        PyErr_Format(PyExc_TypeError, "%s is a dict, not %R", what, Py_TYPE(mapping));
    }
    for (Py_ssize_t i = 0; list != NULL && i < PyList_Size(list); i++) {
        if (!PyTuple_Check(PyList_GetItem(list, i))) {
            PyErr_Format(PyExc_TypeError, "the items of %s are (name, value) tuples",
                         what);
            Py_CLEAR(list);
        }
    }
    return list;
}

int
tb_args_each(PyObject *mapping, const char *what, tb_args_taker take, void *taker)
{
    PyObject *items = items_of(mapping, what);
    int rc = items ? 0 : -1;

    for (Py_ssize_t i = 0; rc == 0 && i < PyList_Size(items); i++) {
        PyObject *name, *value;

        rc = PyArg_ParseTuple(PyList_GetItem(items, i), "OO", &name, &value)
                 ? take(taker, name, value)
                 : -1;
    }
    Py_XDECREF(items);
    return rc;
}

PyObject *
tb_args_text(const char *text)
{
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "backslashreplace");
}

int
tb_args_append_steal(PyObject *list, PyObject *item)
{
    int rc = item ? PyList_Append(list, item) : -1;

    Py_XDECREF(item);
    return rc;
}

int
tb_args_forgive_module(void)
{
    if (!PyErr_ExceptionMatches(PyExc_ModuleNotFoundError)) {
        return -1;
    }
    PyErr_Clear();
    return 0;
}

const char *
tb_args_nearest(const char *wanted, const char *const *names, size_t n)
{
    size_t best = tb_nearest_limit(wanted);
    const char *nearest = NULL;

    for (size_t i = 0; i < n; i++) {
        size_t d = tb_nearest_distance(wanted, names[i], best);

        if (d < best) {
            best = d;
            nearest = names[i];
        }
    }
    return nearest;
}
