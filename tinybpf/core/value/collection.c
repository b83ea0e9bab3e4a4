/* SPDX-License-Identifier: MIT
 *
 * TypeCollection (value/collection.h): a read-only mapping whose members are
 * attributes, too. Names are looked for in the BTF each time; the classes are made
 * once.
 */
#include "value/collection.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "btf/find.h"
#include "btf/query.h"
#include "btf/twin.h"
#include "value/class.h"

#include <string.h>

typedef struct {
    PyObject_HEAD
    Btf *btf; /* owned */
} Types;

static const struct tb_btf_filter filter = {.scope = TB_BTF_CLASSES};

uint32_t
tb_value_types_id(Btf *btf, const char *name, PyObject *error)
{
    struct tb_btf_filter narrowed = filter;

    name = tb_btf_find_keyword(name, &narrowed.kind);
    return tb_btf_query_only(btf, name, narrowed, error);
}

/* List a type by its number among those of its name: the first one, and this one, are
 * not what the name alone means. */
static int
list_twin(const Btf *btf, PyObject *names, PyObject *name, const uint32_t ids[2])
{
    int rc = PyDict_Contains(names, name);

    if (rc > 0) {
        rc = PyDict_DelItem(names, name);
    }
    for (int i = 0; rc == 0 && i < 2; i++) {
        PyObject *numbered =
            PyUnicode_FromFormat("%U___%u", name, tb_twin_number(btf->handle, ids[i]));

        rc = numbered ? PyDict_SetItem(names, numbered, Py_None) : -1;
        Py_XDECREF(numbered);
    }
    return rc;
}

/* List a type by its name, of which it is the first or another one; firsts has the
 * numbers of those. 0, or -1 with an exception. */
static int
list_named(const Btf *btf, PyObject *names, PyObject *firsts, PyObject *name,
           uint32_t id)
{
    PyObject *first = PyDict_GetItemWithError(firsts, name);
    uint32_t ids[2] = {first ? (uint32_t)PyLong_AsUnsignedLong(first) : 0, id};
    PyObject *number;
    int rc;

    if (first == NULL && PyErr_Occurred()) {
        return -1;
    }
    if (first != NULL) {
        return btf_kind(btf__type_by_id(btf->handle, id)) !=
                           btf_kind(btf__type_by_id(btf->handle, ids[0])) ||
                       tb_twin_is_same(btf->handle, ids[0], id)
                   ? 0
                   : list_twin(btf, names, name, ids);
    }
    number = PyLong_FromUnsignedLong(id);
    rc = number ? PyDict_SetItem(firsts, name, number) : -1;
    Py_XDECREF(number);
    return rc < 0 ? -1 : PyDict_SetItem(names, name, Py_None);
}

/* List a type if it is one that has a class. */
static int
list_type(const Btf *btf, PyObject *names, PyObject *firsts, uint32_t id)
{
    const char *name = tb_btf_find_name(btf->handle, id, filter);
    PyObject *text = name ? tb_args_text(name) : NULL;
    int rc = text ? list_named(btf, names, firsts, text, id) : name ? -1 : 0;

    Py_XDECREF(text);
    return rc;
}

/* All names, each once, as the keys of a dict. */
static PyObject *
list_names(const Btf *btf)
{
    uint32_t n = btf__type_cnt(btf->handle);
    PyObject *names = PyDict_New(), *firsts = names ? PyDict_New() : NULL;
    int rc = firsts ? 0 : -1;

    for (uint32_t id = 1; rc == 0 && id < n; id++) {
        rc = list_type(btf, names, firsts, id);
    }
    if (rc < 0) {
        Py_CLEAR(names);
    }
    Py_XDECREF(firsts);
    return names;
}

