/* SPDX-License-Identifier: MIT
 *
 * Pickles (value/pickle.h). A class travels as its definition, the smallest BTF that
 * has its type: what it contains by value, all pointers being to void. The module
 * remembers the class that a definition came from, or was made into, so that all
 * pickles of a type, whichever process they come from, become records of one class.
 */
#include "value/pickle.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "btf/check.h"
#include "error/raise.h"
#include "value/class.h"

#include <errno.h>
#include <stdlib.h>

struct copy {
    const struct btf *from;
    struct btf *to;
    int *ids; /* owned: by the old id, the new one; 0: not copied */
};

static int copy_type(struct copy *copy, uint32_t id);

/* The ids of a copied type's parts, which still are the old ones. */
static int
copy_parts(struct copy *copy, uint32_t id)
{
    const struct btf_type *type = btf__type_by_id(copy->from, id);
    int rc = 0;

    if (btf_is_array(type)) {
        rc = copy_type(copy, btf_array(type)->type);
        return rc < 0 ? rc : copy_type(copy, btf_array(type)->index_type);
    }
    if (btf_is_mod(type) || btf_is_typedef(type)) {
        return copy_type(copy, type->type);
    }
    for (uint32_t i = 0; rc >= 0 && btf_is_composite(type) && i < btf_vlen(type); i++) {
        rc = copy_type(copy, btf_members(type)[i].type);
    }
    return rc;
}

/* Replace the ids in a copy by those of its copied parts. */
static void
renumber(struct copy *copy, struct btf_type *type)
{
    if (btf_is_array(type)) {
        struct btf_array *array = btf_array(type);

        array->type = (uint32_t)copy->ids[array->type];
        array->index_type = (uint32_t)copy->ids[array->index_type];
    }
    else if (btf_is_mod(type) || btf_is_typedef(type)) {
        type->type = (uint32_t)copy->ids[type->type];
    }
    for (uint32_t i = 0; btf_is_composite(type) && i < btf_vlen(type); i++) {
        struct btf_member *member = &btf_members(type)[i];

        member->type = (uint32_t)copy->ids[member->type];
    }
}

/* Copy a type behind its parts; its new id, or -errno. Layouts were made of it, so it
 * does not contain itself and is not deep. */
static int
copy_type(struct copy *copy, uint32_t id)
{
    const struct btf_type *type = btf__type_by_id(copy->from, id);
    int new_id;

    if (id == 0 || type == NULL || copy->ids[id] != 0) {
        return type == NULL ? -EINVAL : copy->ids[id];
    }
    if (btf_is_ptr(type)) {
        new_id = btf__add_ptr(copy->to, 0);
    }
    else {
        new_id = copy_parts(copy, id);
        new_id = new_id < 0 ? new_id : btf__add_type(copy->to, copy->from, type);
    }
    if (new_id > 0) {
        renumber(copy, (struct btf_type *)btf__type_by_id(copy->to, (uint32_t)new_id));
        copy->ids[id] = new_id;
    }
    return new_id;
}

/* (BTF, id, name): what a class can be made of again. */
static PyObject *
make_definition(Shape *shape)
{
    struct copy copy = {.from = shape->btf->handle, .to = btf__new_empty()};
    PyObject *bytes, *definition = NULL;
    const void *data = NULL;
    __u32 size = 0;
    int id = -ENOMEM;

    copy.ids = calloc(btf__type_cnt(copy.from), sizeof(*copy.ids));
    if (copy.to != NULL && copy.ids != NULL) {
        id = copy_type(&copy, shape->layout->type_id);
        data = btf__raw_data(copy.to, &size);
    }
    if (id > 0 && data != NULL) {
        bytes = PyBytes_FromStringAndSize(data, (Py_ssize_t)size);
        definition = bytes ? Py_BuildValue("(NiO)", bytes, id, shape->name) : NULL;
    }
    else {
        tb_error_libbpf(tb_state_of(shape->btf), id, NULL, "copy of the BTF of %R",
                        shape->name);
    }
    free(copy.ids);
    btf__free(copy.to);
    return definition;
}

