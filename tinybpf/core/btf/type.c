/* SPDX-License-Identifier: MIT
 *
 * BtfType and BtfField (btf/type.h) from the records of BTF. The classes are those of
 * tinybpf/_btf.py. Foreign BTF is not trusted: recursion ends at DEPTH_MAX.
 */
#include "btf/type.h"

#include "base/args.h"
#include "base/enums.h"
#include "base/libbpf.h"

#include <string.h>

#define DEPTH_MAX 32

PyObject *
tb_btf_type_name(const struct btf *btf, uint32_t name_off)
{
    const char *name = btf__name_by_offset(btf, name_off);

    if (name == NULL) {
        name = "";
    }
    return PyUnicode_DecodeUTF8(name, (Py_ssize_t)strlen(name), "backslashreplace");
}

/* The words in front of a name of this kind. */
static const char *
keyword(const struct btf_type *type)
{
    switch (btf_kind(type)) {
    case BTF_KIND_STRUCT:
        return "struct ";
    case BTF_KIND_UNION:
        return "union ";
    case BTF_KIND_ENUM:
    case BTF_KIND_ENUM64:
        return "enum ";
    case BTF_KIND_FWD:
        return btf_kflag(type) ? "union " : "struct ";
    case BTF_KIND_CONST:
        return "const ";
    case BTF_KIND_VOLATILE:
        return "volatile ";
    case BTF_KIND_RESTRICT:
        return "restrict ";
    default:
        return "";
    }
}

/* A type that has a name, or a body that is left out, before its declarator. */
static PyObject *
spell_named(const struct btf *btf, const struct btf_type *type, PyObject *declarator)
{
    PyObject *name = tb_btf_type_name(btf, type->name_off);
    PyObject *text = NULL;
    const char *space;

    if (name != NULL && type->name_off == 0 && !btf_is_int(type)) {
        Py_DECREF(name);
        name = PyUnicode_FromString("{...}");
    }
    if (name != NULL) {
        space = PyUnicode_GetLength(declarator) > 0 &&
                        PyUnicode_ReadChar(declarator, 0) != '['
                    ? " "
                    : "";
        text = PyUnicode_FromFormat("%s%U%s%U", keyword(type), name, space, declarator);
    }
    Py_XDECREF(name);
    return text;
}

static PyObject *spell(const struct btf *btf, uint32_t id, PyObject *declarator,
                       int depth);