/* KeyError, or AttributeError for an attribute. */
static void *
raise_not_found(const Btf *btf, PyObject *error, const char *wanted)
{
    const char *other = tb_btf_find_nearest(btf->handle, wanted, filter);

    if (other != NULL) {
        PyErr_Format(error, "type '%s' not found in %U; did you mean '%s'?", wanted,
                     btf->name, other);
    }
    else {
        uint32_t kind = 0;
        const char *bare = tb_btf_find_keyword(wanted, &kind);

        PyErr_Format(error,
                     "type '%s' not found in %U: no struct, union, enum or typedef of "
                     "one has that name (compilers leave out what nothing refers to: "
                     "`%s%s *unused;` as a global keeps it)",
                     wanted, btf->name, bare != wanted ? "" : "struct ", wanted);
    }
    return NULL;
}

/* The id of a name or a BtfType; 0 with the exception for what there is not. */
static uint32_t
id_of(Btf *btf, PyObject *wanted, PyObject *error)
{
    const char *name = NULL;
    uint32_t id;

    if (!PyUnicode_Check(wanted)) {
        if (!PyLong_Check(wanted)) {
            return tb_btf_query_id(btf, wanted);
        }
        PyErr_SetString(PyExc_TypeError, "a type is a str or a BtfType, not an int");
        return 0;
    }
    name = PyUnicode_AsUTF8AndSize(wanted, NULL);
    id = name ? tb_value_types_id(btf, name, error) : 0;
    if (id == 0 && !PyErr_Occurred()) {
        raise_not_found(btf, error, name);
    }
    return id;
}

/* The class of a name, or NULL with the exception for a name that there is not. */
static PyObject *
find(Btf *btf, PyObject *name, PyObject *error)
{
    uint32_t id = id_of(btf, name, error);
    PyObject *class = id ? tb_value_class_by_id(btf, id) : NULL;

    Py_XINCREF(class);
    return class;
}

PyObject *
tb_value_types_find(Btf *btf, PyObject *name)
{
    return find(btf, name, PyExc_KeyError);
}

PyObject *
tb_value_types_new(Btf *btf)
{
    Types *self = tb_state_new(tb_state_of(btf), TB_TYPE_TYPES);

    if (self != NULL) {
        self->btf = (Btf *)tb_new_ref(btf);
    }
    return (PyObject *)self;
}

static PyObject *
types_getitem(PyObject *op, PyObject *name)
{
    return tb_value_types_find(((Types *)op)->btf, name);
}

/* What is no attribute of the collection is a type. */
static PyObject *
types_getattro(PyObject *op, PyObject *name)
{
    PyObject *value = PyObject_GenericGetAttr(op, name);

    if (value != NULL || !PyErr_ExceptionMatches(PyExc_AttributeError)) {
        return value;
    }
    PyErr_Clear();
    return find(((Types *)op)->btf, name, PyExc_AttributeError);
}

static int
types_contains(PyObject *op, PyObject *name)
{
    struct tb_btf_filter narrowed = filter;
    const struct btf *btf = ((Types *)op)->btf->handle;
    const char *text;

    if (!PyUnicode_Check(name)) {
        return 0;
    }
    text = PyUnicode_AsUTF8AndSize(name, NULL);
    if (text == NULL) {
        return -1;
    }
    text = tb_btf_find_keyword(text, &narrowed.kind);
    return tb_btf_find(btf, text, narrowed) != 0 ||
           tb_twin_find(btf, text, narrowed) != 0;
}

static PyObject *
types_iter(PyObject *op)
{
    PyObject *names = list_names(((Types *)op)->btf);
    PyObject *iter = names ? PyObject_GetIter(names) : NULL;

    Py_XDECREF(names);
    return iter;
}

static Py_ssize_t
types_length(PyObject *op)
{
    PyObject *names = list_names(((Types *)op)->btf);
    Py_ssize_t n = names ? PyDict_Size(names) : -1;

    Py_XDECREF(names);
    return n;
}

