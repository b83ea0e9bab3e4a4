/* SPDX-License-Identifier: MIT
 *
 * Paths into values (value/path.h).
 */
#include "value/path.h"

#include "base/args.h"

/* Append a step: takes text, returns the longer one. */
static PyObject *
step_steal(PyObject *text, const struct tb_path *path)
{
    PyObject *longer = NULL;

    if (text != NULL && path->name == NULL) {
        longer = PyUnicode_FromFormat("%U[%zd]", text, path->index);
    }
    else if (text != NULL) {
        const char *dot = PyUnicode_GetLength(text) > 0 ? "." : "";

        longer = PyUnicode_FromFormat("%U%s%s", text, dot, path->name);
    }
    Py_XDECREF(text);
    return longer;
}

/* The steps below the root; "" for the root itself. */
static PyObject *
steps(const struct tb_path *path)
{
    return path->up == NULL ? PyUnicode_FromString("")
                            : step_steal(steps(path->up), path);
}

PyObject *
tb_path_text(const struct tb_path *path)
{
    const struct tb_path *root = path;
    PyObject *inner, *text = NULL;

    while (root->up != NULL) {
        root = root->up;
    }
    if (root == path) {
        return tb_args_text(root->name);
    }
    inner = steps(path);
    if (inner != NULL) {
        text = PyUnicode_FromFormat("%s field '%U'", root->name, inner);
    }
    Py_XDECREF(inner);
    return text;
}

int
tb_path_raise_type(const struct tb_path *at, PyObject *value, uint32_t size,
                   const char *wanted)
{
    PyObject *name = tb_args_attr((PyObject *)Py_TYPE(value), "__name__");
    PyObject *text = name ? tb_path_text(at) : NULL;

    if (text != NULL) {
        PyErr_Format(PyExc_TypeError, "Cannot convert %U to %U of %u bytes: give %s",
                     name, text, size, wanted);
    }
    Py_XDECREF(name);
    Py_XDECREF(text);
    return -1;
}

int
tb_path_raise_size(const struct tb_path *at, uint32_t size, Py_ssize_t got)
{
    PyObject *text = tb_path_text(at);

    if (text != NULL) {
        PyErr_Format(PyExc_ValueError, "%U size mismatch: expected %u bytes, got %zd",
                     text, size, got);
    }
    Py_XDECREF(text);
    return -1;
}
