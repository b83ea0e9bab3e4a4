/* SPDX-License-Identifier: MIT
 *
 * Classes of types (value/class.h): the look-up of those that were made, and of the
 * members of enums. How they are made is known to the module's state.
 */
#include "value/class.h"

#include "base/args.h"
#include "base/libbpf.h"

/* There is no state any more where the collector took types apart already: an
 * exception says so. */
static PyObject *
make(Btf *btf, const struct tb_layout *layout, const char *name)
{
    struct tb_state *state = tb_state_of(btf);

    return state != NULL ? state->make_class((PyObject *)btf, layout, name) : NULL;
}

PyObject *
tb_value_class(Btf *btf, const struct tb_layout *layout, const char *name)
{
    PyObject *key = PyLong_FromUnsignedLong(layout->type_id);
    PyObject *class = key ? PyDict_GetItemWithError(btf->classes, key) : NULL;

    if (class == NULL && !PyErr_Occurred()) {
        class = make(btf, layout, name);
        if (class != NULL && PyDict_SetItem(btf->classes, key, class) < 0) {
            Py_CLEAR(class);
        }
        Py_XDECREF(class); /* the dict has it */
    }
    Py_XDECREF(key);
    return class;
}

PyObject *
tb_value_class_by_id(Btf *btf, uint32_t type_id)
{
    const struct tb_layout *layout = tb_btf_layout(btf, type_id);
    const struct btf_type *type = btf__type_by_id(btf->handle, type_id);

    if (layout == NULL) {
        return NULL;
    }
    return tb_value_class(btf, layout,
                          btf__name_by_offset(btf->handle, type->name_off));
}

PyObject *
tb_value_class_member_steal(Btf *btf, const struct tb_layout *layout, PyObject *number)
{
    PyObject *class = number ? tb_value_class(btf, layout, NULL) : NULL;
    PyObject *map = class ? tb_args_attr(class, "_value2member_map_") : NULL;
    PyObject *member = map ? PyDict_GetItemWithError(map, number) : NULL;

    if (member != NULL) {
        Py_INCREF(member);
    }
    else if (map != NULL && !PyErr_Occurred()) {
        member = tb_new_ref(number);
    }
    Py_XDECREF(map);
    Py_XDECREF(number);
    return member;
}
