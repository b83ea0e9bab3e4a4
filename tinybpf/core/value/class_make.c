/* SPDX-License-Identifier: MIT
 *
 * Making of classes (value/class_make.h): ordinary Python classes over Record with a
 * descriptor for each field, so that no version's rules for types made from C matter.
 */
#include "value/class_make.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "btf/btf.h"
#include "btf/member.h"
#include "btf/spell.h"
#include "value/field.h"
#include "value/shape.h"

#include <string.h>

/* What the class of every Record has and no field may hide. */
static const char *const reserved[] = {
    "_asdict", "_fields", "_raw", "_replace", NULL,
};

/* Whether a field can be an attribute; all can be reached by record["name"]. */
static int
is_attribute(const char *name)
{
    size_t n = strlen(name);

    for (size_t i = 0; reserved[i] != NULL; i++) {
        if (strcmp(name, reserved[i]) == 0) {
            return 0;
        }
    }
    return n < 4 || strncmp(name, "__", 2) != 0 || strcmp(name + n - 2, "__") != 0;
}

/* The typedef that gives an anonymous type its name, or NULL. */
static const char *
typedef_of(const struct btf *btf, uint32_t type_id)
{
    uint32_t n = btf__type_cnt(btf);

    for (uint32_t id = 1; id < n; id++) {
        const struct btf_type *type = btf__type_by_id(btf, id);

        if (btf_is_typedef(type) && type->type == type_id) {
            return btf__name_by_offset(btf, type->name_off);
        }
    }
    return NULL;
}

/* The name of a class: the type's own, or its typedef's, or what the caller knows of
 * one that has none, or its kind. */
static PyObject *
name_class(const Btf *btf, const struct tb_layout *layout, const char *name)
{
    const struct btf_type *type = btf__type_by_id(btf->handle, layout->type_id);
    const char *own = btf__name_by_offset(btf->handle, type->name_off);
    int is_array = btf_is_array(type);

    if (own == NULL || own[0] == '\0') {
        own = is_array ? NULL : typedef_of(btf->handle, layout->type_id);
    }
    if (own == NULL) {
        own = name != NULL && name[0] != '\0' ? name : NULL;
    }
    if (own != NULL) {
        return tb_args_text(own);
    }
    if (is_array) {
        return tb_btf_spell_short(btf->handle, layout->type_id);
    }
    return PyUnicode_FromString(layout->kind == TB_LAYOUT_ENUM    ? "enum"
                                : layout->kind == TB_LAYOUT_UNION ? "union"
                                                                  : "struct");
}

/* Put a descriptor for each field into the class's dict, and collect their names. */
static int
add_fields(Btf *btf, const struct tb_layout *layout, PyObject *dict, PyObject *names)
{
    for (uint32_t i = 0; i < layout->n; i++) {
        const struct tb_field *field = &layout->fields[i];
        PyObject *name = tb_args_text(field->name);
        PyObject *descriptor = name ? tb_field_new(btf, field) : NULL;
        int rc = descriptor ? PyList_Append(names, name) : -1;

        if (rc == 0 && is_attribute(field->name)) {
            PyUnicode_InternInPlace(&name);
            rc = PyDict_SetItem(dict, name, descriptor);
        }
        Py_XDECREF(name);
        Py_XDECREF(descriptor);
        if (rc < 0) {
            return -1;
        }
    }
    return 0;
}

/* Set an item to a value, which is taken; NULL stands for a failure before. */
static int
set_steal(PyObject *dict, const char *name, PyObject *value)
{
    int rc = value ? PyDict_SetItemString(dict, name, value) : -1;

    Py_XDECREF(value);
    return rc;
}

/* The attributes of a new class. */
static PyObject *
make_dict(Btf *btf, const struct tb_layout *layout, PyObject *name)
{
    PyObject *dict = PyDict_New(), *names = PyList_New(0);

    if (dict == NULL || names == NULL ||
        set_steal(dict, "__module__", tb_new_ref(btf->name)) < 0 ||
        set_steal(dict, "__name__", tb_new_ref(name)) < 0 ||
        set_steal(dict, "__qualname__", tb_new_ref(name)) < 0 ||
        set_steal(
            dict, "__doc__",
            PyUnicode_FromFormat("%s %U of %U: %u bytes",
                                 layout->kind == TB_LAYOUT_UNION ? "union" : "struct",
                                 name, btf->name, layout->size)) < 0 ||
        add_fields(btf, layout, dict, names) < 0 ||
        set_steal(dict, "_fields", PyList_AsTuple(names)) < 0 ||
        set_steal(dict, "__match_args__", PyList_AsTuple(names)) < 0) {
        Py_CLEAR(dict);
    }
    Py_XDECREF(names);
    return dict;
}

