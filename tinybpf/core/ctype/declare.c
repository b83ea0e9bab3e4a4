/* SPDX-License-Identifier: MIT
 *
 * Declarations of classes of ctypes (ctype/declare.h).
 */
#include "ctype/declare.h"

#include "base/libbpf.h"
#include "btf/find.h"

#include <string.h>

#define MAX_DEPTH 32

struct writer {
    const struct btf *btf;
    PyObject *text; /* owned; str: the classes so far */
    PyObject *done; /* owned; dict: BTF id -> name of the class */
    int depth;
};

/* The body of one class while it is written. */
struct body {
    PyObject *name;      /* owned; str */
    PyObject *fields;    /* owned; str: lines of _fields_ */
    PyObject *anonymous; /* owned; str: names in _anonymous_ */
    uint32_t end;        /* bytes that are said so far */
    uint32_t n_pads;
    int is_union, is_packed;
};

/* Append formatted text to a str, which becomes NULL when that fails; 0 or -1. */
static int
append(PyObject **text, const char *format, ...)
{
    PyObject *more, *whole = NULL;
    va_list args;

    if (*text == NULL) {
        return -1;
    }
    va_start(args, format);
    more = PyUnicode_FromFormatV(format, args);
    va_end(args);
    if (more != NULL) {
        whole = PyUnicode_Concat(*text, more);
    }
    Py_XDECREF(more);
    Py_DECREF(*text);
    *text = whole;
    return whole ? 0 : -1;
}

/* The class for a number; ctypes has none of 128 bits, so that is two of 64. */
static PyObject *
number_text(const struct btf *btf, const struct btf_type *type)
{
    const char *name = btf__name_by_offset(btf, type->name_off);
    int is_signed = btf_is_int(type) ? !!(btf_int_encoding(type) & BTF_INT_SIGNED)
                                     : btf_kflag(type);

    if (btf_is_int(type) && name != NULL && strcmp(name, "char") == 0) {
        return PyUnicode_FromString("ctypes.c_char");
    }
    if (btf_is_int(type) && type->size == 1 &&
        (btf_int_encoding(type) & BTF_INT_BOOL)) {
        return PyUnicode_FromString("ctypes.c_bool");
    }
    if (type->size > 8) {
        return PyUnicode_FromFormat("ctypes.c_uint64 * %u", type->size / 8);
    }
    return PyUnicode_FromFormat("ctypes.c_%sint%u", is_signed ? "" : "u",
                                type->size * 8);
}

/* The type of a bitfield. ctypes goes on behind the whole unit that bits are in, C
 * right behind the bits: the smallest unit that holds them comes nearest to that. */
static PyObject *
bitfield_text(const struct btf *btf, uint32_t id, uint32_t bit_offset, uint32_t bits)
{
    const struct btf_type *type = tb_btf_resolve(btf, &id);
    int is_signed = type != NULL && btf_is_int(type) &&
                    (btf_int_encoding(type) & BTF_INT_SIGNED) != 0;
    uint32_t width = 8;

    while (width < 64 && bit_offset % width + bits > width) {
        width *= 2;
    }
    return PyUnicode_FromFormat("ctypes.c_%sint%u", is_signed ? "" : "u", width);
}

static PyObject *class_name(struct writer *writer, uint32_t id, PyObject *unnamed);

/* What stands behind a field's name; unnamed is the name of a struct that has none. A
 * new str, or NULL with an exception. */
