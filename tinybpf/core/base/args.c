/* SPDX-License-Identifier: MIT
 *
 * Shared reading of arguments (base/args.h). It raises only the built-in exceptions
 * that a call with wrong arguments gets.
 */
#include "base/args.h"

#include "base/nearest.h"

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

PyObject *
tb_args_attr(PyObject *object, const char *name)
{
    PyObject *key = PyUnicode_InternFromString(name);
    PyObject *value = key ? PyObject_GetAttr(object, key) : NULL;

    Py_XDECREF(key);
    return value;
}

int
tb_args_has(PyObject *object, const char *name)
{
    PyObject *value = tb_args_attr(object, name);

    if (value == NULL) {
        PyErr_Clear();
    }
    Py_XDECREF(value);
    return value != NULL;
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

PyObject *
tb_args_import(const char *module, const char *name)
{
    PyObject *found = PyImport_ImportModule(module);
    PyObject *value = found ? tb_args_attr(found, name) : NULL;

    Py_XDECREF(found);
    return value;
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

PyObject *
tb_args_items(PyObject *mapping, const char *what)
{
    PyObject *items = tb_args_call(mapping, "items", NULL);
    PyObject *list = items ? PySequence_List(items) : NULL;

    Py_XDECREF(items);
    if (items == NULL && PyErr_ExceptionMatches(PyExc_AttributeError)) {
        PyErr_Format(PyExc_TypeError, "%s is a dict, not %R", what, Py_TYPE(mapping));
    }
    return list;
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
