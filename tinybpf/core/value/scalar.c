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

static PyObject *
read_u8(const void *data)
{
    return PyLong_FromLong(*(const uint8_t *)data);
}

static PyObject *
read_u16(const void *data)
{
    uint16_t number;

    memcpy(&number, data, sizeof(number));
    return PyLong_FromLong(number);
}

static PyObject *
read_u32(const void *data)
{
    uint32_t number;

    memcpy(&number, data, sizeof(number));
    return PyLong_FromUnsignedLong(number);
}

static PyObject *
read_u64(const void *data)
{
    uint64_t number;

    memcpy(&number, data, sizeof(number));
    return PyLong_FromUnsignedLongLong(number);
}

static PyObject *
read_s8(const void *data)
{
    return PyLong_FromLong(*(const int8_t *)data);
}

static PyObject *
read_s16(const void *data)
{
    int16_t number;

    memcpy(&number, data, sizeof(number));
    return PyLong_FromLong(number);
}

static PyObject *
read_s32(const void *data)
{
    int32_t number;

    memcpy(&number, data, sizeof(number));
    return PyLong_FromLong(number);
}

static PyObject *
read_s64(const void *data)
{
    int64_t number;

    memcpy(&number, data, sizeof(number));
    return PyLong_FromLongLong(number);
}

/* The bytes are copied first: what they are read from may go with the next allocation.
 */
static PyObject *
read_wide(const void *data, PyObject *is_signed)
{
    PyObject *bytes = PyBytes_FromStringAndSize(data, sizeof(tb_wide));
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
read_u128(const void *data)
{
    return read_wide(data, Py_False);
}

static PyObject *
read_s128(const void *data)
{
    return read_wide(data, Py_True);
}

static PyObject *
read_bool(const void *data)
{
    return PyBool_FromLong(*(const uint8_t *)data);
}

static PyObject *
read_float(const void *data)
{
    float number;

    memcpy(&number, data, sizeof(number));
    return PyFloat_FromDouble((double)number);
}

static PyObject *
read_double(const void *data)
{
    double number;

    memcpy(&number, data, sizeof(number));
    return PyFloat_FromDouble(number);
}

tb_scalar_read
tb_scalar_reader(const struct tb_codec *codec)
{
    int is_signed = codec->kind == TB_CODEC_SIGNED;

    if (codec->kind == TB_CODEC_BOOL) {
        return read_bool;
    }
    if (codec->kind == TB_CODEC_FLOAT) {
        return codec->size == sizeof(float) ? read_float : read_double;
    }
    if (codec->kind != TB_CODEC_UNSIGNED && !is_signed) {
        return NULL;
    }
    switch (codec->size) {
    case 1:
        return is_signed ? read_s8 : read_u8;
    case 2:
        return is_signed ? read_s16 : read_u16;
    case 4:
        return is_signed ? read_s32 : read_u32;
    case 16:
        return is_signed ? read_s128 : read_u128;
    default:
        return is_signed ? read_s64 : read_u64;
    }
}

PyObject *
tb_scalar_decode(const struct tb_codec *codec, const void *data)
{
    tb_scalar_read read = tb_scalar_reader(codec);

    return read != NULL ? read(data)
                        : PyBytes_FromStringAndSize(data, (Py_ssize_t)codec->size);
}
