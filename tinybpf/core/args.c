/* SPDX-License-Identifier: MIT
 *
 * Shared reading of arguments (args.h). It raises only the built-in exceptions
 * that a call with wrong arguments gets.
 */
#include "args.h"

#include "nearest.h"

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
