/* SPDX-License-Identifier: MIT
 *
 * ProgramCollection and MapCollection: one implementation, two types.
 * Both are read-only mappings in the order of the file.
 */
#include "object/collection.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "base/text.h"
#include "error/raise.h"
#include "map/describe.h"
#include "owner/program.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    PyObject_HEAD
    BpfObject *object; /* owned */
    enum tb_type which;
} Collection;

static const struct tb_members *
members_of(const BpfObject *object, enum tb_type which)
{
    return which == TB_TYPE_PROGRAMS ? &object->programs : &object->maps;
}

/* The members of an object, which stay until it is released; NULL with BpfClosedError
 * if it is closed. */
static const struct tb_members *
acquire_members(BpfObject *object, enum tb_type which)
{
    return tb_object_acquire(object) ? members_of(object, which) : NULL;
}

static PyObject *
member(BpfObject *object, enum tb_type which, size_t index)
{
    return which == TB_TYPE_PROGRAMS ? tb_program_get(object, index)
                                     : tb_map_get(object, index);
}

PyObject *
tb_collection_new(BpfObject *object, enum tb_type which)
{
    Collection *self;

    if (tb_object_handle(object) == NULL) {
        return NULL;
    }
    self = tb_state_new(tb_state_of(object), which);
    if (self == NULL) {
        return NULL;
    }
    self->object = (BpfObject *)tb_new_ref(object);
    self->which = which;
    return (PyObject *)self;
}

static PyObject *
list_names(const struct tb_members *members)
{
    PyObject *names = PyList_New(0);

    for (size_t i = 0; names != NULL && i < members->n; i++) {
        PyObject *name = tb_args_text(members->items[i].name);

        if (name == NULL || PyList_Append(names, name) < 0) {
            Py_CLEAR(names);
        }
        Py_XDECREF(name);
    }
    return names;
}

/* The names in one str, between commas. */
static PyObject *
join_names(const struct tb_members *members)
{
    PyObject *names = list_names(members);
    PyObject *comma = names ? PyUnicode_FromString(", ") : NULL;
    PyObject *text = NULL;

    if (comma != NULL) {
        text = PyUnicode_Join(comma, names);
    }
    Py_XDECREF(names);
    Py_XDECREF(comma);
    return text;
}

/* The nearest of the names; NULL if none is near, or no memory. */
static const char *
nearest_name(const struct tb_members *members, const char *wanted)
{
    const char **names = calloc(members->n + 1, sizeof(*names));
    const char *nearest = NULL;

    if (names == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < members->n; i++) {
        names[i] = members->items[i].name;
    }
    nearest = tb_args_nearest(wanted, names, members->n);
    free(names);
    return nearest;
}

/* error: "map 'flow' not found in x.bpf.o; did you mean 'flows'? There are: ..."; of an
 * object that is acquired. */
static void *
raise_not_found(BpfObject *object, enum tb_type which, const char *wanted,
                PyObject *error)
{
    const char *kind = which == TB_TYPE_PROGRAMS ? "program" : "map";
    const struct tb_members *members = members_of(object, which);
    const char *nearest = nearest_name(members, wanted);
    PyObject *there = join_names(members);
    PyObject *hint = NULL;

    if (there == NULL) {
        return NULL;
    }
    if (nearest != NULL) {
        hint =
            PyUnicode_FromFormat("; did you mean '%s'? There are: %U", nearest, there);
    }
    else if (members->n > 0) {
        hint = PyUnicode_FromFormat("; there are: %U", there);
    }
    else {
        hint = PyUnicode_FromString("; there are none");
    }
    if (hint != NULL) {
        PyErr_Format(error, "%s '%s' not found in %U%U", kind, wanted, object->path,
                     hint);
    }
    Py_DECREF(there);
    Py_XDECREF(hint);
    return NULL;
}

/* The index of a name; -1 if there is none. */
static Py_ssize_t
find(const struct tb_members *members, const char *name)
{
    for (size_t i = 0; i < members->n; i++) {
        if (tb_text_is_shown_as(members->items[i].name, name)) {
            return (Py_ssize_t)i;
        }
    }
    return -1;
}

