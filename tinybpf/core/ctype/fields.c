/* SPDX-License-Identifier: MIT
 *
 * Lists of fields (ctype/fields.h). Where a field of ctypes lies, its descriptor tells.
 */
#include "ctype/fields.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "btf/find.h"

#include <stdlib.h>

#define MAX_DEPTH 32 /* of anonymous members; BTF may be wrong */

/* Append a field, its references taken also when that fails; 0 or -1. */
static int
append_steal(struct tb_ctype_fields *fields, const struct tb_ctype_field *field)
{
    if (field->name != NULL && fields->n == fields->cap) {
        size_t cap = fields->cap ? fields->cap * 2 : 16;
        struct tb_ctype_field *items = realloc(fields->items, cap * sizeof(*items));

        if (items == NULL) {
            PyErr_NoMemory();
        }
        else {
            fields->items = items;
            fields->cap = cap;
        }
    }
    if (field->name == NULL || fields->n == fields->cap) {
        Py_XDECREF(field->name);
        Py_XDECREF(field->class);
        return -1;
    }
    fields->items[fields->n++] = *field;
    return 0;
}

void
tb_ctype_fields_free(struct tb_ctype_fields *fields)
{
    for (size_t i = 0; i < fields->n; i++) {
        Py_CLEAR(fields->items[i].name);
        Py_CLEAR(fields->items[i].class);
    }
    free(fields->items);
    *fields = (struct tb_ctype_fields){0};
}

/* The struct or union behind typedefs and qualifiers; NULL if it is none. */
static const struct btf_type *
composite(const struct btf *btf, uint32_t id)
{
    const struct btf_type *type = tb_btf_resolve(btf, &id);

    return type != NULL && btf_is_composite(type) ? type : NULL;
}

/* Append the members of the type that `of` has, at its offset, those of anonymous ones
 * in their place; 0 or -1. Something else than a struct has none. */
static int
add_members(struct tb_ctype_fields *fields, const struct btf *btf,
            const struct tb_ctype_field *of, int depth)
{
    const struct btf_type *type = composite(btf, of->btf_id);

    for (int i = 0; type != NULL && i < btf_vlen(type); i++) {
        const struct btf_member *member = &btf_members(type)[i];
        const char *name = btf__name_by_offset(btf, member->name_off);
        struct tb_ctype_field field = {
            .btf_id = member->type,
            .bit_offset = of->bit_offset + btf_member_bit_offset(type, (uint32_t)i),
            .bits = btf_member_bitfield_size(type, (uint32_t)i),
        };
        int64_t size = btf__resolve_size(btf, member->type);
        int rc;

        if (field.bits == 0) {
            field.bits = size > 0 ? (uint64_t)size * 8 : 0;
        }
        if (name != NULL && name[0] == '\0' && composite(btf, member->type) != NULL &&
            depth < MAX_DEPTH) {
            rc = add_members(fields, btf, &field, depth + 1);
        }
        else {
            field.name = PyUnicode_DecodeFSDefault(name ? name : "");
            rc = append_steal(fields, &field);
        }
        if (rc < 0) {
            return -1;
        }
    }
    return 0;
}

int
tb_ctype_fields_of_btf(struct tb_ctype_fields *fields, const struct btf *btf,
                       uint32_t id)
{
    return add_members(fields, btf, &(struct tb_ctype_field){.btf_id = id}, 0);
}

/* What a class itself (not its bases) has under a name: a tuple; NULL with an
 * exception, or without one if it has nothing. */
static PyObject *
own_sequence(PyObject *class, const char *name)
{
    PyObject *dict = tb_args_attr(class, "__dict__");
    PyObject *key = dict ? PyUnicode_InternFromString(name) : NULL;
    PyObject *found = key ? PyObject_GetItem(dict, key) : NULL;
    PyObject *result = found ? PySequence_Tuple(found) : NULL;

    if (key != NULL && found == NULL && PyErr_ExceptionMatches(PyExc_KeyError)) {
        PyErr_Clear();
    }
    Py_XDECREF(dict);
    Py_XDECREF(key);
    Py_XDECREF(found);
    return result;
}

