/* SPDX-License-Identifier: MIT
 *
 * The type View (view/view.h): fields as attributes and by their names, elements by
 * index, and repr. The garbage collector does not know of views: nothing that a view
 * holds can hold a view, and each read of a struct in a global makes one.
 */
#include "class/view.h"

#include "base/args.h"
#include "value/decode.h"
#include "view/text.h"

#include <stdlib.h>
#include <string.h>

/* The field of that name; NULL, without an exception if there is none. */
static const struct tb_field *
find_name(struct tb_view_names *names, const struct tb_layout *layout, PyObject *name)
{
    size_t n = sizeof(names->recent) / sizeof(names->recent[0]);
    size_t slot = ((uintptr_t)name >> 4) % n;
    const struct tb_field *field;
    PyObject *index, *old;

    if (names->recent[slot].name == name) {
        return names->recent[slot].field;
    }
    index = PyDict_GetItemWithError(names->dict, name);
    if (index == NULL) {
        return NULL;
    }
    old = names->recent[slot].name;
    names->recent[slot].name = tb_new_ref(name);
    names->recent[slot].field = field = &layout->fields[PyLong_AsSize_t(index)];
    Py_XDECREF(old); /* which may run Python code, and that come in here again */
    return field;
}

/* The field of that name; NULL without an exception if there is none. */
static const struct tb_field *
find_field(View *self, PyObject *name)
{
    const struct tb_layout *layout = self->layout;
    const char *text;

    if (!tb_layout_is_aggregate(layout)) {
        return NULL;
    }
    if (self->root == NULL && self->source.names != NULL) {
        return find_name(self->source.names, layout, name);
    }
    text = PyUnicode_AsUTF8AndSize(name, NULL);
    return text == NULL ? NULL : tb_layout_field(layout, text);
}

/* Raise for a name that is no field's, with the nearest; -1. */
static int
raise_no_field(View *self, PyObject *name, PyObject *error)
{
    const struct tb_layout *layout = self->layout;
    const char *wanted = PyUnicode_AsUTF8AndSize(name, NULL);
    const char **names = calloc(layout->n + 1, sizeof(*names));
    const char *nearest = NULL;

    if (names == NULL || wanted == NULL) {
        free(names);
        return PyErr_Occurred() ? -1 : (PyErr_NoMemory(), -1);
    }
    for (uint32_t i = 0; i < layout->n; i++) {
        names[i] = layout->fields[i].name;
    }
    nearest = tb_args_nearest(wanted, names, layout->n);
    PyErr_Format(error, "%s has no %s '%s'%s%s%s", tb_view_name(self),
                 self->root == NULL ? "global variable" : "field", wanted,
                 nearest ? "; did you mean '" : "", nearest ? nearest : "",
                 nearest ? "'?" : "");
    free(names);
    return -1;
}

/* A field comes before a method of its name; NULL with AttributeError, which tells the
 * nearest field. */
static PyObject *
view_getattro(PyObject *op, PyObject *name)
{
    View *self = (View *)op;
    const struct tb_field *field = find_field(self, name);
    PyObject *value;

    if (field != NULL) {
        return tb_view_get_field(self, field);
    }
    if (PyErr_Occurred()) {
        return NULL;
    }
    value = PyObject_GenericGetAttr(op, name);
    if (value == NULL && tb_layout_is_aggregate(self->layout) &&
        PyErr_ExceptionMatches(PyExc_AttributeError)) {
        PyErr_Clear();
        raise_no_field(self, name, PyExc_AttributeError);
    }
    return value;
}

/* Set by name; the error class is for a name that is no field's. */
static int
set_named(View *self, PyObject *name, PyObject *value, PyObject *error)
{
    const struct tb_field *field = find_field(self, name);

    if (field == NULL && !PyErr_Occurred()) {
        return raise_no_field(self, name, error);
    }
    if (field != NULL && value == NULL) {
        PyErr_Format(PyExc_TypeError, "%R is memory of a program: it cannot be deleted",
                     name);
        return -1;
    }
    return field == NULL ? -1 : tb_view_set_field(self, field, value);
}

static int
view_setattro(PyObject *op, PyObject *name, PyObject *value)
{
    View *self = (View *)op;

    if (!tb_layout_is_aggregate(self->layout)) {
        return PyObject_GenericSetAttr(op, name, value);
    }
    return set_named(self, name, value, PyExc_AttributeError);
}

static Py_ssize_t
view_length(PyObject *op)
{
    View *self = (View *)op;

    if (tb_layout_is_aggregate(self->layout)) {
        return self->layout->n;
    }
    return (Py_ssize_t)tb_view_length(self);
}

