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

/* What the listing of all names goes by, dicts of names: the result, whose keys they
 * are; of each the id of the first type and its number; how many there were of each,
 * of typedefs and of others. */
enum { NAMES, FIRSTS, TYPEDEFS, OTHERS, N_DICTS };

struct listing {
    const Btf *btf;           /* borrowed */
    PyObject *dicts[N_DICTS]; /* owned */
};

#define NUMBER_SHIFT 32 /* of the number beside an id */

/* Count a type among those of its name (btf/twin.h counts typedefs by themselves):
 * which one it is, from 1 on; 0 with an exception. */
static uint32_t
count_type(struct listing *list, PyObject *name, const struct btf_type *type)
{
    PyObject *counts = list->dicts[btf_is_typedef(type) ? TYPEDEFS : OTHERS];
    PyObject *before = PyDict_GetItemWithError(counts, name), *now;
    uint32_t number = 1;
    int rc;

    if (before == NULL && PyErr_Occurred()) {
        return 0;
    }
    number += before ? (uint32_t)PyLong_AsUnsignedLong(before) : 0;
    now = PyLong_FromUnsignedLong(number);
    rc = now ? PyDict_SetItem(counts, name, now) : -1;
    Py_XDECREF(now);
    return rc < 0 ? 0 : number;
}

/* List a type by its number among those of its name: the first one, and this one, are
 * not what the name alone means. */
static int
list_twin(PyObject *names, PyObject *name, const uint32_t numbers[2])
{
    int rc = PyDict_Contains(names, name);

    if (rc > 0) {
        rc = PyDict_DelItem(names, name);
    }
    for (int i = 0; rc == 0 && i < 2; i++) {
        PyObject *numbered = PyUnicode_FromFormat("%U___%u", name, numbers[i]);

        rc = numbered ? PyDict_SetItem(names, numbered, Py_None) : -1;
        Py_XDECREF(numbered);
    }
    return rc;
}

/* List a type by its name, of which it is the first or another one. 0, or -1 with an
 * exception. */
static int
list_named(struct listing *list, PyObject *name, uint32_t id, uint32_t number)
{
    const struct btf *btf = list->btf->handle;
    PyObject *first = PyDict_GetItemWithError(list->dicts[FIRSTS], name), *value;
    uint64_t known = first ? PyLong_AsUnsignedLongLong(first) : 0;
    uint32_t first_id = (uint32_t)known;
    uint32_t numbers[2] = {(uint32_t)(known >> NUMBER_SHIFT), number};
    int rc;

    if (first == NULL && PyErr_Occurred()) {
        return -1;
    }
    if (first != NULL) {
        return btf_kind(btf__type_by_id(btf, id)) !=
                           btf_kind(btf__type_by_id(btf, first_id)) ||
                       tb_twin_is_same(btf, first_id, id)
                   ? 0
                   : list_twin(list->dicts[NAMES], name, numbers);
    }
    value = PyLong_FromUnsignedLongLong((uint64_t)number << NUMBER_SHIFT | id);
    rc = value ? PyDict_SetItem(list->dicts[FIRSTS], name, value) : -1;
    Py_XDECREF(value);
    return rc < 0 ? -1 : PyDict_SetItem(list->dicts[NAMES], name, Py_None);
}

/* Count a type if its name is one of those that are counted, and list it if it is one
 * that has a class. */
static int
list_type(struct listing *list, uint32_t id)
{
    const struct btf_type *type = btf__type_by_id(list->btf->handle, id);
    const char *name = btf__name_by_offset(list->btf->handle, type->name_off);
    int is_counted =
        btf_is_composite(type) || btf_is_any_enum(type) || btf_is_typedef(type);
    PyObject *text;
    uint32_t number;
    int rc = -1;

    if (!is_counted || name == NULL || name[0] == '\0') {
        return 0;
    }
    text = tb_args_text(name);
    number = text ? count_type(list, text, type) : 0;
    if (number != 0) {
        rc = tb_btf_has_class(list->btf->handle, id)
                 ? list_named(list, text, id, number)
                 : 0;
    }
    Py_XDECREF(text);
    return rc;
}

/* All names, each once, as the keys of a dict. */
static PyObject *
list_names(const Btf *btf)
{
    uint32_t n = btf__type_cnt(btf->handle);
    struct listing list = {.btf = btf};
    PyObject *names;
    int rc = 0;

    for (int i = 0; rc == 0 && i < N_DICTS; i++) {
        list.dicts[i] = PyDict_New();
        rc = list.dicts[i] ? 0 : -1;
    }
    for (uint32_t id = 1; rc == 0 && id < n; id++) {
        rc = list_type(&list, id);
    }
    names = rc == 0 ? tb_new_ref(list.dicts[NAMES]) : NULL;
    for (int i = 0; i < N_DICTS; i++) {
        Py_XDECREF(list.dicts[i]);
    }
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