PyObject *
tb_collection_find(BpfObject *object, enum tb_type which, PyObject *name)
{
    const struct tb_members *members;
    const char *wanted;
    PyObject *found;
    Py_ssize_t index;

    if (!PyUnicode_Check(name)) {
        PyErr_Format(PyExc_TypeError, "a name is a str, not %R", Py_TYPE(name));
        return NULL;
    }
    wanted = PyUnicode_AsUTF8AndSize(name, NULL);
    members = wanted ? acquire_members(object, which) : NULL;
    if (members == NULL) {
        return NULL;
    }
    index = find(members, wanted);
    found = index < 0 ? raise_not_found(object, which, wanted, PyExc_KeyError)
                      : member(object, which, (size_t)index);
    tb_object_release(object);
    return found;
}

static PyObject *
collection_getitem(PyObject *op, PyObject *name)
{
    Collection *self = (Collection *)op;

    return tb_collection_find(self->object, self->which, name);
}

/* Members are items: who asks for one as an attribute is told so, with the nearest
 * name; what begins with an underscore is asked for by other software. */
static PyObject *
collection_getattro(PyObject *op, PyObject *name)
{
    Collection *self = (Collection *)op;
    PyObject *value = PyObject_GenericGetAttr(op, name);
    const struct tb_members *members;
    const char *wanted;

    if (value != NULL || !PyErr_ExceptionMatches(PyExc_AttributeError)) {
        return value;
    }
    wanted =
        tb_object_is_open(self->object) ? PyUnicode_AsUTF8AndSize(name, NULL) : NULL;
    if (wanted == NULL || wanted[0] == '_') {
        return NULL;
    }
    PyErr_Clear();
    members = acquire_members(self->object, self->which);
    if (members == NULL) {
        return NULL;
    }
    if (find(members, wanted) < 0) {
        raise_not_found(self->object, self->which, wanted, PyExc_AttributeError);
    }
    else {
        PyErr_Format(PyExc_AttributeError, "'%s' is an item: obj.%s['%s']", wanted,
                     self->which == TB_TYPE_PROGRAMS ? "programs" : "maps", wanted);
    }
    tb_object_release(self->object);
    return NULL;
}

/* Whether a name is one of an open object's; what is no str is none. */
static int
collection_contains(PyObject *op, PyObject *name)
{
    Collection *self = (Collection *)op;
    const struct tb_members *members = acquire_members(self->object, self->which);
    const char *wanted = NULL;
    int found = -1;

    if (members == NULL) {
        return -1;
    }
    if (!PyUnicode_Check(name)) {
        found = 0;
    }
    else if ((wanted = PyUnicode_AsUTF8AndSize(name, NULL)) != NULL) {
        found = find(members, wanted) >= 0;
    }
    tb_object_release(self->object);
    return found;
}

static Py_ssize_t
collection_length(PyObject *op)
{
    Collection *self = (Collection *)op;
    const struct tb_members *members = acquire_members(self->object, self->which);
    Py_ssize_t n = members ? (Py_ssize_t)members->n : -1;

    if (members != NULL) {
        tb_object_release(self->object);
    }
    return n;
}

/* The names of an open object's members as a list. */
static PyObject *
open_names(Collection *self)
{
    const struct tb_members *members = acquire_members(self->object, self->which);
    PyObject *names = members ? list_names(members) : NULL;

    if (members != NULL) {
        tb_object_release(self->object);
    }
    return names;
}

static PyObject *
collection_iter(PyObject *op)
{
    PyObject *names = open_names((Collection *)op);
    PyObject *iter = names ? PyObject_GetIter(names) : NULL;

    Py_XDECREF(names);
    return iter;
}

/* All members as a dict: what keys(), values() and items() are views of. */
static PyObject *
as_dict(Collection *self)
{
    const struct tb_members *members = acquire_members(self->object, self->which);
    PyObject *dict = members ? PyDict_New() : NULL;

    for (size_t i = 0; dict != NULL && i < members->n; i++) {
        PyObject *value = member(self->object, self->which, i);

        PyObject *name = value ? tb_args_text(members->items[i].name) : NULL;

        if (name == NULL || PyDict_SetItem(dict, name, value) < 0) {
            Py_CLEAR(dict);
        }
        Py_XDECREF(name);
        Py_XDECREF(value);
    }
    if (members != NULL) {
        tb_object_release(self->object);
    }
    return dict;
}