static PyObject *
type_text(struct writer *writer, uint32_t id, PyObject *unnamed)
{
    int64_t size = btf__resolve_size(writer->btf, id);
    const struct btf_type *type = tb_btf_resolve(writer->btf, &id);
    PyObject *element, *text;

    if (type != NULL && (btf_is_int(type) || btf_is_any_enum(type))) {
        return number_text(writer->btf, type);
    }
    if (type != NULL && btf_is_ptr(type)) {
        return PyUnicode_FromString("ctypes.c_uint64");
    }
    if (type != NULL && btf_is_float(type) && size <= 8) {
        return PyUnicode_FromString(size == 4 ? "ctypes.c_float" : "ctypes.c_double");
    }
    if (type != NULL && btf_is_composite(type)) {
        return class_name(writer, id, unnamed);
    }
    if (type == NULL || !btf_is_array(type) || writer->depth >= MAX_DEPTH) {
        return PyUnicode_FromFormat("ctypes.c_uint8 * %lld",
                                    size > 0 ? (long long)size : 0);
    }
    writer->depth++;
    element = type_text(writer, btf_array(type)->type, unnamed);
    writer->depth--;
    if (element == NULL) {
        return NULL;
    }
    text = PyUnicode_FromFormat(
        PyUnicode_FindChar(element, '*', 0, PyUnicode_GetLength(element), 1) >= 0
            ? "(%U) * %u"
            : "%U * %u",
        element, btf_array(type)->nelems);
    Py_DECREF(element);
    return text;
}

/* Whether the members leave no gaps that their alignment asks for. */
static int
is_packed(const struct btf *btf, const struct btf_type *type)
{
    for (uint32_t i = 0; i < btf_vlen(type); i++) {
        int align = btf__align_of(btf, btf_members(type)[i].type);

        if (btf_member_bitfield_size(type, i) != 0 || align <= 0) {
            continue;
        }
        if (btf_member_bit_offset(type, i) / 8 % (uint32_t)align != 0 ||
            type->size % (uint32_t)align != 0) {
            return 1;
        }
    }
    return 0;
}

/* Say a gap before the next field, which is aligned; 0 or -1. */
static int
pad(struct body *body, uint32_t offset, uint32_t align)
{
    uint32_t next = (body->end + align - 1) / align * align;

    if (body->is_union || body->is_packed) {
        next = body->end;
    }
    if (offset <= next) {
        return 0;
    }
    return append(&body->fields, "        (\"_pad%u\", ctypes.c_uint8 * %u),\n",
                  body->n_pads++, offset - body->end);
}

/* Write a member as an entry of _fields_, what lies before it as padding, the class of
 * a struct that it holds before the class that is being written. 0, or -1 with an
 * exception. */
static int
add_member(struct writer *writer, struct body *body, const struct btf_type *type,
           uint32_t i)
{
    const struct btf_member *member = &btf_members(type)[i];
    const char *name = btf__name_by_offset(writer->btf, member->name_off);
    uint32_t bits = btf_member_bitfield_size(type, i);
    uint32_t offset = btf_member_bit_offset(type, i) / 8;
    int align = btf__align_of(writer->btf, member->type);
    int64_t size = btf__resolve_size(writer->btf, member->type);
    int is_anonymous = name == NULL || name[0] == '\0';
    PyObject *field =
        is_anonymous ? PyUnicode_FromFormat("_%u", i) : PyUnicode_FromString(name);
    PyObject *unnamed = field ? PyUnicode_FromFormat("%U_%U", body->name, field) : NULL;
    PyObject *text = NULL;
    int rc;

    if (unnamed != NULL && bits != 0) {
        text = bitfield_text(writer->btf, member->type, btf_member_bit_offset(type, i),
                             bits);
    }
    else if (unnamed != NULL) {
        text = type_text(writer, member->type, unnamed);
    }
    rc = text ? 0 : -1;

    if (rc == 0 && bits == 0) {
        rc = pad(body, offset, align > 0 ? (uint32_t)align : 1);
    }
    if (rc == 0 && is_anonymous) {
        rc = append(&body->anonymous, "%s\"%U\"",
                    PyUnicode_GetLength(body->anonymous) > 0 ? ", " : "", field);
    }
    if (rc == 0) {
        rc = append(&body->fields,
                    bits ? "        (\"%U\", %U, %u),\n" : "        (\"%U\", %U),\n",
                    field, text, bits);
    }
    if (bits != 0) {
        body->end = (btf_member_bit_offset(type, i) + bits + 7) / 8;
    }
    else if (size > 0) {
        uint32_t end = offset + (uint32_t)size;

        body->end = end > body->end ? end : body->end;
    }
    Py_XDECREF(field);
    Py_XDECREF(unnamed);
    Py_XDECREF(text);
    return rc;
}

