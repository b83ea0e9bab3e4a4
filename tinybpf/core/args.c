/* SPDX-License-Identifier: MIT
 *
 * Shared reading of arguments (args.h). It raises only the built-in exceptions
 * that a call with wrong arguments gets.
 */
#include "args.h"

#include <string.h>

#define NAME_MAX_COMPARED 128

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

static size_t
min3(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;

    return ab < c ? ab : c;
}

/* Edit distance of two names (Levenshtein, one row at a time). */
static size_t
distance(const char *a, const char *b)
{
    size_t row[NAME_MAX_COMPARED + 1];
    size_t m = strlen(a), n = strlen(b);

    if (m > NAME_MAX_COMPARED || n > NAME_MAX_COMPARED) {
        return SIZE_MAX;
    }
    for (size_t j = 0; j <= n; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= m; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t above = row[j];

            row[j] = min3(row[j - 1] + 1, above + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[n];
}

const char *
tb_args_nearest(const char *wanted, const char *const *names, size_t n)
{
    size_t best = strlen(wanted) / 3 + 2; /* farther is no misspelling */
    const char *nearest = NULL;

    for (size_t i = 0; i < n; i++) {
        size_t d = distance(wanted, names[i]);

        if (d < best) {
            best = d;
            nearest = names[i];
        }
    }
    return nearest;
}