static int
read_number(PyObject *descriptor, const char *name, uint64_t *out_number)
{
    PyObject *number = tb_args_attr(descriptor, name);

    *out_number = 0;
    if (number != NULL) {
        *out_number = PyLong_AsUnsignedLongLong(number);
        Py_DECREF(number);
    }
    return PyErr_Occurred() ? -1 : 0;
}

/* Fill in the place of a field from its descriptor; 0 or -1. */
static int
locate(PyObject *class, struct tb_ctype_field *field, int is_bitfield)
{
    PyObject *descriptor = PyObject_GetAttr(class, field->name);
    uint64_t offset, size;
    int rc = -1;

    if (descriptor != NULL && read_number(descriptor, "offset", &offset) == 0 &&
        read_number(descriptor, "size", &size) == 0) {
        field->bit_offset += offset * 8 + (is_bitfield ? (size & 0xffff) : 0);
        field->bits = is_bitfield ? size >> 16 : size * 8;
        rc = 0;
    }
    Py_XDECREF(descriptor);
    return rc;
}

static int add_class(struct tb_ctype_fields *fields, PyObject *class,
                     uint64_t bit_offset);

/* Append one entry of _fields_; 0 or -1. */
static int
add_entry(struct tb_ctype_fields *fields, const struct tb_ctype_field *of,
          PyObject *entry, PyObject *anonymous)
{
    struct tb_ctype_field field = {.bit_offset = of->bit_offset};
    Py_ssize_t n = PySequence_Size(entry);
    int is_anonymous = 0, rc = -1;

    if (n >= 2) {
        field.name = PySequence_GetItem(entry, 0);
        field.class = field.name ? PySequence_GetItem(entry, 1) : NULL;
    }
    if (field.class != NULL && locate(of->class, &field, n > 2) == 0) {
        is_anonymous = anonymous ? PySequence_Contains(anonymous, field.name) : 0;
        rc = is_anonymous;
    }
    if (rc == 0) {
        return append_steal(fields, &field);
    }
    if (is_anonymous > 0) {
        rc = add_class(fields, field.class, field.bit_offset);
    }
    Py_XDECREF(field.name);
    Py_XDECREF(field.class);
    return rc < 0 ? -1 : 0;
}

/* Append the fields that one class of the bases defines: 1, 0 it defines none, -1. */
static int
add_own(struct tb_ctype_fields *fields, const struct tb_ctype_field *of, PyObject *base)
{
    PyObject *entries = own_sequence(base, "_fields_");
    PyObject *anonymous = entries ? own_sequence(base, "_anonymous_") : NULL;
    int rc = PyErr_Occurred() ? -1 : entries != NULL;

    for (Py_ssize_t i = 0; rc > 0 && i < PyTuple_Size(entries); i++) {
        if (add_entry(fields, of, PyTuple_GetItem(entries, i), anonymous) < 0) {
            rc = -1;
        }
    }
    Py_XDECREF(entries);
    Py_XDECREF(anonymous);
    return rc;
}

/* Append the fields of a class, those of its bases first: 1, 0 it has none, -1. */
static int
add_class(struct tb_ctype_fields *fields, PyObject *class, uint64_t bit_offset)
{
    struct tb_ctype_field of = {.class = class, .bit_offset = bit_offset};
    PyObject *mro = tb_args_attr(class, "__mro__");
    PyObject *order = mro ? PySequence_Tuple(mro) : NULL;
    int found = 0;

    Py_XDECREF(mro);
    if (order == NULL) {
        return -1;
    }
    for (Py_ssize_t i = PyTuple_Size(order) - 1; found >= 0 && i >= 0; i--) {
        int rc = add_own(fields, &of, PyTuple_GetItem(order, i));

        found = rc < 0 ? -1 : found | rc;
    }
    Py_DECREF(order);
    return found;
}

int
tb_ctype_fields_of_class(struct tb_ctype_fields *fields, PyObject *class)
{
    return PyType_Check(class) ? add_class(fields, class, 0) : 0;
}
