/* SPDX-License-Identifier: MIT
 *
 * From Python values to memory (value/encode.h): arrays and aggregates are taken apart
 * here down to scalars.
 */
#include "value/encode.h"

#include "base/args.h"
#include "value/bits.h"
#include "value/scalar.h"

#include <stdlib.h>
#include <string.h>

/* Copy a bytes-like object; one that is too short is filled up with zeros where that
 * is usual (text). */
static int
encode_buffer(const struct tb_path *at, PyObject *value, struct tb_span out,
              int may_be_short)
{
    Py_buffer view;
    int rc = -1;

    if (PyObject_GetBuffer(value, &view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    if ((size_t)view.len == out.size || (may_be_short && (size_t)view.len < out.size)) {
        memset(out.data, 0, out.size);
        memcpy(out.data, view.buf, (size_t)view.len);
        rc = 0;
    }
    else {
        tb_path_raise_size(at, (uint32_t)out.size, view.len);
    }
    PyBuffer_Release(&view);
    return rc;
}

static int
encode_text(const struct tb_path *at, PyObject *value, struct tb_span out)
{
    PyObject *bytes = NULL;
    int rc;

    if (PyUnicode_Check(value)) {
        bytes = PyUnicode_AsUTF8String(value);
        value = bytes;
    }
    else if (!PyObject_CheckBuffer(value)) {
        return tb_path_raise_type(at, value, (uint32_t)out.size, "str, or bytes");
    }
    rc = value ? encode_buffer(at, value, out, 1) : -1;
    Py_XDECREF(bytes);
    return rc;
}

static int
is_sequence(PyObject *value)
{
    return PySequence_Check(value) && !PyUnicode_Check(value) && !PyDict_Check(value);
}

static int
raise_count(const struct tb_path *at, const char *noun, size_t n, Py_ssize_t got)
{
    PyObject *text = tb_path_text(at);

    if (text != NULL) {
        PyErr_Format(PyExc_ValueError, "%U: %s count mismatch: expected %zu, got %zd",
                     text, noun, n, got);
    }
    Py_XDECREF(text);
    return -1;
}

/* Bytes-like objects of the whole size, or one value for each element; how many a
 * flexible array has, the size of its memory says. */
static int
encode_array(const struct tb_layout *layout, const struct tb_path *at, PyObject *value,
             struct tb_span out)
{
    const struct tb_layout *element = layout->element;
    size_t n = layout->is_flexible ? out.size / element->size : layout->n;
    struct tb_path here = {.up = at};
    PyObject *list;
    int rc = 0;

    if (PyObject_CheckBuffer(value)) {
        return encode_buffer(at, value, out, 0);
    }
    if (element == NULL || !is_sequence(value)) {
        return tb_path_raise_type(at, value, (uint32_t)out.size,
                                  element ? "a sequence, or bytes" : "bytes");
    }
    list = PySequence_List(value);
    if (list == NULL) {
        return -1;
    }
    if (PyList_Size(list) != (Py_ssize_t)n) {
        rc = raise_count(at, "Element", n, PyList_Size(list));
    }
    for (size_t i = 0; rc == 0 && i < n; i++) {
        struct tb_span span = {(char *)out.data + i * element->size, element->size,
                               out.is_set};

        here.index = (Py_ssize_t)i;
        rc = tb_value_encode(element, &here, PyList_GetItem(list, here.index), span);
    }
    Py_DECREF(list);
    return rc;
}

/* The field whose name comes nearest to one that is no field's, or NULL. */
static const char *
nearest(const struct tb_layout *layout, PyObject *name)
{
    const char *wanted =
        PyUnicode_Check(name) ? PyUnicode_AsUTF8AndSize(name, NULL) : NULL;
    const char **names = calloc((size_t)layout->n + 1, sizeof(*names));
    const char *found = NULL;

    for (uint32_t i = 0; names != NULL && i < layout->n; i++) {
        names[i] = layout->fields[i].name;
    }
    if (wanted != NULL && names != NULL) {
        found = tb_args_nearest(wanted, names, layout->n);
    }
    PyErr_Clear();
    free(names);
    return found;
}

/* Raise TypeError for a name that is no field's; returns -1. */
static int
raise_no_field(const struct tb_layout *layout, const struct tb_path *at, PyObject *name)
{
    const char *other = nearest(layout, name);
    PyObject *text = tb_path_text(at);

    if (text != NULL && other != NULL) {
        PyErr_Format(PyExc_TypeError, "%U has no field %R; did you mean '%s'?", text,
                     name, other);
    }
    else if (text != NULL) {
        PyErr_Format(PyExc_TypeError, "%U has no field %R", text, name);
    }
    Py_XDECREF(text);
    return -1;
}

/* A (name, value) pair of a dict. */
static int
encode_item(const struct tb_layout *layout, const struct tb_path *at, PyObject *pair[2],
            struct tb_span out)
{
    const struct tb_field *field = NULL;
    struct tb_path here = {.up = at};

    if (PyUnicode_Check(pair[0])) {
        const char *name = PyUnicode_AsUTF8AndSize(pair[0], NULL);

        if (name == NULL) {
            return -1;
        }
        field = tb_layout_field(layout, name);
    }
    if (field == NULL) {
        return raise_no_field(layout, at, pair[0]);
    }
    here.name = field->name;
    return tb_value_encode_field(field, &here, pair[1], out);
}

int
tb_value_encode_some(const struct tb_layout *layout, const struct tb_path *at,
                     PyObject *dict, struct tb_span out)
{
    PyObject *pair[2];
    Py_ssize_t i = 0;
    int rc = 0;

    while (rc == 0 && PyDict_Next(dict, &i, &pair[0], &pair[1])) {
        Py_INCREF(pair[0]);
        Py_INCREF(pair[1]);
        rc = encode_item(layout, at, pair, out);
        Py_DECREF(pair[0]);
        Py_DECREF(pair[1]);
    }
    return rc;
}

/* The fields that a dict names; the others become zero, or stay. */
static int
encode_dict(const struct tb_layout *layout, const struct tb_path *at, PyObject *dict,
            struct tb_span out)
{
    if (!out.is_set) {
        memset(out.data, 0, out.size);
    }
    return tb_value_encode_some(layout, at, dict, out);
}

/* All fields in the order of C, or the first member of a union. */
static int
encode_fields(const struct tb_layout *layout, const struct tb_path *at, PyObject *value,
              struct tb_span out)
{
    size_t n = layout->kind == TB_LAYOUT_UNION && layout->n > 1 ? 1 : layout->n;
    PyObject *list = PySequence_List(value);
    int rc = 0;

    if (list == NULL) {
        return -1;
    }
    if (!out.is_set) {
        memset(out.data, 0, out.size);
    }
    if (PyList_Size(list) != (Py_ssize_t)n) {
        rc = raise_count(at, "Field", n, PyList_Size(list));
    }
    for (size_t i = 0; rc == 0 && i < n; i++) {
        const struct tb_field *field = &layout->fields[i];
        struct tb_path here = {.up = at, .name = field->name};

        rc = tb_value_encode_field(field, &here, PyList_GetItem(list, (Py_ssize_t)i),
                                   out);
    }
    Py_DECREF(list);
    return rc;
}

/* Bytes-like values are taken by their bytes; a list has no keys. */
int
tb_value_is_mapping(PyObject *value)
{
    if (PyDict_Check(value) || !PyMapping_Check(value) || PyObject_CheckBuffer(value)) {
        return PyDict_Check(value);
    }
    return tb_args_has(value, "keys");
}

/* A mapping that is no dict, by way of one. */
static int
encode_mapping(const struct tb_layout *layout, const struct tb_path *at,
               PyObject *value, struct tb_span out)
{
    PyObject *dict = PyDict_New();
    int rc = dict ? PyDict_Update(dict, value) : -1;

    if (rc == 0) {
        rc = encode_dict(layout, at, dict, out);
    }
    Py_XDECREF(dict);
    return rc;
}

/* Whatever stands for a struct or union: its bytes, its fields by name or in order. */
static int
encode_aggregate(const struct tb_layout *layout, const struct tb_path *at,
                 PyObject *value, struct tb_span out)
{
    int has_keys;

    if (PyObject_CheckBuffer(value)) {
        return encode_buffer(at, value, out, 0);
    }
    if (PyDict_Check(value)) {
        return encode_dict(layout, at, value, out);
    }
    has_keys = tb_value_is_mapping(value);
    if (has_keys != 0) {
        return has_keys < 0 ? -1 : encode_mapping(layout, at, value, out);
    }
    if (layout->is_wrapper) { /* the array itself */
        return tb_value_encode(layout->fields[0].layout, at, value, out);
    }
    if (is_sequence(value)) {
        return encode_fields(layout, at, value, out);
    }
    return tb_path_raise_type(at, value, (uint32_t)out.size,
                              "a Record, a dict, a tuple of all fields, or bytes");
}

int
tb_value_encode(const struct tb_layout *layout, const struct tb_path *at,
                PyObject *value, struct tb_span out)
{
    struct tb_codec codec;

    switch (layout->kind) {
    case TB_LAYOUT_TEXT:
        return encode_text(at, value, out);
    case TB_LAYOUT_ARRAY:
    case TB_LAYOUT_BYTES:
        return encode_array(layout, at, value, out);
    case TB_LAYOUT_STRUCT:
    case TB_LAYOUT_UNION:
        return encode_aggregate(layout, at, value, out);
    default:
        codec = tb_scalar_codec(layout);
        return tb_scalar_encode(&codec, at, value, out.data);
    }
}

static int
encode_bits(const struct tb_field *field, const struct tb_path *at, PyObject *value,
            char *data)
{
    struct tb_codec codec = tb_scalar_codec(field->layout);
    char whole[sizeof(tb_wide)] = {0};

    codec.bits = field->bits;
    if (tb_scalar_encode(&codec, at, value, whole) < 0) {
        return -1;
    }
    tb_bits_store(data, field->shift, field->bits,
                  tb_bits_load(whole, 0, field->layout->size * 8));
    return 0;
}

int
tb_value_encode_field(const struct tb_field *field, const struct tb_path *at,
                      PyObject *value, struct tb_span out)
{
    char *data = (char *)out.data + field->offset;
    size_t size = field->is_tail ? out.size - field->offset : field->layout->size;

    if (field->bits != 0) {
        return encode_bits(field, at, value, data);
    }
    return tb_value_encode(field->layout, at, value,
                           (struct tb_span){data, size, out.is_set});
}
