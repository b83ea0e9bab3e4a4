/* SPDX-License-Identifier: MIT
 *
 * From memory to values of every layout (value/decode.h), down to scalars.
 */
#include "value/decode.h"

#include "base/args.h"
#include "value/bits.h"
#include "value/class.h"
#include "value/record_make.h"
#include "value/scalar.h"

#include <string.h>

/* A name that was cut, or that a process chose, is any bytes: the text can be printed
 * and written all the same. */
static PyObject *
decode_text(const char *data, size_t size)
{
    const char *end = memchr(data, '\0', size);

    return PyUnicode_DecodeUTF8(data, end ? end - data : (Py_ssize_t)size,
                                "backslashreplace");
}

static PyObject *
decode_array(Btf *btf, const struct tb_layout *layout, const char *data, size_t size)
{
    const struct tb_layout *element = layout->element;
    size_t n = layout->is_flexible ? size / element->size : layout->n;
    PyObject *tuple = PyTuple_New((Py_ssize_t)n);

    for (size_t i = 0; tuple != NULL && i < n; i++) {
        PyObject *item =
            tb_value_decode(btf, element, data + i * element->size, element->size);

        if (item == NULL || PyTuple_SetItem(tuple, (Py_ssize_t)i, item) < 0) {
            Py_CLEAR(tuple);
        }
    }
    return tuple;
}

PyObject *
tb_value_decode(Btf *btf, const struct tb_layout *layout, const void *data, size_t size)
{
    struct tb_codec codec;

    if (!layout->is_flexible) {
        size = layout->size;
    }
    switch (layout->kind) {
    case TB_LAYOUT_TEXT:
        return decode_text(data, size);
    case TB_LAYOUT_ARRAY:
        return decode_array(btf, layout, data, size);
    case TB_LAYOUT_BYTES:
        return PyBytes_FromStringAndSize(data, (Py_ssize_t)size);
    case TB_LAYOUT_STRUCT:
    case TB_LAYOUT_UNION:
        return tb_record_make(btf, tb_value_class(btf, layout, NULL), data,
                              (Py_ssize_t)size);
    case TB_LAYOUT_ENUM:
        codec = tb_scalar_codec(layout);
        return tb_value_class_member_steal(btf, layout, tb_scalar_decode(&codec, data));
    default:
        codec = tb_scalar_codec(layout);
        return tb_scalar_decode(&codec, data);
    }
}

/* A bitfield as an integer of 128 bits, and that as a value. */
static PyObject *
decode_bits(Btf *btf, const struct tb_field *field, const char *data)
{
    tb_wide number = field->layout->is_signed
                         ? (tb_wide)tb_bits_load_signed(data, field->shift, field->bits)
                         : tb_bits_load(data, field->shift, field->bits);
    struct tb_codec codec = tb_scalar_codec(field->layout);
    PyObject *value;

    if (field->layout->kind == TB_LAYOUT_BOOL) {
        return PyBool_FromLong(number != 0);
    }
    if (field->bits > 64) {
        codec.size = sizeof(number);
        value = tb_scalar_decode(&codec, &number);
    }
    else if (field->layout->is_signed) {
        value = PyLong_FromLongLong((long long)number);
    }
    else {
        value = PyLong_FromUnsignedLongLong((unsigned long long)number);
    }
    return field->layout->kind == TB_LAYOUT_ENUM
               ? tb_value_class_member_steal(btf, field->layout, value)
               : value;
}

/* Make the class of a field's values, which an anonymous type names after the field. */
static int
name_after(Btf *btf, const struct tb_field *field)
{
    const struct tb_layout *layout = field->layout;

    while (layout->element != NULL) {
        layout = layout->element;
    }
    if (!tb_layout_is_aggregate(layout) && layout->kind != TB_LAYOUT_ENUM) {
        return 0;
    }
    return tb_value_class(btf, layout, field->name) ? 0 : -1;
}

PyObject *
tb_value_decode_field(Btf *btf, const struct tb_field *field, const void *base,
                      size_t size)
{
    const char *data = (const char *)base + field->offset;

    if (name_after(btf, field) < 0) {
        return NULL;
    }
    if (field->bits != 0) {
        return decode_bits(btf, field, data);
    }
    return tb_value_decode(btf, field->layout, data,
                           field->is_tail ? size - field->offset : field->layout->size);
}

/* An aggregate as a dict. */
static PyObject *
plain_aggregate(Btf *btf, const struct tb_layout *layout, const char *data, size_t size)
{
    PyObject *dict = PyDict_New();

    for (uint32_t i = 0; dict != NULL && i < layout->n; i++) {
        const struct tb_field *field = &layout->fields[i];
        size_t n = field->is_tail ? size - field->offset : field->layout->size;
        PyObject *value =
            field->bits != 0 || name_after(btf, field) < 0
                ? tb_value_decode_field(btf, field, data, size)
                : tb_value_plain(btf, field->layout, data + field->offset, n);

        PyObject *name = value ? tb_args_text(field->name) : NULL;

        if (name == NULL || PyDict_SetItem(dict, name, value) < 0) {
            Py_CLEAR(dict);
        }
        Py_XDECREF(name);
        Py_XDECREF(value);
    }
    return dict;
}

PyObject *
tb_value_plain(Btf *btf, const struct tb_layout *layout, const char *data, size_t size)
{
    const struct tb_layout *element = layout->element;
    PyObject *tuple;
    size_t n;

    if (tb_layout_is_aggregate(layout)) {
        return plain_aggregate(btf, layout, data, size);
    }
    if (layout->kind != TB_LAYOUT_ARRAY) {
        return tb_value_decode(btf, layout, data, size);
    }
    n = layout->is_flexible ? size / element->size : layout->n;
    tuple = PyTuple_New((Py_ssize_t)n);
    for (size_t i = 0; tuple != NULL && i < n; i++) {
        PyObject *item =
            tb_value_plain(btf, element, data + i * element->size, element->size);

        if (item == NULL || PyTuple_SetItem(tuple, (Py_ssize_t)i, item) < 0) {
            Py_CLEAR(tuple);
        }
    }
    return tuple;
}
