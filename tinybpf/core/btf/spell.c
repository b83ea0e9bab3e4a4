/* SPDX-License-Identifier: MIT
 *
 * Spelling of types (btf/spell.h). Foreign BTF is not trusted: recursion ends at
 * MAX_DEPTH, and what would be longer than TEXT_MAX ends in "...".
 */
#include "btf/spell.h"

#include "base/args.h"
#include "base/libbpf.h"

#include <string.h>

#define MAX_DEPTH 32 /* arrays, pointers and qualifiers of one type; as in libbpf */
#define TEXT_MAX 4096

/* One spelling, and how much more it may say: names and what is between them. */
struct spelling {
    const struct btf *btf; /* borrowed */
    Py_ssize_t left;
};

PyObject *
tb_btf_spell_name(const struct btf *btf, uint32_t name_off)
{
    const char *name = btf__name_by_offset(btf, name_off);

    return tb_args_text(name != NULL ? name : "");
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
spell_named(struct spelling *spelling, const struct btf_type *type,
            PyObject *declarator)
{
    PyObject *name = tb_btf_spell_name(spelling->btf, type->name_off);
    PyObject *text = NULL;
    const char *space;

    if (name != NULL && type->name_off == 0 && !btf_is_int(type)) {
        Py_DECREF(name);
        name = PyUnicode_FromString("{...}");
    }
    if (name != NULL) {
        spelling->left -= PyUnicode_GetLength(name);
        space = PyUnicode_GetLength(declarator) > 0 &&
                        PyUnicode_ReadChar(declarator, 0) != '['
                    ? " "
                    : "";
        text = PyUnicode_FromFormat("%s%U%s%U", keyword(type), name, space, declarator);
    }
    Py_XDECREF(name);
    return text;
}

static PyObject *spell(struct spelling *spelling, uint32_t id, PyObject *declarator,
                       int depth);

/* "(int, struct foo *)" */
static PyObject *
spell_parameters(struct spelling *spelling, const struct btf_type *proto, int depth)
{
    PyObject *list = PyList_New(0), *comma = NULL, *empty = NULL, *text = NULL;
    PyObject *result = NULL;

    comma = PyUnicode_FromString(", ");
    empty = PyUnicode_FromString("");
    for (uint32_t i = 0, is_last = 0;
         list != NULL && empty != NULL && !is_last && i < btf_vlen(proto); i++) {
        uint32_t id = btf_params(proto)[i].type;
        PyObject *one =
            id == 0 ? PyUnicode_FromString("...") : spell(spelling, id, empty, depth);

        is_last = spelling->left <= 0;
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
wrap(struct spelling *spelling, const struct btf_type *type, PyObject *inner, int depth)
{
    const struct btf_type *target = btf__type_by_id(spelling->btf, type->type);
    int groups = target != NULL && (btf_is_array(target) || btf_is_func_proto(target));
    PyObject *parameters, *text;

    switch (btf_kind(type)) {
    case BTF_KIND_PTR:
        return PyUnicode_FromFormat(groups ? "(*%U)" : "*%U", inner);
    case BTF_KIND_ARRAY:
        return PyUnicode_FromFormat("%U[%u]", inner, btf_array(type)->nelems);
    case BTF_KIND_FUNC_PROTO:
        parameters = spell_parameters(spelling, type, depth);
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
spell(struct spelling *spelling, uint32_t id, PyObject *declarator, int depth)
{
    const struct btf *btf = spelling->btf;
    const struct btf_type *type = btf__type_by_id(btf, id);
    const struct btf_type *target;
    PyObject *inner, *text;
    uint32_t next;

    if (type == NULL || depth > MAX_DEPTH || spelling->left-- <= 0) {
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
        return spell(spelling, next, declarator, depth + 1);
    case BTF_KIND_CONST:
    case BTF_KIND_VOLATILE:
    case BTF_KIND_RESTRICT:
        if (target == NULL || !btf_is_ptr(target)) {
            text = spell(spelling, next, declarator, depth + 1);
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
        return spell_named(spelling, type, declarator);
    }
    inner = wrap(spelling, type, declarator, depth + 1);
    text = inner ? spell(spelling, next, inner, depth + 1) : NULL;
    Py_XDECREF(inner);
    return text;
}

PyObject *
tb_btf_spell(const struct btf *btf, uint32_t id)
{
    PyObject *empty = PyUnicode_FromString("");
    struct spelling spelling = {btf, TEXT_MAX};
    PyObject *text = empty ? spell(&spelling, id, empty, 0) : NULL;

    Py_XDECREF(empty);
    return text;
}

/* The type behind qualifiers; NULL if there is none, or they have no end. */
static const struct btf_type *
unqualified(const struct btf *btf, uint32_t id)
{
    const struct btf_type *type = btf__type_by_id(btf, id);

    for (int i = 0; type != NULL && btf_is_mod(type); i++) {
        type = i == MAX_DEPTH ? NULL : btf__type_by_id(btf, type->type);
    }
    return type;
}

/* Spell a type that is inside of depth arrays and pointers. */
static PyObject *
spell_short(const struct btf *btf, uint32_t id, int depth)
{
    const struct btf_type *type = unqualified(btf, id);
    PyObject *inner, *text = NULL;

    if (depth == MAX_DEPTH) {
        return PyUnicode_FromString("...");
    }
    if (type != NULL && (btf_is_array(type) || btf_is_ptr(type))) {
        inner = spell_short(btf, btf_is_ptr(type) ? type->type : btf_array(type)->type,
                            depth + 1);
        if (inner != NULL) {
            text = btf_is_ptr(type)
                       ? PyUnicode_FromFormat("%U *", inner)
                       : PyUnicode_FromFormat("%U[%u]", inner, btf_array(type)->nelems);
        }
        Py_XDECREF(inner);
        return text;
    }
    if (type == NULL || btf_is_void(type)) {
        return PyUnicode_FromString("void");
    }
    return tb_btf_spell_name(btf, type->name_off);
}

PyObject *
tb_btf_spell_short(const struct btf *btf, uint32_t id)
{
    return spell_short(btf, id, 0);
}
