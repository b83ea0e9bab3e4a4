/* SPDX-License-Identifier: MIT
 *
 * Bytes of records (value/record_size.h), before they are made.
 */
#include "value/record_size.h"

const struct tb_field *
tb_record_size_tail(const struct tb_layout *layout)
{
    const struct tb_field *last = layout->n ? &layout->fields[layout->n - 1] : NULL;

    return last != NULL && last->is_tail ? last : NULL;
}

/* The bytes of a record with this value for its flexible array; -1 with an exception.
 */
static Py_ssize_t
size_with_tail(const struct tb_layout *layout, PyObject *value)
{
    const struct tb_field *tail = tb_record_size_tail(layout);
    Py_ssize_t size = (Py_ssize_t)tail->layout->element->size, n;
    Py_buffer view;

    if (PyObject_CheckBuffer(value)) {
        if (PyObject_GetBuffer(value, &view, PyBUF_SIMPLE) < 0) {
            return -1;
        }
        n = view.len;
        PyBuffer_Release(&view);
        size = 1;
    }
    else if (PyUnicode_Check(value)) {
        PyObject *bytes = PyUnicode_AsUTF8String(value);

        n = bytes ? PyBytes_Size(bytes) : -1;
        Py_XDECREF(bytes);
    }
    else {
        n = PyObject_Size(value);
    }
    if (n < 0 || n > INT32_MAX / size) {
        return n < 0 ? -1 : (Py_ssize_t)(PyErr_NoMemory(), -1);
    }
    size = (Py_ssize_t)tail->offset + n * size;
    return size < (Py_ssize_t)layout->size ? (Py_ssize_t)layout->size : size;
}

/* What is given for the flexible array: by name, or as the last of all fields; a new
 * reference, NULL if nothing is. */
static PyObject *
given_tail(const struct tb_layout *layout, PyObject *value, PyObject *fields)
{
    const char *name = tb_record_size_tail(layout)->name;
    PyObject *given = fields ? PyDict_GetItemString(fields, name) : NULL;

    if (given == NULL && value != NULL && PyDict_Check(value)) {
        given = PyDict_GetItemString(value, name);
    }
    if (given == NULL && value != NULL && PyTuple_Check(value) &&
        PyTuple_Size(value) == (Py_ssize_t)layout->n) {
        given = PyTuple_GetItem(value, PyTuple_Size(value) - 1);
    }
    Py_XINCREF(given);
    return given;
}

Py_ssize_t
tb_record_size(const struct tb_layout *layout, PyObject *value, PyObject *fields)
{
    Py_ssize_t size = (Py_ssize_t)layout->size;
    PyObject *tail;
    Py_buffer view;

    if (tb_record_size_tail(layout) == NULL) {
        return size;
    }
    tail = given_tail(layout, value, fields);
    if (tail != NULL) {
        size = size_with_tail(layout, tail);
        Py_DECREF(tail);
        return size;
    }
    if (value == NULL || !PyObject_CheckBuffer(value)) {
        return size;
    }
    if (PyObject_GetBuffer(value, &view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    size = view.len < size ? size : view.len;
    PyBuffer_Release(&view);
    return size;
}
