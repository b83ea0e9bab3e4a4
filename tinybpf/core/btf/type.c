/* SPDX-License-Identifier: MIT
 *
 * BtfType and BtfField (btf/type.h) from the records of BTF. The classes are those of
 * tinybpf/_values.py.
 */
#include "btf/type.h"

#include "base/args.h"
#include "base/enums.h"
#include "base/libbpf.h"
#include "btf/find.h"
#include "btf/member.h"
#include "btf/spell.h"

/* Bytes of a value of the type; 0 where it has no size. */
static unsigned long long
size_of(const struct btf *btf, uint32_t id)
{
    const struct btf_type *type = btf__type_by_id(btf, id);
    int64_t size = -1;

    if (type == NULL || id == 0) {
        return 0;
    }
    if (btf_is_datasec(type)) {
        return type->size;
    }
    if (!btf_is_func(type) && !btf_is_func_proto(type) && !btf_is_fwd(type)) {
        size = btf__resolve_size(btf, id);
    }
    return size > 0 ? (unsigned long long)size : 0;
}

/* Where a member lies, in bits; *bits is 0 unless it is a bit field. The older form
 * has them in the member's type. */
static uint64_t
member_offset(const struct btf *btf, const struct btf_type *type, uint32_t i,
              uint64_t *bits)
{
    uint64_t at = btf_member_bit_offset(type, i);
    uint32_t id = btf_members(type)[i].type;
    const struct btf_type *inner = tb_btf_resolve(btf, &id);

    *bits = btf_member_bitfield_size(type, i);
    if (*bits == 0 && inner != NULL && btf_is_int(inner) && !btf_kflag(type) &&
        btf_int_bits(inner) < inner->size * 8 &&
        !(btf_int_encoding(inner) & BTF_INT_BOOL)) {
        *bits = btf_int_bits(inner);
        at += btf_int_offset(inner);
    }
    return at;
}

/* A BtfField; steals name, which may be NULL with an exception set. */
static PyObject *
field_steal(const struct btf *btf, PyObject *class, PyObject *name, uint32_t id,
            const uint64_t where[2])
{
    PyObject *text = name ? tb_btf_spell(btf, id) : NULL;
    PyObject *field = NULL;

    if (text != NULL) {
        field = PyObject_CallFunction(
            class, "OKKOIKK", name, (unsigned long long)where[0] / 8, size_of(btf, id),
            text, (unsigned int)id, (unsigned long long)where[0],
            (unsigned long long)where[1]);
    }
    Py_XDECREF(name);
    Py_XDECREF(text);
    return field;
}

/* Members of a struct or union, variables of a section. */
static PyObject *
field_at(const struct btf *btf, const struct btf_type *type, uint32_t i,
         PyObject *class)
{
    uint64_t where[2] = {0, 0};
    uint32_t id;
    const struct btf_type *variable;

    if (btf_is_datasec(type)) {
        id = btf_var_secinfos(type)[i].type;
        variable = btf__type_by_id(btf, id);
        where[0] = (uint64_t)btf_var_secinfos(type)[i].offset * 8;
        return field_steal(btf, class, tb_btf_spell_name(btf, variable->name_off),
                           btf_is_var(variable) ? variable->type : id, where);
    }
    where[0] = member_offset(btf, type, i, &where[1]);
    return field_steal(btf, class,
                       tb_btf_spell_name(btf, btf_members(type)[i].name_off),
                       btf_members(type)[i].type, where);
}

/* (name, number) of an enum. */
static PyObject *
value_at(const struct btf *btf, const struct btf_type *type, uint32_t i,
         PyObject *unused)
{
    struct tb_enum_member member = tb_member_get(btf, type, (int)i);
    PyObject *name = tb_args_text(member.name ? member.name : "");

    (void)unused;
    return name ? Py_BuildValue("(NN)", name, tb_member_number(&member)) : NULL;
}

/* (name, C type) of a function. */
static PyObject *
parameter_at(const struct btf *btf, const struct btf_type *type, uint32_t i,
             PyObject *unused)
{
    const struct btf_param *parameter = &btf_params(type)[i];
    PyObject *name = tb_btf_spell_name(btf, parameter->name_off);
    PyObject *text = NULL, *pair;

    (void)unused;
    if (name != NULL) {
        text = parameter->type == 0 ? PyUnicode_FromString("...")
                                    : tb_btf_spell(btf, parameter->type);
    }
    pair = text ? PyTuple_Pack(2, name, text) : NULL;
    Py_XDECREF(name);
    Py_XDECREF(text);
    return pair;
}

/* A tuple of what the function makes of each part of a type. */
static PyObject *
tuple_of(const struct btf *btf, const struct btf_type *type, PyObject *class,
         PyObject *(*part)(const struct btf *, const struct btf_type *, uint32_t,
                           PyObject *))
{
    uint32_t n = part != NULL ? btf_vlen(type) : 0;
    PyObject *tuple = PyTuple_New((Py_ssize_t)n);

    for (uint32_t i = 0; tuple != NULL && i < n; i++) {
        PyObject *one = part(btf, type, i, class);

        if (one == NULL || PyTuple_SetItem(tuple, (Py_ssize_t)i, one) < 0) {
            Py_CLEAR(tuple);
        }
    }
    return tuple;
}

