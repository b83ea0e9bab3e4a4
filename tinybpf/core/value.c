/* SPDX-License-Identifier: MIT
 *
 * Values of every layout (value.h): arrays and aggregates are taken apart here down to
 * scalars, which codec.c converts.
 */
#include "value.h"

#include "args.h"
#include "bits.h"
#include "error.h"
#include "libbpf.h"

#include <errno.h>
#include <string.h>

const struct tb_layout *
tb_value_layout(Btf *btf, uint32_t type_id)
{
    const uint16_t one = 1;
    enum btf_endianness ours =
        *(const uint8_t *)&one ? BTF_LITTLE_ENDIAN : BTF_BIG_ENDIAN;
    const struct tb_layout *layout = NULL;
    int err;

    if (btf__endianness(btf->handle) != ours) {
        return tb_error_raise(tb_state_of(btf), TB_ERROR_NOT_SUPPORTED, ENOTSUP,
                              "the BTF of %R is for machines of the other byte order: "
                              "it can be read, its values cannot",
                              btf->name);
    }
    err = tb_layout_get(&btf->layouts, type_id, &layout);
    if (err == -ENOMEM) {
        PyErr_NoMemory();
    }
    else if (err < 0) {
        tb_error_raise(tb_state_of(btf), TB_ERROR, -err,
                       "type %u of the BTF of %R has no values, or contradicts itself",
                       type_id, btf->name);
    }
    return layout;
}

static struct tb_codec
codec_of(const struct tb_layout *layout, unsigned int bits)
{
    struct tb_codec codec = {.kind = TB_CODEC_BYTES, .size = layout->size};

    codec.bits = bits;
    switch (layout->kind) {
    case TB_LAYOUT_UNSIGNED:
    case TB_LAYOUT_SIGNED:
    case TB_LAYOUT_POINTER:
    case TB_LAYOUT_ENUM:
        codec.kind = layout->is_signed ? TB_CODEC_SIGNED : TB_CODEC_UNSIGNED;
        break;
    case TB_LAYOUT_BOOL:
        codec.kind = TB_CODEC_BOOL;
        break;
    case TB_LAYOUT_FLOAT:
        codec.kind = TB_CODEC_FLOAT;
        break;
    default:
        break;
    }
    return codec;
}

struct tb_codec
tb_value_codec_of(const struct btf *btf, uint32_t type_id, uint32_t size)
{
    struct tb_layout layout;

    if (btf != NULL && type_id != 0 && tb_layout_scalar(btf, type_id, &layout) == 0 &&
        layout.size == size) {
        return codec_of(&layout, 0);
    }
    return (struct tb_codec){.kind = TB_CODEC_BYTES, .size = size};
}

static PyObject *
decode_text(const char *data, size_t size)
{
    const char *end = memchr(data, '\0', size);

    return PyUnicode_DecodeUTF8(data, end ? end - data : (Py_ssize_t)size,
                                "surrogateescape");
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
    case TB_LAYOUT_STRUCT:
    case TB_LAYOUT_UNION:
        return PyBytes_FromStringAndSize(data, (Py_ssize_t)size);
    default:
        codec = codec_of(layout, 0);
        return tb_codec_decode(&codec, data);
    }
}

/* A bitfield as an integer of 128 bits, and that as a value. */
static PyObject *
decode_bits(Btf *btf, const struct tb_field *field, const char *data)
{
    tb_wide number = tb_bits_load(data, field->shift, field->bits);
    unsigned int n_over = 128 - field->bits;
    struct tb_codec codec = codec_of(field->layout, 0);

    (void)btf;
    if (field->layout->is_signed) {
        number = (tb_wide)((tb_signed_wide)(number << n_over) >> n_over);
    }
    codec.size = sizeof(number);
    if (field->layout->kind == TB_LAYOUT_BOOL) {
        return PyBool_FromLong(number != 0);
    }
    if (field->bits <= 64) {
        return field->layout->is_signed
                   ? PyLong_FromLongLong((long long)number)
                   : PyLong_FromUnsignedLongLong((unsigned long long)number);
    }
    return tb_codec_decode(&codec, &number);
}

PyObject *
tb_value_decode_field(Btf *btf, const struct tb_field *field, const void *base,
                      size_t size)
{
    const char *data = (const char *)base + field->offset;

    if (field->bits != 0) {
        return decode_bits(btf, field, data);
    }
    return tb_value_decode(btf, field->layout, data,
                           field->is_tail ? size - field->offset : field->layout->size);
}

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
        bytes = PyUnicode_AsEncodedString(value, "utf-8", "surrogateescape");
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
        struct tb_span span = {(char *)out.data + i * element->size, element->size};

        here.index = (Py_ssize_t)i;
        rc = tb_value_encode(element, &here, PyList_GetItem(list, here.index), span);
    }
    Py_DECREF(list);
    return rc;
}

/* Raise TypeError for a name that is no field's; returns -1. */
static int
raise_no_field(const struct tb_layout *layout, const struct tb_path *at, PyObject *name)
{
    PyObject *text = tb_path_text(at);

    (void)layout;
    if (text != NULL) {
        PyErr_Format(PyExc_TypeError, "%U has no field %R", text, name);
    }
    Py_XDECREF(text);
    return -1;
}

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

/* The fields that a dict names; the others become zero. */
static int
encode_dict(const struct tb_layout *layout, const struct tb_path *at, PyObject *dict,
            struct tb_span out)
{
    PyObject *pair[2];
    Py_ssize_t i = 0;
    int rc = 0;

    memset(out.data, 0, out.size);
    while (rc == 0 && PyDict_Next(dict, &i, &pair[0], &pair[1])) {
        Py_INCREF(pair[0]);
        Py_INCREF(pair[1]);
        rc = encode_item(layout, at, pair, out);
        Py_DECREF(pair[0]);
        Py_DECREF(pair[1]);
    }
    return rc;
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
    memset(out.data, 0, out.size);
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

static int
encode_aggregate(const struct tb_layout *layout, const struct tb_path *at,
                 PyObject *value, struct tb_span out)
{
    if (PyObject_CheckBuffer(value)) {
        return encode_buffer(at, value, out, 0);
    }
    if (PyDict_Check(value)) {
        return encode_dict(layout, at, value, out);
    }
    if (PyTuple_Check(value) || PyList_Check(value)) {
        return encode_fields(layout, at, value, out);
    }
    if (PyMapping_Check(value) && PyObject_HasAttrString(value, "keys")) {
        return encode_mapping(layout, at, value, out);
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
        codec = codec_of(layout, 0);
        return tb_codec_encode(&codec, at, value, out.data);
    }
}

static int
encode_bits(const struct tb_field *field, const struct tb_path *at, PyObject *value,
            char *data)
{
    struct tb_codec codec = codec_of(field->layout, field->bits);
    char whole[sizeof(tb_wide)] = {0};

    if (tb_codec_encode(&codec, at, value, whole) < 0) {
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
    return tb_value_encode(field->layout, at, value, (struct tb_span){data, size});
}
