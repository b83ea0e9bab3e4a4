/* SPDX-License-Identifier: MIT
 *
 * Look-ups in a Btf (btf/query.h). A split BTF answers by name for its base, too; what
 * counts or goes over types is about its own.
 */
#include "btf/query.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "btf/type.h"

#include <stdlib.h>
#include <string.h>

#define ANY (-1) /* kind */

typedef struct {
    PyObject_HEAD
    Btf *btf; /* owned; NULL once finalised */
    uint32_t next;
    long kind; /* or ANY */
} Iterator;

/* How well a kind answers to a bare name, where several types have it: what has a
 * layout first, in the order of obj.types, then functions and variables. */
static int
rank(uint32_t kind)
{
    static const unsigned char order[] = {
        BTF_KIND_STRUCT, BTF_KIND_UNION,   BTF_KIND_TYPEDEF, BTF_KIND_ENUM,
        BTF_KIND_ENUM64, BTF_KIND_INT,     BTF_KIND_FLOAT,   BTF_KIND_FUNC,
        BTF_KIND_VAR,    BTF_KIND_DATASEC, BTF_KIND_FWD,
    };
    int n = (int)(sizeof(order) / sizeof(order[0]));

    for (int i = 0; i < n; i++) {
        if (order[i] == kind) {
            return i;
        }
    }
    return n;
}

/* Whether a type is of the kind; an enum is one whatever its width. */
static int
is_kind(const struct btf_type *type, long kind)
{
    return kind == ANY || (long)btf_kind(type) == kind ||
           (kind == BTF_KIND_ENUM && btf_is_enum64(type));
}

/* "struct x", "union x", "enum x" and "typedef x" say the kind: move on to the name. */
static const char *
skip_keyword(const char *name, long *kind)
{
    static const struct {
        const char *keyword;
        long kind;
    } keywords[] = {
        {"struct ", BTF_KIND_STRUCT},
        {"union ", BTF_KIND_UNION},
        {"enum ", BTF_KIND_ENUM},
        {"typedef ", BTF_KIND_TYPEDEF},
    };

    for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
        size_t n = strlen(keywords[i].keyword);

        if (strncmp(name, keywords[i].keyword, n) == 0) {
            *kind = keywords[i].kind;
            return name + n;
        }
    }
    return name;
}

/* The type of that name and kind that answers best; 0 if there is none. */
static uint32_t
find(const struct btf *btf, const char *name, long kind)
{
    uint32_t n = btf__type_cnt(btf), best = 0;
    int best_rank = 0;

    for (uint32_t id = 1; id < n; id++) {
        const struct btf_type *type = btf__type_by_id(btf, id);
        int here;

        if (type->name_off == 0 || !is_kind(type, kind) ||
            strcmp(btf__name_by_offset(btf, type->name_off), name) != 0) {
            continue;
        }
        here = rank(btf_kind(type));
        if (best == 0 || here < best_rank) {
            best = id;
            best_rank = here;
        }
        if (here == 0) {
            break;
        }
    }
    return best;
}

/* A name of that kind that a misspelt one comes near to; NULL if there is none. */
static const char *
nearest(const struct btf *btf, const char *wanted, long kind)
{
    uint32_t n = btf__type_cnt(btf);
    const char **names = calloc(n, sizeof(*names));
    const char *found = NULL;
    size_t count = 0;

    for (uint32_t id = 1; names != NULL && id < n; id++) {
        const struct btf_type *type = btf__type_by_id(btf, id);

        if (type->name_off != 0 && is_kind(type, kind)) {
            names[count++] = btf__name_by_offset(btf, type->name_off);
        }
    }
    if (names != NULL) {
        found = tb_args_nearest(wanted, names, count);
    }
    free(names);
    return found;
}

static void
raise_unknown(Btf *self, PyObject *wanted, const char *name, long kind)
{
    const char *near = nearest(self->handle, name, kind);

    if (near != NULL) {
        PyErr_Format(PyExc_KeyError, "type %R not found in %U; did you mean '%s'?",
                     wanted, self->name, near);
        return;
    }
    PyErr_Format(PyExc_KeyError, "type %R not found in %U", wanted, self->name);
}

uint32_t
tb_btf_query_id(Btf *self, PyObject *wanted)
{
    uint32_t n = btf__type_cnt(self->handle), id;
    const char *name;
    long kind = ANY;

    if (PyLong_Check(wanted)) {
        unsigned long number = PyLong_AsUnsignedLong(wanted);

        if (!PyErr_Occurred() && number > 0 && number < n) {
            return (uint32_t)number;
        }
        PyErr_Clear();
        PyErr_Format(PyExc_KeyError, "type %R not found in %U: numbers are 1 to %u",
                     wanted, self->name, n - 1);
        return 0;
    }
    if (!PyUnicode_Check(wanted)) {
        PyErr_Format(PyExc_TypeError, "a type is named by a str or an int, not %R",
                     Py_TYPE(wanted));
        return 0;
    }
    name = PyUnicode_AsUTF8AndSize(wanted, NULL);
    if (name == NULL) {
        return 0;
    }
    name = skip_keyword(name, &kind);
    id = find(self->handle, name, kind);
    if (id == 0) {
        raise_unknown(self, wanted, name, kind);
    }
    return id;
}

PyObject *
tb_btf_query_getitem(PyObject *op, PyObject *wanted)
{
    uint32_t id = tb_btf_query_id((Btf *)op, wanted);

    return id != 0 ? tb_btf_type_new((Btf *)op, id) : NULL;
}