static int
write_class(struct writer *writer, const struct body *body)
{
    int rc = append(&writer->text, "class %U(ctypes.%s):\n", body->name,
                    body->is_union ? "Union" : "Structure");

    if (rc == 0 && body->is_packed) {
        rc = append(&writer->text, "    _pack_ = 1\n    _layout_ = \"ms\"\n");
    }
    if (rc == 0 && PyUnicode_GetLength(body->anonymous) > 0) {
        rc = append(&writer->text, "    _anonymous_ = [%U]\n", body->anonymous);
    }
    if (rc == 0) {
        rc = append(&writer->text, "    _fields_ = [\n%U    ]\n", body->fields);
    }
    return rc;
}

/* The alignment that ctypes gives the whole. */
static uint32_t
whole_align(const struct btf *btf, const struct btf_type *type)
{
    uint32_t most = 1;

    for (uint32_t i = 0; i < btf_vlen(type); i++) {
        int align = btf__align_of(btf, btf_members(type)[i].type);

        most = align > (int)most ? (uint32_t)align : most;
    }
    return most;
}

/* Write the class of a struct or union; 0 or -1. */
static int
write_composite(struct writer *writer, const struct btf_type *type, PyObject *name)
{
    struct body body = {
        .name = tb_new_ref(name),
        .fields = PyUnicode_FromString(""),
        .anonymous = PyUnicode_FromString(""),
        .is_union = btf_is_union(type),
        .is_packed = is_packed(writer->btf, type),
    };
    int rc = body.fields != NULL && body.anonymous != NULL ? 0 : -1;

    for (uint32_t i = 0; rc == 0 && i < btf_vlen(type); i++) {
        rc = add_member(writer, &body, type, i);
    }
    if (rc == 0) {
        rc = pad(&body, type->size, whole_align(writer->btf, type));
    }
    if (rc == 0) {
        rc = write_class(writer, &body);
    }
    Py_XDECREF(body.name);
    Py_XDECREF(body.fields);
    Py_XDECREF(body.anonymous);
    return rc;
}

/* The name of the class of a struct or union, which is written first if it is new. */
static PyObject *
class_name(struct writer *writer, uint32_t id, PyObject *unnamed)
{
    const struct btf_type *type = btf__type_by_id(writer->btf, id);
    const char *own = btf__name_by_offset(writer->btf, type->name_off);
    PyObject *key = PyLong_FromUnsignedLong(id);
    PyObject *name = key ? PyDict_GetItemWithError(writer->done, key) : NULL;
    int rc = -1;

    if (name != NULL || key == NULL || PyErr_Occurred()) {
        Py_XINCREF(name);
        Py_XDECREF(key);
        return name;
    }
    name =
        own != NULL && own[0] != '\0' ? PyUnicode_FromString(own) : tb_new_ref(unnamed);
    if (name != NULL && PyDict_SetItem(writer->done, key, name) == 0) {
        rc = 0;
    }
    if (rc == 0 && writer->depth < MAX_DEPTH) {
        writer->depth++;
        rc = write_composite(writer, type, name);
        writer->depth--;
    }
    Py_DECREF(key);
    if (rc < 0) {
        Py_CLEAR(name);
    }
    return name;
}

PyObject *
tb_ctype_declare(const struct btf *btf, uint32_t id)
{
    struct writer writer = {
        .btf = btf,
        .text = PyUnicode_FromString(""),
        .done = PyDict_New(),
    };
    PyObject *unnamed = PyUnicode_FromString("Unnamed");
    PyObject *name = NULL;

    if (writer.text != NULL && writer.done != NULL && unnamed != NULL) {
        name = type_text(&writer, id, unnamed);
    }
    if (name != NULL && PyUnicode_GetLength(writer.text) == 0) {
        append(&writer.text, "%U", name); /* a scalar, an array of scalars */
    }
    if (name == NULL) {
        Py_CLEAR(writer.text);
    }
    Py_XDECREF(name);
    Py_XDECREF(unnamed);
    Py_XDECREF(writer.done);
    return writer.text;
}