/* A class without attributes, not even its name. Its fields are found faster than by
 * object's own look-up, where it is known how (value/field.h). */
static PyObject *
make_bare_class(PyObject *shape, PyObject *bases)
{
    PyType_Slot slots[] = {
        {TB_CLASSES_ARE_KNOWN ? Py_tp_getattro : 0, tb_field_of_record},
        {Py_tp_token, PyModule_GetState(shape)},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = "tinybpf.record",
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
        .slots = slots,
    };

    return tb_state_type(shape, &spec, bases);
}

/* Set an attribute of a new class, which has room for all; 0, or -1 with an exception.
 * CPython 3.13 calls it an AttributeError that there was no memory for its dict
 * (type_update_dict, Objects/typeobject.c). */
static int
set_attribute(PyObject *class, PyObject *key, PyObject *value)
{
    int rc = PyObject_SetAttr(class, key, value);

    if (rc < 0 && PyErr_ExceptionMatches(PyExc_AttributeError)) {
        PyErr_Clear();
        PyErr_NoMemory();
    }
    return rc;
}

/* Classes that type() makes have instances which the garbage collector tracks; these
 * refer to nothing but their class. */
static PyObject *
make_record_class(Btf *btf, const struct tb_layout *layout, PyObject *name)
{
    PyTypeObject *base = tb_state_of(btf)->types[TB_TYPE_RECORD];
    PyObject *dict = make_dict(btf, layout, name);
    PyObject *shape = dict ? tb_shape_new(btf, layout, name) : NULL;
    PyObject *bases = shape ? PyTuple_Pack(1, base) : NULL;
    PyObject *class = bases ? make_bare_class(shape, bases) : NULL;
    PyObject *key, *value;
    Py_ssize_t at = 0;

    while (class != NULL && PyDict_Next(dict, &at, &key, &value)) {
        if (set_attribute(class, key, value) < 0) {
            Py_CLEAR(class);
        }
        else {
            tb_field_set_owner(value, class, key);
        }
    }
    Py_XDECREF(bases);
    Py_XDECREF(shape);
    Py_XDECREF(dict);
    return class;
}

/* (name, number) of an enum's member i. */
static PyObject *
enum_member(const Btf *btf, const struct btf_type *type, uint32_t i)
{
    struct tb_enum_member member = tb_member_get(btf->handle, type, (int)i);
    PyObject *number = tb_member_number(&member);

    return number == NULL
               ? NULL
               : Py_BuildValue("(NN)", tb_args_text(member.name ? member.name : ""),
                               number);
}

/* An IntEnum, which Python code makes. */
static PyObject *
make_enum_class(Btf *btf, const struct tb_layout *layout, PyObject *name)
{
    const struct btf_type *type = btf__type_by_id(btf->handle, layout->type_id);
    PyObject *members = PyList_New(0);
    PyObject *module, *make, *class = NULL;

    for (uint32_t i = 0; members != NULL && i < btf_vlen(type); i++) {
        PyObject *member = enum_member(btf, type, i);

        if (member == NULL || PyList_Append(members, member) < 0) {
            Py_CLEAR(members);
        }
        Py_XDECREF(member);
    }
    module = members ? PyImport_ImportModule("tinybpf._enum") : NULL;
    make = module ? tb_args_attr(module, "make") : NULL;
    if (make != NULL) {
        class = PyObject_CallFunctionObjArgs(make, name, members, btf->name, NULL);
    }
    Py_XDECREF(members);
    Py_XDECREF(module);
    Py_XDECREF(make);
    return class;
}

/* struct tb_state.make_class */
static PyObject *
make_class(PyObject *op, const struct tb_layout *layout, const char *name)
{
    Btf *btf = (Btf *)op;
    PyObject *text = name_class(btf, layout, name);
    PyObject *class = NULL;

    if (text == NULL) {
        return NULL;
    }
    if (layout->kind == TB_LAYOUT_ENUM) {
        class = make_enum_class(btf, layout, text);
    }
    else if (tb_layout_is_aggregate(layout)) {
        class = make_record_class(btf, layout, text);
    }
    else {
        layout = tb_layout_wrap(&btf->layouts, layout);
        class = layout ? make_record_class(btf, layout, text) : PyErr_NoMemory();
    }
    Py_DECREF(text);
    return class;
}

int
tb_class_make_add(PyObject *module)
{
    tb_state_of_module(module)->make_class = make_class;
    return 0;
}