/* An index of an array, negative ones from its end; -1 with an exception. */
static Py_ssize_t
take_index(View *self, PyObject *key)
{
    Py_ssize_t n = (Py_ssize_t)tb_view_length(self);
    Py_ssize_t i = PyNumber_AsSsize_t(key, PyExc_IndexError);

    if (i == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (i < -n || i >= n) {
        PyErr_Format(PyExc_IndexError, "index %zd is outside of %zd elements", i, n);
        return -1;
    }
    return i < 0 ? i + n : i;
}

/* The elements of a slice, as a list: views of those that have parts. */
static PyObject *
slice(View *self, PyObject *key)
{
    Py_ssize_t start, stop, step, n;
    PyObject *list = NULL;

    if (PySlice_Unpack(key, &start, &stop, &step) == 0) {
        n = PySlice_AdjustIndices((Py_ssize_t)tb_view_length(self), &start, &stop,
                                  step);
        list = PyList_New(0);
        for (Py_ssize_t i = 0; list != NULL && i < n; i++, start += step) {
            PyObject *item = tb_view_get_element(self, (size_t)start);

            if (item == NULL || PyList_Append(list, item) < 0) {
                Py_CLEAR(list);
            }
            Py_XDECREF(item);
        }
    }
    return list;
}

/* view["field"] of an aggregate; view[i] and view[i:j] of an array. */
static PyObject *
view_subscript(PyObject *op, PyObject *key)
{
    View *self = (View *)op;
    const struct tb_field *field;
    Py_ssize_t i;

    if (!tb_layout_is_aggregate(self->layout)) {
        if (PySlice_Check(key)) {
            return slice(self, key);
        }
        i = take_index(self, key);
        return i < 0 ? NULL : tb_view_get_element(self, (size_t)i);
    }
    if (!PyUnicode_Check(key)) {
        return PyErr_Format(PyExc_TypeError, "fields have names, not %R", Py_TYPE(key));
    }
    field = find_field(self, key);
    if (field == NULL && !PyErr_Occurred()) {
        raise_no_field(self, key, PyExc_KeyError);
    }
    return field == NULL ? NULL : tb_view_get_field(self, field);
}

/* The same, set: of an array one element, no slice. 0, or -1 with an exception. */
static int
view_ass_subscript(PyObject *op, PyObject *key, PyObject *value)
{
    View *self = (View *)op;
    Py_ssize_t i;

    if (tb_layout_is_aggregate(self->layout)) {
        if (PyUnicode_Check(key)) {
            return set_named(self, key, value, PyExc_KeyError);
        }
        PyErr_Format(PyExc_TypeError, "fields have names, not %R", Py_TYPE(key));
        return -1;
    }
    if (value == NULL || PySlice_Check(key)) {
        PyErr_SetString(PyExc_TypeError, "elements are set one by one, or all of them "
                                         "as a sequence, and cannot be deleted");
        return -1;
    }
    i = take_index(self, key);
    return i < 0 ? -1 : tb_view_set_element(self, (size_t)i, value);
}

/* What iter() of a view asks for one by one; fields are iterated by name. */
static PyObject *
view_item(PyObject *op, Py_ssize_t i)
{
    View *self = (View *)op;

    if (i < 0 || i >= view_length(op)) {
        PyErr_SetNone(PyExc_IndexError);
        return NULL;
    }
    if (tb_layout_is_aggregate(self->layout)) {
        return tb_args_text(self->layout->fields[i].name);
    }
    return tb_view_get_element(self, (size_t)i);
}

static PyObject *
view_iter(PyObject *op)
{
    return PySeqIter_New(op);
}

static PyObject *
view_copy(PyObject *op, PyObject *unused)
{
    View *self = (View *)op;
    const char *memory = tb_view_memory(self, 0);
    PyObject *bytes = NULL, *copy;

    (void)unused;
    if (memory != NULL) {
        bytes = PyBytes_FromStringAndSize(memory, (Py_ssize_t)self->size);
    }
    if (bytes == NULL || self->layout->type_id == 0) { /* a section is no type of C */
        return bytes;
    }
    copy = tb_value_decode(tb_view_btf(self), self->layout, PyBytes_AsString(bytes),
                           self->size);
    Py_DECREF(bytes);
    return copy;
}

/* The value of a view's part with dicts and lists in place of views. Steals it. */
static PyObject *unfold_steal(View *self, PyObject *value);

/* A view as a dict of its fields or a list of its elements, with no views in it. */
static PyObject *
unfold(View *self)
{
    int is_aggregate = tb_layout_is_aggregate(self->layout);
    Py_ssize_t n = view_length((PyObject *)self);
    PyObject *all = is_aggregate ? PyDict_New() : PyList_New(0);

    for (Py_ssize_t i = 0; all != NULL && i < n; i++) {
        const struct tb_field *field = is_aggregate ? &self->layout->fields[i] : NULL;
        PyObject *value =
            unfold_steal(self, is_aggregate ? tb_view_get_field(self, field)
                                            : tb_view_get_element(self, (size_t)i));

        PyObject *name = value && field ? tb_args_text(field->name) : NULL;

        if (value == NULL || (is_aggregate && name == NULL) ||
            (is_aggregate ? PyDict_SetItem(all, name, value)
                          : PyList_Append(all, value)) < 0) {
            Py_CLEAR(all);
        }
        Py_XDECREF(name);
        Py_XDECREF(value);
    }
    return all;
}

static PyObject *
unfold_steal(View *self, PyObject *value)
{
    PyObject *plain;

    if (value == NULL || Py_TYPE(value) != Py_TYPE(self)) {
        return value;
    }
    plain = unfold((View *)value);
    Py_DECREF(value);
    return plain;
}

static PyObject *
view_asdict(PyObject *op, PyObject *unused)
{
    (void)unused;
    if (!tb_layout_is_aggregate(((View *)op)->layout)) {
        return PyErr_Format(PyExc_TypeError, "an array has no fields: use list()");
    }
    return unfold((View *)op);
}

/* The names of the fields as a tuple; an array has none. */
static PyObject *
view_fields(PyObject *op, void *unused)
{
    PyObject *names = PyList_New(0), *tuple = NULL;
    const struct tb_layout *layout = ((View *)op)->layout;
    uint32_t n = tb_layout_is_aggregate(layout) ? layout->n : 0;

    (void)unused;
    for (uint32_t i = 0; names != NULL && i < n; i++) {
        PyObject *name = tb_args_text(layout->fields[i].name);

        if (name == NULL || PyList_Append(names, name) < 0) {
            Py_CLEAR(names);
        }
        Py_XDECREF(name);
    }
    if (names != NULL) {
        tuple = PyList_AsTuple(names);
    }
    Py_XDECREF(names);
    return tuple;
}

/* The methods, and the fields of this one. */
static PyObject *
view_dir(PyObject *op, PyObject *unused)
{
    PyObject *all = PyObject_Dir((PyObject *)Py_TYPE(op));
    PyObject *fields = all ? view_fields(op, NULL) : NULL;
    PyObject *result = NULL;

    (void)unused;
    if (fields != NULL) {
        result = PySequence_InPlaceConcat(all, fields);
    }
    Py_XDECREF(all);
    Py_XDECREF(fields);
    return result;
}

static PyObject *
view_repr(PyObject *op)
{
    View *self = (View *)op;
    PyObject *inner, *text;

    if (tb_view_memory(self, 0) == NULL) {
        PyErr_Clear();
        return PyUnicode_FromFormat("<View of %s, not there now>", tb_view_name(self));
    }
    inner = tb_view_text(self);
    text = inner ? PyUnicode_FromFormat("<View %U>", inner) : NULL;
    Py_XDECREF(inner);
    return text;
}

static void
view_dealloc(PyObject *op)
{
    View *self = (View *)op;
    PyTypeObject *type = Py_TYPE(op);

    Py_CLEAR(self->root);
    Py_CLEAR(self->source.btf);
    Py_CLEAR(self->source.owner);
    PyObject_Free(op);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"copy", view_copy, METH_NOARGS,
     "copy($self)\n--\n\n"
     "Return what the memory holds now, as a value that does not change."},
    {"_asdict", view_asdict, METH_NOARGS,
     "_asdict($self)\n--\n\n"
     "Return the fields as a dict, and those of structs inside as dicts."},
    {"__dir__", view_dir, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef getset[] = {
    {"_fields", view_fields, NULL, "Names of the fields, in the order of C.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "A live window onto memory that a program shares."},
    {Py_tp_new, tb_state_no_new},
    {Py_tp_methods, methods},
    {Py_tp_getset, getset},
    {Py_tp_getattro, view_getattro},
    {Py_tp_setattro, view_setattro},
    {Py_tp_repr, view_repr},
    {Py_tp_iter, view_iter},
    {Py_tp_dealloc, view_dealloc},
    {Py_mp_length, view_length},
    {Py_mp_subscript, view_subscript},
    {Py_mp_ass_subscript, view_ass_subscript},
    {Py_sq_item, view_item},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf.View",
    .basicsize = sizeof(View),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};

int
tb_view_type_add(PyObject *module)
{
    return tb_state_add_type(module, TB_TYPE_VIEW, &spec);
}