/* "(int, struct foo *)" */
static PyObject *
spell_parameters(const struct btf *btf, const struct btf_type *proto, int depth)
{
    PyObject *list = PyList_New(0), *comma = NULL, *empty = NULL, *text = NULL;
    PyObject *result = NULL;

    comma = PyUnicode_FromString(", ");
    empty = PyUnicode_FromString("");
    for (uint32_t i = 0; list != NULL && empty != NULL && i < btf_vlen(proto); i++) {
        uint32_t id = btf_params(proto)[i].type;
        PyObject *one =
            id == 0 ? PyUnicode_FromString("...") : spell(btf, id, empty, depth);

        if (one == NULL || PyList_Append(list, one) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(one);
    }
    if (list != NULL && comma != NULL && empty != NULL) {
        text = PyUnicode_Join(comma, list);
    }
    if (text != NULL) {
        result = PyUnicode_FromFormat(btf_vlen(proto) > 0 ? "(%U)" : "(void%U)", text);
    }
    Py_XDECREF(list);
    Py_XDECREF(comma);
    Py_XDECREF(empty);
    Py_XDECREF(text);
    return result;
}

/* The declarator of what a pointer, an array or a function is made of. A qualifier of a
 * pointer stands behind its star. */
static PyObject *
wrap(const struct btf *btf, const struct btf_type *type, PyObject *inner, int depth)
{
    const struct btf_type *target = btf__type_by_id(btf, type->type);
    int groups = target != NULL && (btf_is_array(target) || btf_is_func_proto(target));
    PyObject *parameters, *text;

    switch (btf_kind(type)) {
    case BTF_KIND_PTR:
        return PyUnicode_FromFormat(groups ? "(*%U)" : "*%U", inner);
    case BTF_KIND_ARRAY:
        return PyUnicode_FromFormat("%U[%u]", inner, btf_array(type)->nelems);
    case BTF_KIND_FUNC_PROTO:
        parameters = spell_parameters(btf, type, depth);
        text = parameters ? PyUnicode_FromFormat("%U%U", inner, parameters) : NULL;
        Py_XDECREF(parameters);
        return text;
    default: /* a qualifier of a pointer */
        if (PyUnicode_GetLength(inner) > 0) {
            return PyUnicode_FromFormat("%s%U", keyword(type), inner);
        }
        return PyUnicode_FromStringAndSize(keyword(type),
                                           (Py_ssize_t)strlen(keyword(type)) - 1);
    }
}

/* Spell a type around its declarator: C declares from inside out. */
static PyObject *
spell(const struct btf *btf, uint32_t id, PyObject *declarator, int depth)
{
    const struct btf_type *type = btf__type_by_id(btf, id);
    const struct btf_type *target;
    PyObject *inner, *text;
    uint32_t next;

    if (type == NULL || depth > DEPTH_MAX) {
        return PyUnicode_FromString("...");
    }
    if (id == 0) {
        return PyUnicode_FromFormat(
            PyUnicode_GetLength(declarator) > 0 ? "void %U" : "void", declarator);
    }
    next = btf_is_array(type) ? btf_array(type)->type : type->type;
    target = btf__type_by_id(btf, next);
    switch (btf_kind(type)) {
    case BTF_KIND_TYPE_TAG:
    case BTF_KIND_DECL_TAG:
    case BTF_KIND_VAR:
    case BTF_KIND_FUNC:
        return spell(btf, next, declarator, depth + 1);
    case BTF_KIND_CONST:
    case BTF_KIND_VOLATILE:
    case BTF_KIND_RESTRICT:
        if (target == NULL || !btf_is_ptr(target)) {
            text = spell(btf, next, declarator, depth + 1);
            inner = text ? PyUnicode_FromFormat("%s%U", keyword(type), text) : NULL;
            Py_XDECREF(text);
            return inner;
        }
        break;
    case BTF_KIND_PTR:
    case BTF_KIND_ARRAY:
    case BTF_KIND_FUNC_PROTO:
        break;
    default:
        return spell_named(btf, type, declarator);
    }
    inner = wrap(btf, type, declarator, depth + 1);
    text = inner ? spell(btf, next, inner, depth + 1) : NULL;
    Py_XDECREF(inner);
    return text;
}

PyObject *
tb_btf_type_spell(const struct btf *btf, uint32_t id)
{
    PyObject *empty = PyUnicode_FromString("");
    PyObject *text = empty ? spell(btf, id, empty, 0) : NULL;

    Py_XDECREF(empty);
    return text;
}

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
member_place(const struct btf *btf, const struct btf_type *type, uint32_t i,
             uint64_t *bits)
{
    uint64_t at = btf_member_bit_offset(type, i);
    int id = btf__resolve_type(btf, btf_members(type)[i].type);
    const struct btf_type *inner = id > 0 ? btf__type_by_id(btf, (uint32_t)id) : NULL;

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
            const uint64_t place[2])
{
    PyObject *text = name ? tb_btf_type_spell(btf, id) : NULL;
    PyObject *field = NULL;

    if (text != NULL) {
        field = PyObject_CallFunction(
            class, "OKKOIKK", name, (unsigned long long)place[0] / 8, size_of(btf, id),
            text, (unsigned int)id, (unsigned long long)place[0],
            (unsigned long long)place[1]);
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
    uint64_t place[2] = {0, 0};
    uint32_t id;
    const struct btf_type *variable;

    if (btf_is_datasec(type)) {
        id = btf_var_secinfos(type)[i].type;
        variable = btf__type_by_id(btf, id);
        place[0] = (uint64_t)btf_var_secinfos(type)[i].offset * 8;
        return field_steal(btf, class, tb_btf_type_name(btf, variable->name_off),
                           btf_is_var(variable) ? variable->type : id, place);
    }
    place[0] = member_place(btf, type, i, &place[1]);
    return field_steal(btf, class, tb_btf_type_name(btf, btf_members(type)[i].name_off),
                       btf_members(type)[i].type, place);
}

/* (name, number) of an enum. */
static PyObject *
value_at(const struct btf *btf, const struct btf_type *type, uint32_t i,
         PyObject *unused)
{
    int is_signed = btf_kflag(type);
    const char *format = is_signed ? "(NL)" : "(NK)";

    (void)unused;
    if (btf_is_enum64(type)) {
        return Py_BuildValue(format,
                             tb_btf_type_name(btf, btf_enum64(type)[i].name_off),
                             btf_enum64_value(&btf_enum64(type)[i]));
    }
    return Py_BuildValue(is_signed ? "(Ni)" : "(NI)",
                         tb_btf_type_name(btf, btf_enum(type)[i].name_off),
                         btf_enum(type)[i].val);
}

/* (name, C type) of a function. */
static PyObject *
parameter_at(const struct btf *btf, const struct btf_type *type, uint32_t i,
             PyObject *unused)
{
    const struct btf_param *parameter = &btf_params(type)[i];

    (void)unused;
    return Py_BuildValue("(NN)", tb_btf_type_name(btf, parameter->name_off),
                         parameter->type == 0
                             ? PyUnicode_FromString("...")
                             : tb_btf_type_spell(btf, parameter->type));
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

    return refers ? tb_btf_type_spell(btf, target_of(type)) : PyUnicode_FromString("");
}

/* The arguments of BtfType(). */
static PyObject *
arguments(struct tb_state *state, const struct btf *btf, uint32_t id,
          PyObject *field_class)
{
    const struct btf_type *type = btf__type_by_id(btf, id);
    const struct btf_type *proto = prototype(btf, type);
    int has_fields = btf_is_composite(type) || btf_is_datasec(type);
    uint32_t nelems = btf_is_array(type) ? btf_array(type)->nelems : 0;

    return Py_BuildValue(
        "(NNKNINNIINNs)", tb_btf_type_name(btf, type->name_off),
        tb_enums_member(state, TB_ENUM_BTF_KIND, btf_kind(type)), size_of(btf, id),
        tuple_of(btf, type, field_class, has_fields ? field_at : NULL),
        (unsigned int)id, tb_btf_type_spell(btf, id), spell_target(btf, proto),
        (unsigned int)target_of(type), (unsigned int)nelems,
        tuple_of(btf, type, NULL, btf_is_any_enum(type) ? value_at : NULL),
        tuple_of(btf, proto, NULL, btf_is_func_proto(proto) ? parameter_at : NULL),
        encoding(type));
}

PyObject *
tb_btf_type_new(Btf *btf, uint32_t id)
{
    PyObject *class = tb_args_import("tinybpf._values", "BtfType");
    PyObject *field_class =
        class ? tb_args_import("tinybpf._values", "BtfField") : NULL;
    PyObject *args = NULL, *result = NULL;

    if (field_class != NULL) {
        args = arguments(tb_state_of(btf), btf->handle, id, field_class);
    }
    if (args != NULL) {
        result = PyObject_Call(class, args, NULL);
    }
    Py_XDECREF(class);
    Py_XDECREF(field_class);
    Py_XDECREF(args);
    return result;
}