/* A view of a dict with all classes in it. */
static PyObject *
view(PyObject *op, const char *method)
{
    PyObject *names = list_names(((Types *)op)->btf);
    PyObject *dict = names ? PyDict_New() : NULL, *result = NULL;
    PyObject *name, *none;
    Py_ssize_t i = 0;

    while (dict != NULL && PyDict_Next(names, &i, &name, &none)) {
        PyObject *class = types_getitem(op, name);

        if (class == NULL || PyDict_SetItem(dict, name, class) < 0) {
            Py_CLEAR(dict);
        }
        Py_XDECREF(class);
    }
    if (dict != NULL) {
        result = tb_args_call(dict, method, NULL);
    }
    Py_XDECREF(names);
    Py_XDECREF(dict);
    return result;
}

static PyObject *
types_keys(PyObject *op, PyObject *unused)
{
    PyObject *names = list_names(((Types *)op)->btf);
    PyObject *keys = names ? tb_args_call(names, "keys", NULL) : NULL;

    (void)unused;
    Py_XDECREF(names);
    return keys;
}

static PyObject *
types_values(PyObject *op, PyObject *unused)
{
    (void)unused;
    return view(op, "values");
}

static PyObject *
types_items(PyObject *op, PyObject *unused)
{
    (void)unused;
    return view(op, "items");
}

static PyObject *
types_get(PyObject *op, PyObject *const *args, Py_ssize_t n)
{
    int found;

    if (tb_args_count("get", n, 1, 2) < 0) {
        return NULL;
    }
    found = types_contains(op, args[0]);
    if (found < 0) {
        return NULL;
    }
    return found ? types_getitem(op, args[0]) : tb_new_ref(n == 2 ? args[1] : Py_None);
}

/* The names and the methods, so that an editor completes them. */
static PyObject *
types_dir(PyObject *op, PyObject *unused)
{
    PyObject *names = list_names(((Types *)op)->btf);
    PyObject *list = names ? PyDict_Keys(names) : NULL;
    PyObject *own =
        list ? tb_args_call((PyObject *)&PyBaseObject_Type, "__dir__", op) : NULL;
    PyObject *all = own ? PySequence_Concat(list, own) : NULL;

    (void)unused;
    Py_XDECREF(names);
    Py_XDECREF(list);
    Py_XDECREF(own);
    return all;
}

static PyObject *
types_repr(PyObject *op)
{
    return PyUnicode_FromFormat("<TypeCollection of %U>", ((Types *)op)->btf->name);
}

static int
types_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(((Types *)op)->btf);
    return 0;
}

static void
types_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    Py_CLEAR(((Types *)op)->btf);
    tb_state_free(op);
}

static PyMethodDef methods[] = {
    {"get", TB_METHOD(types_get), METH_FASTCALL,
     "get($self, key, default=None, /)\n--\n\n"
     "Return the class of that name, or a default if there is none."},
    {"keys", types_keys, METH_NOARGS,
     "keys($self)\n--\n\nReturn a set-like view of the names."},
    {"values", types_values, METH_NOARGS,
     "values($self)\n--\n\nReturn a view of the classes."},
    {"items", types_items, METH_NOARGS,
     "items($self)\n--\n\nReturn a set-like view of the (name, class) pairs."},
    {"__dir__", types_dir, METH_NOARGS, NULL},
    /* what prompts complete between brackets */
    {"_ipython_key_completions_", types_keys, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "The classes of BTF types by name, as items and as attributes."},
    {Py_tp_new, tb_state_no_new},
    {Py_tp_methods, methods},
    {Py_tp_repr, types_repr},
    {Py_tp_iter, types_iter},
    {Py_tp_getattro, types_getattro},
    {Py_mp_subscript, types_getitem},
    {Py_mp_length, types_length},
    {Py_sq_contains, types_contains},
    {Py_tp_traverse, types_traverse},
    {Py_tp_dealloc, types_dealloc},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf.TypeCollection",
    .basicsize = sizeof(Types),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_value_types_add(PyObject *module)
{
    return tb_state_add_type(module, TB_TYPE_TYPES, &spec);
}
