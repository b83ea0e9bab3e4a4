/* SPDX-License-Identifier: MIT
 *
 * The choice between the conversions (value/codec.h): scalars, which most keys and
 * values are, are asked for first.
 */
#include "value/codec.h"

#include "base/args.h"
#include "value/ctype.h"
#include "value/record.h"

int
tb_codec_encode(const struct tb_codec *codec, const struct tb_path *at, PyObject *value,
                void *out)
{
    if (codec->kind < TB_CODEC_RECORD) {
        return tb_scalar_encode(codec, at, value, out);
    }
    return codec->kind == TB_CODEC_RECORD ? tb_record_encode(codec, at, value, out)
                                          : tb_ctype_encode(codec, at, value, out);
}

PyObject *
tb_codec_decode(const struct tb_codec *codec, const void *data)
{
    if (codec->kind < TB_CODEC_RECORD) {
        return tb_scalar_decode(codec, data);
    }
    return codec->kind == TB_CODEC_RECORD ? tb_record_decode(codec, data, codec->size)
                                          : tb_ctype_decode(codec, data);
}

PyObject *
tb_codec_type_name(PyObject *type)
{
    return PyType_Check(type) ? tb_args_attr(type, "__name__") : PyObject_Repr(type);
}

/* The kind that a built-in type asks for; -1: it is none of them. An int is signed, or
 * a pointer, or whatever else BTF says of it. */
static int
builtin_kind(PyObject *type, const struct tb_codec *base)
{
    if (type == (PyObject *)&PyLong_Type) {
        return base->kind == TB_CODEC_SIGNED ? TB_CODEC_SIGNED : TB_CODEC_UNSIGNED;
    }
    if (type == (PyObject *)&PyFloat_Type) {
        return TB_CODEC_FLOAT;
    }
    if (type == (PyObject *)&PyBool_Type) {
        return TB_CODEC_BOOL;
    }
    return type == (PyObject *)&PyBytes_Type ? TB_CODEC_BYTES : -1;
}

static int
can_have_size(int kind, uint32_t size)
{
    switch (kind) {
    case TB_CODEC_BOOL:
        return size == 1;
    case TB_CODEC_FLOAT:
        return size == 4 || size == 8;
    case TB_CODEC_BYTES:
        return 1;
    default:
        return size == 1 || size == 2 || size == 4 || size == 8 || size == 16;
    }
}

static int
raise_size(PyObject *type, const struct tb_codec *base, const char *what,
           Py_ssize_t size)
{
    PyObject *name = tb_codec_type_name(type);

    if (name != NULL && size > 0) {
        PyErr_Format(PyExc_ValueError,
                     "%s size mismatch: expected %u bytes, class '%U' has %zd", what,
                     base->size, name, size);
    }
    else if (name != NULL) {
        PyErr_Format(PyExc_ValueError, "%s size mismatch: no %U has %u bytes", what,
                     name, base->size);
    }
    Py_XDECREF(name);
    return -1;
}

static int
raise_type(PyObject *type, const char *what)
{
    PyErr_Format(PyExc_TypeError,
                 "%s type must be a Record class or a class of ctypes that has a size, "
                 "not %R",
                 what, type);
    return -1;
}

int
tb_codec_of_type(PyObject *type, const struct tb_codec *base, const char *what,
                 struct tb_codec *out_codec)
{
    int kind = builtin_kind(type, base);
    Py_ssize_t size = 0;

    if (kind < 0) {
        *out_codec = tb_record_codec(type);
        if (out_codec->kind == TB_CODEC_RECORD && out_codec->size == base->size) {
            return 0;
        }
        size = (Py_ssize_t)out_codec->size;
        if (out_codec->kind == TB_CODEC_RECORD) {
            Py_CLEAR(out_codec->type);
            return raise_size(type, base, what, size);
        }
        size = tb_ctype_size(type);
        kind = TB_CODEC_CTYPE;
        if (size <= 0) {
            return size < 0 ? -1 : raise_type(type, what);
        }
    }
    if (size > 0 ? size != (Py_ssize_t)base->size : !can_have_size(kind, base->size)) {
        return raise_size(type, base, what, size);
    }
    *out_codec =
        (struct tb_codec){.kind = (enum tb_codec_kind)kind, .size = base->size};
    if (kind == TB_CODEC_CTYPE && tb_ctype_codec(type, size, out_codec) < 0) {
        return -1;
    }
    Py_XINCREF(out_codec->type);
    return 0;
}

int
tb_codec_of_event(PyObject *type, struct tb_codec *out_codec)
{
    Py_ssize_t size = tb_ctype_size(type);

    if (size <= 0 || size > UINT32_MAX) {
        return size < 0 ? -1 : raise_type(type, "event");
    }
    if (tb_ctype_codec(type, size, out_codec) < 0) {
        return -1;
    }
    Py_INCREF(out_codec->type);
    return 0;
}