/* How a number is coded. */
static const char *
encoding(const struct btf_type *type)
{
    switch (btf_kind(type)) {
    case BTF_KIND_INT:
        if (btf_int_encoding(type) & BTF_INT_BOOL) {
            return "bool";
        }
        return btf_int_encoding(type) & BTF_INT_SIGNED ? "signed" : "unsigned";
    case BTF_KIND_ENUM:
    case BTF_KIND_ENUM64:
        return btf_kflag(type) ? "signed" : "unsigned";
    case BTF_KIND_FLOAT:
        return "float";
    default:
        return "";
    }
}

/* What a type refers to: the result of a function, the target of others; 0 if nothing.
 */
static uint32_t
target_of(const struct btf_type *type)
{
    switch (btf_kind(type)) {
    case BTF_KIND_ARRAY:
        return btf_array(type)->type;
    case BTF_KIND_INT:
    case BTF_KIND_FLOAT:
    case BTF_KIND_ENUM:
    case BTF_KIND_ENUM64:
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
    case BTF_KIND_FWD:
    case BTF_KIND_DATASEC:
        return 0;
    default:
        return type->type;
    }
}

/* The prototype that has a function's parameters; the type itself for others. */
static const struct btf_type *
prototype(const struct btf *btf, const struct btf_type *type)
{
    const struct btf_type *proto =
        btf_is_func(type) ? btf__type_by_id(btf, type->type) : NULL;

    return proto != NULL && btf_is_func_proto(proto) ? proto : type;
}

/* The spelling of what a type refers to; "" for those that refer to nothing. */
static PyObject *
spell_target(const struct btf *btf, const struct btf_type *type)
{
    int refers = btf_is_ptr(type) || btf_is_mod(type) || btf_is_typedef(type) ||
                 btf_is_func_proto(type) || target_of(type) != 0;

    return refers ? tb_btf_spell(btf, target_of(type)) : PyUnicode_FromString("");
}

/* Whether what a call made could be appended; NULL could not. */
static int
put(PyObject *list, PyObject *made)
{
    return tb_args_append_steal(list, made) == 0;
}

/* The arguments of BtfType(); as is the type that it is written as, itself or one that
 * leads to it. They are made one after the other, none behind one that failed: Python
 * code does not run with an exception set. */
static PyObject *
arguments(Btf *holder, uint32_t id, uint32_t as, PyObject *field_class)
{
    struct tb_state *state = tb_state_of(holder);
    const struct btf *btf = holder->handle;
    const struct btf_type *type = btf__type_by_id(btf, id);
    const struct btf_type *proto = prototype(btf, type);
    int has_fields = btf_is_composite(type) || btf_is_datasec(type);
    uint32_t nelems = btf_is_array(type) ? btf_array(type)->nelems : 0;
    PyObject *all = PyList_New(0), *tuple = NULL;

    if (all != NULL && put(all, tb_btf_spell_name(btf, type->name_off)) &&
        put(all, tb_enums_member(state, TB_ENUM_BTF_KIND, btf_kind(type))) &&
        put(all, PyLong_FromUnsignedLongLong(size_of(btf, id))) &&
        put(all, tuple_of(btf, type, field_class, has_fields ? field_at : NULL)) &&
        put(all, PyLong_FromUnsignedLong(id)) && put(all, tb_btf_spell(btf, as)) &&
        put(all, spell_target(btf, proto)) &&
        put(all, PyLong_FromUnsignedLong(target_of(type))) &&
        put(all, PyLong_FromUnsignedLong(nelems)) &&
        put(all, tuple_of(btf, type, NULL, btf_is_any_enum(type) ? value_at : NULL)) &&
        put(all, tuple_of(btf, proto, NULL,
                          btf_is_func_proto(proto) ? parameter_at : NULL)) &&
        put(all, PyUnicode_FromString(encoding(type)))) {
        tuple = PyList_AsTuple(all);
    }
    Py_XDECREF(all);
    return tuple;
}

static PyObject *
make(Btf *btf, uint32_t id, uint32_t as)
{
    PyObject *class = tb_state_python_class("BtfType");
    PyObject *field_class = class ? tb_state_python_class("BtfField") : NULL;
    PyObject *args = NULL, *result = NULL;

    if (field_class != NULL) {
        args = arguments(btf, id, as, field_class);
    }
    if (args != NULL) {
        result = PyObject_Call(class, args, NULL);
    }
    Py_XDECREF(class);
    Py_XDECREF(field_class);
    Py_XDECREF(args);
    return result;
}

PyObject *
tb_btf_type_new(Btf *btf, uint32_t id)
{
    return make(btf, id, id);
}

PyObject *
tb_btf_type_behind(Btf *btf, uint32_t id)
{
    uint32_t as = id;

    tb_btf_resolve(btf->handle, &id);
    return make(btf, id, as);
}