static PyObject *
view(PyObject *op, const char *method)
{
    PyObject *dict = as_dict((Collection *)op);
    PyObject *result = dict ? tb_args_call(dict, method, NULL) : NULL;

    Py_XDECREF(dict);
    return result;
}

static PyObject *
collection_keys(PyObject *self, PyObject *unused)
{
    (void)unused;
    return view(self, "keys");
}

static PyObject *
collection_values(PyObject *self, PyObject *unused)
{
    (void)unused;
    return view(self, "values");
}

static PyObject *
collection_items(PyObject *self, PyObject *unused)
{
    (void)unused;
    return view(self, "items");
}

static PyObject *
collection_get(PyObject *self, PyObject *const *args, Py_ssize_t n)
{
    int found;

    if (tb_args_count("get", n, 1, 2) < 0) {
        return NULL;
    }
    found = collection_contains(self, args[0]);
    if (found < 0) {
        return NULL;
    }
    if (found) {
        return collection_getitem(self, args[0]);
    }
    return tb_new_ref(n == 2 ? args[1] : Py_None);
}

/* MapCollection('counts', 'flows') */
static PyObject *
collection_repr(PyObject *op)
{
    Collection *self = (Collection *)op;
    const char *kind =
        self->which == TB_TYPE_PROGRAMS ? "ProgramCollection" : "MapCollection";
    PyObject *names, *tuple, *text = NULL;

    if (!tb_object_is_open(self->object)) {
        return PyUnicode_FromFormat("<%s of closed %R>", kind, self->object->name);
    }
    names = open_names(self);
    tuple = names ? PyList_AsTuple(names) : NULL;
    if (tuple != NULL && PyList_Size(names) == 1) {
        text = PyUnicode_FromFormat("%s(%R)", kind, PyList_GetItem(names, 0));
    }
    else if (tuple != NULL) {
        text = PyUnicode_FromFormat("%s%R", kind, tuple);
    }
    Py_XDECREF(names);
    Py_XDECREF(tuple);
    return text;
}

static int
collection_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(((Collection *)op)->object);
    return 0;
}

static void
collection_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    Py_CLEAR(((Collection *)op)->object);
    tb_state_free(op);
}

static PyMethodDef methods[] = {
    {"get", TB_METHOD(collection_get), METH_FASTCALL,
     "get($self, key, default=None, /)\n--\n\n"
     "Return the member of that name, or a default if there is none."},
    {"keys", collection_keys, METH_NOARGS,
     "keys($self)\n--\n\nReturn a set-like view of the names."},
    {"values", collection_values, METH_NOARGS,
     "values($self)\n--\n\nReturn a view of the members."},
    {"items", collection_items, METH_NOARGS,
     "items($self)\n--\n\nReturn a set-like view of the (name, member) pairs."},
    /* what prompts complete between brackets */
    {"_ipython_key_completions_", collection_keys, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static const PyType_Slot slots[] = {
    {Py_tp_new, tb_state_no_new},
    {Py_tp_methods, methods},
    {Py_tp_repr, collection_repr},
    {Py_tp_iter, collection_iter},
    {Py_mp_subscript, collection_getitem},
    {Py_mp_length, collection_length},
    {Py_sq_contains, collection_contains},
    {Py_tp_traverse, collection_traverse},
    {Py_tp_dealloc, collection_dealloc},
    {Py_tp_getattro, collection_getattro},
    {0, NULL},
};

/* Add one of the two types: the same slots behind its own docstring. */
static int
add_type(PyObject *module, enum tb_type which, const char *name, const char *doc)
{
    PyType_Slot with_doc[sizeof(slots) / sizeof(slots[0]) + 1];
    PyType_Spec spec = {
        .name = name,
        .basicsize = sizeof(Collection),
        .flags = TB_TYPE_FLAGS,
        .slots = with_doc,
    };

    with_doc[0] = (PyType_Slot){Py_tp_doc, (void *)doc};
    memcpy(with_doc + 1, slots, sizeof(slots));
    return tb_state_add_type(module, which, &spec);
}

int
tb_collection_add(PyObject *module)
{
    if (add_type(module, TB_TYPE_PROGRAMS, "tinybpf.ProgramCollection",
                 "The programs of an object by name, in the order of the file.") < 0) {
        return -1;
    }
    return add_type(module, TB_TYPE_MAPS, "tinybpf.MapCollection",
                    "The maps of an object by name, in the order of the file.");
}
