/* SPDX-License-Identifier: MIT
 *
 * Look-ups in a Btf (btf/query.h). A split BTF answers by name for its base, too; what
 * counts or goes over types is about its own.
 */
#include "btf/query.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "btf/find.h"
#include "btf/spell.h"
#include "btf/twin.h"
#include "btf/type.h"

typedef struct {
    PyObject_HEAD
    Btf *btf; /* owned */
    uint32_t next;
    uint32_t kind; /* 0: any */
} BtfIterator;

static void
raise_unknown(Btf *self, PyObject *wanted, const char *name,
              struct tb_btf_filter filter)
{
    const char *near = tb_btf_find_nearest(self->handle, name, filter);

    if (near != NULL) {
        PyErr_Format(PyExc_KeyError, "type %R not found in %U; did you mean '%s'?",
                     wanted, self->name, near);
        return;
    }
    PyErr_Format(PyExc_KeyError, "type %R not found in %U", wanted, self->name);
}

/* The number of a BtfType; 0 with TypeError if it is none, with KeyError if it is of
 * another BTF. */
static uint32_t
number_of(Btf *self, PyObject *wanted)
{
    PyObject *class = tb_state_python_class("BtfType"), *id = NULL, *here = NULL;
    int is_one = class ? PyObject_IsInstance(wanted, class) : -1, is_here;
    unsigned long number;

    Py_XDECREF(class);
    if (is_one == 0) {
        PyErr_Format(PyExc_TypeError, "a type is a str, an int or a BtfType, not %R",
                     Py_TYPE(wanted));
    }
    if (is_one <= 0) {
        return 0;
    }
    id = tb_args_attr(wanted, "id");
    number = id ? PyLong_AsUnsignedLong(id) : 0;
    if (!PyErr_Occurred() && number > 0 && number < btf__type_cnt(self->handle)) {
        here = tb_btf_type_new(self, (uint32_t)number);
    }
    is_here = here != NULL && PyObject_RichCompareBool(here, wanted, Py_EQ) > 0;
    if (!is_here) {
        PyErr_Clear();
        PyErr_Format(PyExc_KeyError, "the BtfType with the number %lu is not of %U",
                     number, self->name);
    }
    Py_XDECREF(id);
    Py_XDECREF(here);
    return is_here ? (uint32_t)number : 0;
}

uint32_t
tb_btf_query_only(Btf *self, const char *name, struct tb_btf_filter filter,
                  PyObject *error)
{
    uint32_t id = tb_btf_find(self->handle, name, filter);
    PyObject *text;

    if (id == 0) {
        return tb_twin_find(self->handle, name, filter);
    }
    if (tb_twin_next(self->handle, id) == 0) {
        return id;
    }
    text = tb_twin_text(self, name, id);
    if (text != NULL) {
        PyErr_SetObject(error, text);
    }
    Py_XDECREF(text);
    return 0;
}

uint32_t
tb_btf_query_id(Btf *self, PyObject *wanted)
{
    uint32_t n = btf__type_cnt(self->handle), id;
    struct tb_btf_filter filter = {.kind = 0};
    const char *name;

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
        return number_of(self, wanted);
    }
    name = PyUnicode_AsUTF8AndSize(wanted, NULL);
    if (name == NULL) {
        return 0;
    }
    name = tb_btf_find_keyword(name, &filter.kind);
    id = tb_btf_query_only(self, name, filter, PyExc_KeyError);
    if (id == 0 && !PyErr_Occurred()) {
        raise_unknown(self, wanted, name, filter);
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
    struct tb_btf_filter filter = {.kind = 0};
    const char *name;

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
    name = tb_btf_find_keyword(name, &filter.kind);
    return tb_btf_find(self->handle, name, filter) != 0 ||
           tb_twin_find(self->handle, name, filter) != 0;
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

/* Read the argument `kind`: a BtfKind, an int or None, which is 0; 0 or -1. */
static int
read_kind(PyObject *arg, uint32_t *kind)
{
    long number;

    *kind = 0;
    if (arg == NULL || arg == Py_None) {
        return 0;
    }
    if (!PyLong_Check(arg)) {
        PyErr_Format(PyExc_TypeError, "kind is a BtfKind or None, not %R",
                     Py_TYPE(arg));
        return -1;
    }
    number = PyLong_AsLong(arg);
    if (number == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (number <= BTF_KIND_UNKN || number > BTF_KIND_MAX) {
        PyErr_Format(PyExc_ValueError, "kind %R is no BtfKind", arg);
        return -1;
    }
    *kind = (uint32_t)number;
    return 0;
}

PyObject *
tb_btf_query_find(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"name", "kind", NULL};
    Btf *self = (Btf *)op;
    PyObject *kind_arg = NULL;
    struct tb_btf_filter filter = {.kind = 0};
    uint32_t kind, id;
    const char *name;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "s|O:find", (char **)names, &name,
                                     &kind_arg) ||
        read_kind(kind_arg, &kind) < 0) {
        return NULL;
    }
    name = tb_btf_find_keyword(name, &filter.kind);
    if (kind != 0) {
        filter.kind = kind;
    }
    id = tb_btf_query_only(self, name, filter, PyExc_KeyError);
    if (id == 0) {
        return PyErr_Occurred() ? NULL : tb_new_ref(Py_None);
    }
    return tb_btf_type_new(self, id);
}

static PyObject *
new_iterator(Btf *self, uint32_t kind)
{
    BtfIterator *iterator = tb_state_new(tb_state_of(self), TB_TYPE_BTF_ITERATOR);

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
    return new_iterator((Btf *)self, 0);
}

PyObject *
tb_btf_query_types(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"kind", NULL};
    PyObject *kind_arg = NULL;
    uint32_t kind;

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
    uint32_t kind;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:names", (char **)names,
                                     &kind_arg) ||
        read_kind(kind_arg, &kind) < 0) {
        return NULL;
    }
    list = PyList_New(0);
    for (uint32_t id = first_id(self); list != NULL && id < n; id++) {
        const struct btf_type *type = btf__type_by_id(self->handle, id);
        PyObject *name;

        if (type->name_off == 0 || !tb_btf_is_kind(type, kind)) {
            continue;
        }
        name = tb_btf_spell_name(self->handle, type->name_off);
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
    BtfIterator *self = (BtfIterator *)op;
    uint32_t n = btf__type_cnt(self->btf->handle);

    while (self->next < n) {
        uint32_t id = self->next++;

        if (tb_btf_is_kind(btf__type_by_id(self->btf->handle, id), self->kind)) {
            return tb_btf_type_new(self->btf, id);
        }
    }
    return NULL;
}

static int
iterator_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(((BtfIterator *)op)->btf);
    return 0;
}

static void
iterator_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    Py_CLEAR(((BtfIterator *)op)->btf);
    tb_state_free(op);
}

static PyType_Slot slots[] = {
    {Py_tp_doc, "The types of a Btf, in the order of their numbers."},
    {Py_tp_new, tb_state_no_new},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, iterator_next},
    {Py_tp_traverse, iterator_traverse},
    {Py_tp_dealloc, iterator_dealloc},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf._BtfIterator",
    .basicsize = sizeof(BtfIterator),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_btf_query_add(PyObject *module)
{
    return tb_state_make_type(module, TB_TYPE_BTF_ITERATOR, &spec);
}