/* Remember the class that a definition came from last; 0 or -1. */
static int
remember(struct tb_state *state, PyObject *definition, PyObject *class)
{
    if (state->definitions == NULL) {
        state->definitions = PyDict_New();
    }
    if (state->definitions == NULL) {
        return -1;
    }
    return PyDict_SetItem(state->definitions, definition, class);
}

/* The data of a record as plain bytes. */
static PyObject *
as_bytes(PyObject *record)
{
    return PyBytes_FromStringAndSize(PyBytes_AsString(record), PyBytes_Size(record));
}

PyObject *
tb_pickle_reduce(Shape *shape, PyObject *record)
{
    struct tb_state *state = tb_state_of(shape->btf);
    PyObject *module, *rebuild, *class, *data, *result = NULL;

    if (shape->definition == NULL) {
        PyObject *definition = make_definition(shape);

        Py_XDECREF(shape->definition); /* what the collector had made meanwhile */
        shape->definition = definition;
    }
    class = shape->definition ? tb_value_class_by_id(shape->btf, shape->layout->type_id)
                              : NULL;
    if (class == NULL || remember(state, shape->definition, class) < 0) {
        return NULL;
    }
    module = PyImport_ImportModule("tinybpf._core");
    rebuild = module ? tb_args_attr(module, "_rebuild") : NULL;
    data = rebuild ? as_bytes(record) : NULL;
    if (data != NULL) {
        result = Py_BuildValue("O(ON)", rebuild, shape->definition, data);
    }
    Py_XDECREF(module);
    Py_XDECREF(rebuild);
    return result;
}

/* Make the class of a definition that no class of this process goes by. */
static PyObject *
make_class(struct tb_state *state, PyObject *definition)
{
    const struct tb_layout *layout;
    PyObject *data, *name, *origin, *btf, *class = NULL;
    struct btf *handle;
    char problem[160];
    int id;

    if (!PyArg_ParseTuple(definition, "SiU", &data, &id, &name)) {
        return NULL;
    }
    if (tb_btf_check(PyBytes_AsString(data), (size_t)PyBytes_Size(data), NULL, problem,
                     sizeof(problem)) != NULL) {
        return tb_error_raise(state, TB_ERROR, EINVAL, "BTF of the pickled %R: %s",
                              name, problem);
    }
    handle = btf__new(PyBytes_AsString(data), (__u32)PyBytes_Size(data));
    if (handle == NULL) {
        return tb_error_libbpf(state, -errno, NULL, "BTF of the pickled %R", name);
    }
    origin = PyUnicode_FromString("pickle");
    btf = tb_btf_new_steal(state, handle, origin, NULL);
    layout = btf ? tb_btf_layout((Btf *)btf, (uint32_t)id) : NULL;
    if (layout != NULL) {
        class = tb_value_class((Btf *)btf, layout, PyUnicode_AsUTF8AndSize(name, NULL));
    }
    Py_XINCREF(class);
    Py_XDECREF(origin);
    Py_XDECREF(btf);
    return class;
}

PyObject *
tb_pickle_rebuild(PyObject *module, PyObject *args)
{
    struct tb_state *state = tb_state_of_module(module);
    PyObject *definition, *data, *class;
    PyObject *record = NULL;

    if (!PyArg_ParseTuple(args, "O!S:_rebuild", &PyTuple_Type, &definition, &data)) {
        return NULL;
    }
    class = state->definitions ? PyDict_GetItemWithError(state->definitions, definition)
                               : NULL;
    if (class != NULL) {
        Py_INCREF(class);
    }
    else if (!PyErr_Occurred()) {
        class = make_class(state, definition);
        if (class != NULL && remember(state, definition, class) < 0) {
            Py_CLEAR(class);
        }
    }
    if (class != NULL) {
        record = PyObject_CallFunctionObjArgs(class, data, NULL);
    }
    Py_XDECREF(class);
    return record;
}
