/* SPDX-License-Identifier: MIT
 *
 * Text of aggregates (value/text.h).
 */
#include "value/text.h"

#include "base/args.h"
#include "value/bits.h"
#include "value/decode.h"

#include <stdlib.h>
#include <string.h>

/* An aggregate in memory. */
struct whole {
    const struct tb_layout *layout;
    const char *data;
    size_t size;
};

/* The value of a field: a member of an enum is shown by its name, a struct with its
 * padding where that is asked for. */
static PyObject *
value_text(const struct tb_field *field, PyObject *value, int with_padding)
{
    if (field->layout->kind == TB_LAYOUT_ENUM && !PyLong_CheckExact(value)) {
        return tb_args_attr(value, "_name_");
    }
    return tb_layout_is_aggregate(field->layout) && !with_padding
               ? PyObject_Str(value)
               : PyObject_Repr(value);
}

/* Append "name=value"; 0, or -1 with an exception. */
static int
add_field(Btf *btf, const struct tb_field *field, const struct whole *whole,
          PyObject *texts, int with_padding)
{
    PyObject *value = tb_value_decode_field(btf, field, whole->data, whole->size);
    PyObject *inner = value ? value_text(field, value, with_padding) : NULL;
    PyObject *name = inner ? tb_args_text(field->name) : NULL;
    PyObject *text = name ? PyUnicode_FromFormat("%U=%S", name, inner) : NULL;
    int rc = text ? PyList_Append(texts, text) : -1;

    Py_XDECREF(value);
    Py_XDECREF(inner);
    Py_XDECREF(name);
    Py_XDECREF(text);
    return rc;
}

/* Set the bits of a mask that belong to fields. */
static void
cover(const struct whole *whole, unsigned char *mask)
{
    for (uint32_t i = 0; i < whole->layout->n; i++) {
        const struct tb_field *field = &whole->layout->fields[i];
        size_t n = field->is_tail ? whole->size - field->offset : tb_layout_span(field);

        if (field->bits != 0) {
            tb_bits_store(mask + field->offset, field->shift, field->bits, ~(tb_wide)0);
        }
        else {
            memset(mask + field->offset, 0xff, n);
        }
    }
}

/* Append "padding[from:to]=b'...'" if there is anything but zeros; 0 or -1. */
static int
add_gap(PyObject *texts, const unsigned char *rest, size_t from, size_t to)
{
    size_t first = from;
    PyObject *bytes, *text;
    int rc;

    while (first < to && rest[first] == 0) {
        first++;
    }
    if (first == to) {
        return 0;
    }
    bytes =
        PyBytes_FromStringAndSize((const char *)rest + from, (Py_ssize_t)(to - from));
    text = bytes ? PyUnicode_FromFormat("padding[%zu:%zu]=%R", from, to, bytes) : NULL;
    rc = text ? PyList_Append(texts, text) : -1;
    Py_XDECREF(bytes);
    Py_XDECREF(text);
    return rc;
}

/* Append what no field covers; 0, or -1 with an exception. */
static int
add_padding(const struct whole *whole, PyObject *texts)
{
    size_t size = whole->size;
    unsigned char *mask = calloc(2, size + sizeof(tb_wide) + 1);
    unsigned char *rest = mask ? mask + size + sizeof(tb_wide) + 1 : NULL;
    int rc = mask ? 0 : -1;

    if (mask == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    cover(whole, mask);
    for (size_t i = 0; i < size; i++) {
        rest[i] = (unsigned char)whole->data[i] & (unsigned char)~mask[i];
    }
    for (size_t from = 0, to; rc == 0 && from < size; from = to + 1) {
        to = from;
        while (to < size && mask[to] != 0xff) {
            to++;
        }
        rc = add_gap(texts, rest, from, to);
    }
    free(mask);
    return rc;
}

PyObject *
tb_value_text(Btf *btf, const struct tb_layout *layout, const char *data, size_t size,
              int with_padding)
{
    const struct whole whole = {layout, data, size};
    PyObject *texts = PyList_New(0);
    PyObject *comma = PyUnicode_FromString(", ");
    PyObject *all = NULL;
    int rc = texts && comma ? 0 : -1;

    for (uint32_t i = 0; rc == 0 && i < layout->n; i++) {
        rc = add_field(btf, &layout->fields[i], &whole, texts, with_padding);
    }
    if (rc == 0 && with_padding) {
        rc = add_padding(&whole, texts);
    }
    if (rc == 0) {
        all = PyUnicode_Join(comma, texts);
    }
    Py_XDECREF(texts);
    Py_XDECREF(comma);
    return all;
}
