/* SPDX-License-Identifier: MIT
 *
 * Encoding and decoding of scalars and plain bytes (value/scalar.h), in the byte order
 * of the machine, which is that of its kernel.
 */
#include "value/scalar.h"

#include "base/args.h"
#include "btf/layout.h"
#include "value/bits.h"

#include <math.h>
#include <string.h>

struct tb_codec
tb_scalar_codec(const struct tb_layout *layout)
{
    struct tb_codec codec = {.kind = TB_CODEC_BYTES, .size = layout->size};

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
tb_scalar_codec_of(const struct btf *btf, uint32_t type_id, uint32_t size)
{
    struct tb_layout layout;

    if (btf != NULL && type_id != 0 && tb_layout_scalar(btf, type_id, &layout) == 0 &&
        layout.size == size) {
        return tb_scalar_codec(&layout);
    }
    return (struct tb_codec){.kind = TB_CODEC_BYTES, .size = size};
}

static const char *
byte_order(void)
{
    return tb_bits_is_little_endian() ? "little" : "big";
}

/* The bits of an integer that count. */
static unsigned int
width_of(const struct tb_codec *codec)
{
    return codec->bits != 0 ? codec->bits : codec->size * 8;
}

/* Copy bytes of the right size. */
static int
encode_buffer(const struct tb_codec *codec, const struct tb_path *at, PyObject *value,
              void *out)
{
    Py_buffer view;
    int rc = -1;

    if (PyObject_GetBuffer(value, &view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    if (view.len == (Py_ssize_t)codec->size) {
        memcpy(out, view.buf, codec->size);
        rc = 0;
    }
    else {
        tb_path_raise_size(at, codec->size, view.len);
    }
    PyBuffer_Release(&view);
    return rc;
}

/* Store the low bytes of an integer that is known to fit. */
static void
store(void *out, uint32_t size, uint64_t value)
{
    uint8_t v8 = (uint8_t)value;
    uint16_t v16 = (uint16_t)value;
    uint32_t v32 = (uint32_t)value;

    switch (size) {
    case 1:
        memcpy(out, &v8, sizeof(v8));
        break;
    case 2:
        memcpy(out, &v16, sizeof(v16));
        break;
    case 4:
        memcpy(out, &v32, sizeof(v32));
        break;
    default:
        memcpy(out, &value, sizeof(value));
    }
}

/* Raise the ValueError for an integer that does not fit, in place of the
 * OverflowError that may be set. */
static int
raise_range(const struct tb_codec *codec, const struct tb_path *at, PyObject *value)
{
    PyObject *text;

    PyErr_Clear();
    text = tb_path_text(at);
    if (text != NULL) {
        PyErr_Format(PyExc_ValueError,
                     "%U out of range: %R does not fit %s %u-bit integer", text, value,
                     codec->kind == TB_CODEC_SIGNED ? "a signed" : "an unsigned",
                     width_of(codec));
    }
    Py_XDECREF(text);
    return -1;
}

static int
encode_unsigned(const struct tb_codec *codec, const struct tb_path *at, PyObject *value,
                void *out)
{
    unsigned long long number = PyLong_AsUnsignedLongLong(value);

    if (number == (unsigned long long)-1 && PyErr_Occurred()) {
        return raise_range(codec, at, value);
    }
    if (width_of(codec) < 64 && number >> width_of(codec) != 0) {
        return raise_range(codec, at, value);
    }
    store(out, codec->size, number);
    return 0;
}

static int
encode_signed(const struct tb_codec *codec, const struct tb_path *at, PyObject *value,
              void *out)
{
    long long number = PyLong_AsLongLong(value);
    long long top;

    if (number == -1 && PyErr_Occurred()) {
        return raise_range(codec, at, value);
    }
    top = width_of(codec) < 64 ? number >> (width_of(codec) - 1) : 0;
    if (top != 0 && top != -1) {
        return raise_range(codec, at, value);
    }
    store(out, codec->size, (uint64_t)number);
    return 0;
}

/* Raise the ValueError for another number that does not fit. */
static int
raise_value(const struct tb_path *at, const char *reason, PyObject *value)
{
    PyObject *text = tb_path_text(at);

    if (text != NULL) {
        PyErr_Format(PyExc_ValueError, "%U out of range: %R %s", text, value, reason);
    }
    Py_XDECREF(text);
    return -1;
}

/* Whether a 128-bit integer keeps its value in the bits that count. */
static int
fits(const struct tb_codec *codec, const void *data)
{
    unsigned int n_over = 128 - width_of(codec);
    tb_wide number;

    memcpy(&number, data, sizeof(number));
    if (codec->kind == TB_CODEC_SIGNED) {
        return number == (tb_wide)((tb_signed_wide)(number << n_over) >> n_over);
    }
    return number == (number << n_over) >> n_over;
}

/* 128-bit integers: rare, so Python's own conversion does it. */
static int
encode_wide(const struct tb_codec *codec, const struct tb_path *at, PyObject *value,
            void *out)
{
    PyObject *is_signed = codec->kind == TB_CODEC_SIGNED ? Py_True : Py_False;
    PyObject *method = tb_args_attr(value, "to_bytes");
    PyObject *args =
        method ? Py_BuildValue("(is)", (int)codec->size, byte_order()) : NULL;
    PyObject *kwargs = args ? Py_BuildValue("{sO}", "signed", is_signed) : NULL;
    PyObject *bytes = NULL;
    int rc = -1;

    if (kwargs != NULL) {
        bytes = PyObject_Call(method, args, kwargs);
    }
    if (bytes != NULL) {
        rc = encode_buffer(
            &(struct tb_codec){.kind = TB_CODEC_BYTES, .size = codec->size}, at, bytes,
            out);
    }
    if (bytes != NULL ? rc == 0 && !fits(codec, out)
                      : PyErr_ExceptionMatches(PyExc_OverflowError)) {
        rc = raise_range(codec, at, value);
    }
    Py_XDECREF(method);
    Py_XDECREF(args);
    Py_XDECREF(kwargs);
    Py_XDECREF(bytes);
    return rc;
}

/* 0 and 1 are the only numbers that a bool can be. */
static int
encode_bool(const struct tb_path *at, PyObject *value, void *out)
{
    int overflow;
    long long number = PyLong_AsLongLongAndOverflow(value, &overflow);

    if (overflow || number < 0 || number > 1) {
        return raise_value(at, "is no bool", value);
    }
    store(out, 1, (uint64_t)number);
    return 0;
}

static int
encode_long(const struct tb_codec *codec, const struct tb_path *at, PyObject *value,
            void *out)
{
    if (codec->kind == TB_CODEC_BOOL) {
        return encode_bool(at, value, out);
    }
    if (codec->size == 16) {
        return encode_wide(codec, at, value, out);
    }
    if (codec->kind == TB_CODEC_SIGNED) {
        return encode_signed(codec, at, value, out);
    }
    return encode_unsigned(codec, at, value, out);
}

/* A float that is too large for 32 bits is refused, not made infinite. */
static int
encode_double(const struct tb_codec *codec, const struct tb_path *at, PyObject *value,
              void *out)
{
    double number = PyFloat_AsDouble(value);
    int failed = number == -1.0 && PyErr_Occurred();
    float narrow = (float)number;

    if (failed && !PyErr_ExceptionMatches(PyExc_OverflowError)) {
        return -1;
    }
    if (failed || (codec->size == sizeof(narrow) && isinf(narrow) && !isinf(number))) {
        PyErr_Clear();
        return raise_value(at,
                           codec->size == 4 ? "does not fit a 32-bit float"
                                            : "does not fit a 64-bit float",
                           value);
    }
    if (codec->size == sizeof(narrow)) {
        memcpy(out, &narrow, sizeof(narrow));
    }
    else {
        memcpy(out, &number, sizeof(number));
    }
    return 0;
}

/* An object that stands for an integer (operator.index): numpy's, enum members. */
static int
encode_index(const struct tb_codec *codec, const struct tb_path *at, PyObject *value,
             void *out)
{
    PyObject *number = PyNumber_Index(value);
    int rc;

    if (number == NULL) {
        return -1;
    }
    rc = encode_long(codec, at, number, out);
    Py_DECREF(number);
    return rc;
}

int
tb_scalar_encode(const struct tb_codec *codec, const struct tb_path *at,
                 PyObject *value, void *out)
{
    int is_number = codec->kind != TB_CODEC_BYTES;

    if (codec->kind == TB_CODEC_FLOAT &&
        (PyFloat_Check(value) || PyLong_Check(value))) {
        return encode_double(codec, at, value, out);
    }
    if (is_number && codec->kind != TB_CODEC_FLOAT && PyLong_Check(value)) {
        return encode_long(codec, at, value, out);
    }
    if (PyObject_CheckBuffer(value)) {
        return encode_buffer(codec, at, value, out);
    }
    if (is_number && codec->kind != TB_CODEC_FLOAT && PyIndex_Check(value)) {
        return encode_index(codec, at, value, out);
    }
    return tb_path_raise_type(at, value, codec->size,
                              is_number ? "a number, or bytes" : "bytes");
}

/* Of 1, 2, 4 or 8 bytes; at any alignment, as all data here. */
static PyObject *
decode_unsigned(const void *data, uint32_t size)
{
    uint16_t v16;
    uint32_t v32;
    uint64_t v64;

    switch (size) {
    case 1:
        return PyLong_FromLong(*(const uint8_t *)data);
    case 2:
        memcpy(&v16, data, sizeof(v16));
        return PyLong_FromLong(v16);
    case 4:
        memcpy(&v32, data, sizeof(v32));
        return PyLong_FromUnsignedLong(v32);
    default:
        memcpy(&v64, data, sizeof(v64));
        return PyLong_FromUnsignedLongLong(v64);
    }
}

/* The same, with a sign. */
static PyObject *
decode_signed(const void *data, uint32_t size)
{
    int16_t v16;
    int32_t v32;
    int64_t v64;

    switch (size) {
    case 1:
        return PyLong_FromLong(*(const int8_t *)data);
    case 2:
        memcpy(&v16, data, sizeof(v16));
        return PyLong_FromLong(v16);
    case 4:
        memcpy(&v32, data, sizeof(v32));
        return PyLong_FromLong(v32);
    default:
        memcpy(&v64, data, sizeof(v64));
        return PyLong_FromLongLong(v64);
    }
}

/* The bytes are copied first: what they are read from may go with the next allocation.
 */
static PyObject *
decode_wide(const struct tb_codec *codec, const void *data)
{
    PyObject *is_signed = codec->kind == TB_CODEC_SIGNED ? Py_True : Py_False;
    PyObject *bytes = PyBytes_FromStringAndSize(data, (Py_ssize_t)codec->size);
    PyObject *method =
        bytes ? tb_args_attr((PyObject *)&PyLong_Type, "from_bytes") : NULL;
    PyObject *args = method ? Py_BuildValue("(Os)", bytes, byte_order()) : NULL;
    PyObject *kwargs = args ? Py_BuildValue("{sO}", "signed", is_signed) : NULL;
    PyObject *result = NULL;

    if (kwargs != NULL) {
        result = PyObject_Call(method, args, kwargs);
    }
    Py_XDECREF(bytes);
    Py_XDECREF(method);
    Py_XDECREF(args);
    Py_XDECREF(kwargs);
    return result;
}

static PyObject *
decode_float(const void *data, uint32_t size)
{
    double number;
    float narrow;

    if (size == sizeof(narrow)) {
        memcpy(&narrow, data, sizeof(narrow));
        return PyFloat_FromDouble((double)narrow);
    }
    memcpy(&number, data, sizeof(number));
    return PyFloat_FromDouble(number);
}

PyObject *
tb_scalar_decode(const struct tb_codec *codec, const void *data)
{
    switch (codec->kind) {
    case TB_CODEC_UNSIGNED:
        return codec->size == 16 ? decode_wide(codec, data)
                                 : decode_unsigned(data, codec->size);
    case TB_CODEC_SIGNED:
        return codec->size == 16 ? decode_wide(codec, data)
                                 : decode_signed(data, codec->size);
    case TB_CODEC_BOOL:
        return PyBool_FromLong(*(const uint8_t *)data);
    case TB_CODEC_FLOAT:
        return decode_float(data, codec->size);
    default:
        return PyBytes_FromStringAndSize(data, (Py_ssize_t)codec->size);
    }
}