int
tb_btf_query_contains(PyObject *op, PyObject *wanted)
{
    Btf *self = (Btf *)op;
    const char *name;
    long kind = ANY;

    if (PyLong_Check(wanted)) {
        unsigned long number = PyLong_AsUnsignedLong(wanted);

        if (PyErr_Occurred()) {
            PyErr_Clear();
            return 0;
        }
        return number > 0 && number < btf__type_cnt(self->handle);
    }
    if (!PyUnicode_Check(wanted)) {
        return 0;
    }
    name = PyUnicode_AsUTF8AndSize(wanted, NULL);
    if (name == NULL) {
        return -1;
    }
    name = skip_keyword(name, &kind);
    return find(self->handle, name, kind) != 0;
}

/* The number of its first own type. */
static uint32_t
first_id(const Btf *self)
{
    const struct btf *base = btf__base_btf(self->handle);

    return base != NULL ? btf__type_cnt(base) : 1;
}

Py_ssize_t
tb_btf_query_length(PyObject *op)
{
    Btf *self = (Btf *)op;

    return (Py_ssize_t)(btf__type_cnt(self->handle) - first_id(self));
}

/* Read the argument `kind`: a BtfKind, an int or None; 0 or -1. */
static int
read_kind(PyObject *arg, long *kind)
{
    *kind = ANY;
    if (arg == NULL || arg == Py_None) {
        return 0;
    }
    if (!PyLong_Check(arg)) {
        PyErr_Format(PyExc_TypeError, "kind is a BtfKind or None, not %R",
                     Py_TYPE(arg));
        return -1;
    }
    *kind = PyLong_AsLong(arg);
    if (*kind == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (*kind <= BTF_KIND_UNKN || *kind > BTF_KIND_MAX) {
        PyErr_Format(PyExc_ValueError, "kind %R is no BtfKind", arg);
        return -1;
    }
    return 0;
}

PyObject *
tb_btf_query_find(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"name", "kind", NULL};
    Btf *self = (Btf *)op;
    PyObject *kind_arg = NULL;
    const char *name;
    long kind, by_keyword = ANY;
    uint32_t id;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "s|O:find", (char **)names, &name,
                                     &kind_arg) ||
        read_kind(kind_arg, &kind) < 0) {
        return NULL;
    }
    name = skip_keyword(name, &by_keyword);
    id = find(self->handle, name, kind == ANY ? by_keyword : kind);
    if (id == 0) {
        Py_RETURN_NONE;
    }
    return tb_btf_type_new(self, id);
}

static PyObject *
new_iterator(Btf *self, long kind)
{
    Iterator *iterator = tb_state_new(tb_state_of(self), TB_TYPE_BTF_ITERATOR);

    if (iterator == NULL) {
        return NULL;
    }
    iterator->btf = (Btf *)tb_new_ref(self);
    iterator->next = first_id(self);
    iterator->kind = kind;
    return (PyObject *)iterator;
}

PyObject *
tb_btf_query_iter(PyObject *self)
{
    return new_iterator((Btf *)self, ANY);
}

PyObject *
tb_btf_query_types(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"kind", NULL};
    PyObject *kind_arg = NULL;
    long kind;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:types", (char **)names,
                                     &kind_arg) ||
        read_kind(kind_arg, &kind) < 0) {
        return NULL;
    }
    return new_iterator((Btf *)self, kind);
}

PyObject *
tb_btf_query_names(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"kind", NULL};
    Btf *self = (Btf *)op;
    PyObject *kind_arg = NULL, *list;
    uint32_t n = btf__type_cnt(self->handle);
    long kind;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:names", (char **)names,
                                     &kind_arg) ||
        read_kind(kind_arg, &kind) < 0) {
        return NULL;
    }
    list = PyList_New(0);
    for (uint32_t id = first_id(self); list != NULL && id < n; id++) {
        const struct btf_type *type = btf__type_by_id(self->handle, id);
        PyObject *name;

        if (type->name_off == 0 || !is_kind(type, kind)) {
            continue;
        }
        name = tb_btf_type_name(self->handle, type->name_off);
        if (name == NULL || PyList_Append(list, name) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(name);
    }
    return list;
}

static PyObject *
iterator_next(PyObject *op)
{
    Iterator *self = (Iterator *)op;
    uint32_t n = self->btf ? btf__type_cnt(self->btf->handle) : 0;

    while (self->next < n) {
        uint32_t id = self->next++;

        if (is_kind(btf__type_by_id(self->btf->handle, id), self->kind)) {
            return tb_btf_type_new(self->btf, id);
        }
    }
    return NULL;
}

static int
iterator_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(((Iterator *)op)->btf);
    return 0;
}

static void
iterator_finalize(PyObject *op)
{
    Py_CLEAR(((Iterator *)op)->btf);
}

static PyType_Slot slots[] = {
    {Py_tp_doc, "The types of a Btf, in the order of their numbers."},
    {Py_tp_new, tb_state_no_new},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, iterator_next},
    {Py_tp_traverse, iterator_traverse},
    {Py_tp_finalize, iterator_finalize},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf._BtfIterator",
    .basicsize = sizeof(Iterator),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_btf_query_add(PyObject *module)
{
    return tb_state_make_type(module, TB_TYPE_BTF_ITERATOR, &spec);
}
