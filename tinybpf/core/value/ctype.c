/* SPDX-License-Identifier: MIT
 *
 * Classes of ctypes (value/ctype.h). They are known by what the loaded _ctypes says of
 * them, and read by the buffer protocol.
 */
#include "value/ctype.h"

#include "base/args.h"
#include "value/bits.h"

#include <string.h>

Py_ssize_t
tb_ctype_size(PyObject *type)
{
    PyObject *name, *module, *function, *number = NULL;
    Py_ssize_t size = 0;

    if (!PyType_Check(type)) {
        return 0;
    }
    name = PyUnicode_InternFromString("_ctypes");
    module = name ? PyImport_GetModule(name) : NULL;
    Py_XDECREF(name);
    if (module == NULL) { /* nobody imported it, so nobody has a class of it */
        return PyErr_Occurred() ? -1 : 0;
    }
    function = tb_args_attr(module, "sizeof");
    Py_DECREF(module);
    if (function != NULL) {
        number = PyObject_CallFunctionObjArgs(function, type, NULL);
        Py_DECREF(function);
    }
    if (number != NULL) {
        size = PyNumber_AsSsize_t(number, NULL);
        Py_DECREF(number);
    }
    else if (PyErr_ExceptionMatches(PyExc_TypeError)) {
        PyErr_Clear();
    }
    return PyErr_Occurred() ? -1 : size;
}

/* The letter of a simple class (c_uint32: 'I'); 0 for others, -1 with an exception. */
static int
simple_code(PyObject *type)
{
    PyObject *code;
    const char *text = NULL;
    Py_ssize_t size = 0;
    int letter = tb_args_find(type, "_type_", &code);

    if (letter > 0) {
        letter = 0;
        if (PyUnicode_Check(code)) {
            text = PyUnicode_AsUTF8AndSize(code, &size);
            letter = text == NULL ? -1 : size == 1 ? (unsigned char)text[0] : 0;
        }
        Py_DECREF(code);
    }
    return letter;
}

/* Whether it is a class for one number, and how that number is stored: 1, 0, or -1 with
 * an exception. */
static int
number_codec(PyObject *type, struct tb_codec *out_codec)
{
    static const struct {
        const char *codes;
        enum tb_codec_kind kind;
    } kinds[] = {
        {"BHILQP", TB_CODEC_UNSIGNED},
        {"bhilq", TB_CODEC_SIGNED},
        {"fd", TB_CODEC_FLOAT},
        {"?", TB_CODEC_BOOL},
    };
    int code = simple_code(type);
    Py_ssize_t size = code > 0 ? tb_ctype_size(type) : code;

    if (size <= 0) {
        return (int)size;
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strchr(kinds[i].codes, code) != NULL) {
            *out_codec =
                (struct tb_codec){.kind = kinds[i].kind, .size = (uint32_t)size};
            return 1;
        }
    }
    return 0;
}

/* Whether a simple class stores its number in the other byte order; -1 with an
 * exception. */
static int
is_swapped(PyObject *type)
{
    const char *name = tb_bits_is_little_endian() ? "__ctype_be__" : "__ctype_le__";
    PyObject *other;
    int found = tb_args_find(type, name, &other);

    Py_XDECREF(other);
    return found > 0 ? other == type : found;
}

int
tb_ctype_codec(PyObject *type, Py_ssize_t size, struct tb_codec *out_codec)
{
    struct tb_codec codec = {.kind = TB_CODEC_CTYPE, .size = (uint32_t)size};
    int rc = number_codec(type, &codec);

    if (rc > 0) {
        rc = is_swapped(type);
    }
    if (rc > 0) {
        codec.kind = TB_CODEC_CTYPE;
        codec.is_number = 1;
    }
    if (rc < 0) {
        return -1;
    }
    codec.type = type;
    *out_codec = codec;
    return 0;
}

static void
reverse(unsigned char *bytes, uint32_t size)
{
    for (uint32_t i = 0; i < size / 2; i++) {
        unsigned char byte = bytes[i];

        bytes[i] = bytes[size - 1 - i];
        bytes[size - 1 - i] = byte;
    }
}

static int
raise_type(const struct tb_codec *codec, const struct tb_path *at, PyObject *value)
{
    PyObject *given = tb_args_attr((PyObject *)Py_TYPE(value), "__name__");
    PyObject *wanted = given ? tb_args_attr(codec->type, "__name__") : NULL;
    PyObject *text = wanted ? tb_path_text(at) : NULL;

    if (text != NULL) {
        PyErr_Format(PyExc_TypeError,
                     "Cannot convert %U to %U of %u bytes: give a %U, or bytes", given,
                     text, codec->size, wanted);
    }
    Py_XDECREF(given);
    Py_XDECREF(wanted);
    Py_XDECREF(text);
    return -1;
}

int
tb_ctype_encode(const struct tb_codec *codec, const struct tb_path *at, PyObject *value,
                void *out)
{
    struct tb_codec plain = {.kind = TB_CODEC_BYTES, .size = codec->size};
    int is_number = PyIndex_Check(value) || PyFloat_Check(value);

    if (PyObject_CheckBuffer(value)) {
        return tb_scalar_encode(&plain, at, value, out);
    }
    if (is_number && codec->is_number) {
        is_number = number_codec(codec->type, &plain);
    }
    if (is_number <= 0 || !codec->is_number) {
        return is_number < 0 ? -1 : raise_type(codec, at, value);
    }
    if (tb_scalar_encode(&plain, at, value, out) < 0) {
        return -1;
    }
    reverse(out, codec->size);
    return 0;
}

PyObject *
tb_ctype_decode(const struct tb_codec *codec, const void *data)
{
    PyObject *bytes = PyBytes_FromStringAndSize(data, (Py_ssize_t)codec->size);
    PyObject *value = NULL;

    if (bytes != NULL) {
        value = tb_args_call(codec->type, "from_buffer_copy", bytes);
        Py_DECREF(bytes);
    }
    if (value != NULL && codec->is_number) {
        PyObject *number = tb_args_attr(value, "value");

        Py_DECREF(value);
        value = number;
    }
    return value;
}
