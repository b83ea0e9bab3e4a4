/* SPDX-License-Identifier: MIT
 *
 * The register of classes for types of C. A class that was registered is kept until the
 * object goes, also behind a later one for the same name: maps may be in the middle of
 * a conversion.
 */
#include "object/register.h"

#include "base/args.h"
#include "btf/btf.h"
#include "btf/twin.h"
#include "ctype/check.h"
#include "error/raise.h"
#include "map/describe.h"
#include "value/ctype.h"

/* The id of a type of that name that the class fits; 0 with an exception. */
static uint32_t
find_fitting(BpfObject *self, PyObject *name, PyObject *class, int check_names)
{
    struct tb_ctype_claim claim = {.type = class, .check_names = check_names};
    PyObject *btf = tb_object_btf(self);

    if (btf == NULL) {
        return 0;
    }
    if (btf == Py_None) {
        tb_error_validation_steal(tb_state_of(self), PyList_New(0),
                                  "object %R has no BTF to find %R in: compile it "
                                  "with -g",
                                  self->name, name);
        return 0;
    }
    claim.btf_id = tb_ctype_find_given((Btf *)btf, name);
    return claim.btf_id != 0 && tb_ctype_check((Btf *)btf, &claim) == 0 ? claim.btf_id
                                                                        : 0;
}

/* Make one of the register's dicts unless it is there; 0, or -1 with MemoryError. */
static int
make_dict(PyObject **dict)
{
    PyObject *made = *dict ? NULL : PyDict_New();

    if (*dict == NULL) { /* nor did the collector have one made */
        *dict = made;
    }
    else {
        Py_XDECREF(made);
    }
    return *dict ? 0 : -1;
}

/* Write it down; 0, or -1 with an exception. */
static int
note(BpfObject *self, PyObject *name, PyObject *class)
{
    if (make_dict(&self->classes) < 0 || make_dict(&self->class_names) < 0 ||
        PyDict_SetItem(self->class_names, class, name) < 0) {
        return -1;
    }
    return PyDict_SetItem(self->classes, name, class);
}

/* Have the maps that a program holds use it; 0, or -1 with an exception. */
static int
tell_maps(BpfObject *self)
{
    int rc = 0;

    if (tb_object_acquire(self) == NULL) {
        return -1;
    }
    for (size_t i = 0; rc == 0 && i < self->maps.n; i++) {
        PyObject *map = self->maps.items[i].wrapper;

        if (map != NULL) {
            Py_INCREF(map);
            rc = tb_map_use_classes((BpfMap *)map);
            Py_DECREF(map);
        }
    }
    tb_object_release(self);
    return rc;
}

/* Whether it is a class of ctypes that can have values; 0, or -1 with an exception. */
static int
check_class(PyObject *class)
{
    Py_ssize_t size = tb_ctype_size(class);

    if (size > 0) {
        return 0;
    }
    if (size == 0) {
        PyErr_Format(PyExc_TypeError,
                     "py_type must be a class of ctypes that has a size, not %R",
                     class);
    }
    return -1;
}

/* The name that a type is written down by, a new str: of a BtfType the one that means
 * it alone. */
static PyObject *
name_of(BpfObject *self, PyObject *given, uint32_t id)
{
    return PyUnicode_Check(given) ? tb_new_ref(given)
                                  : tb_twin_name(((Btf *)self->btf)->handle, id);
}

PyObject *
tb_object_register_type(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"btf_name", "py_type", "validate_field_names",
                                        NULL};
    BpfObject *self = (BpfObject *)op;
    PyObject *given, *class, *name;
    int check_names = 1, rc;
    uint32_t id;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|p:register_type", (char **)names,
                                     &given, &class, &check_names) ||
        tb_object_handle(self) == NULL || check_class(class) < 0) {
        return NULL;
    }
    id = find_fitting(self, given, class, check_names);
    name = id ? name_of(self, given, id) : NULL;
    rc = name ? note(self, name, class) : -1;
    Py_XDECREF(name);
    if (rc < 0 || tell_maps(self) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* What a dict, which may be NULL, has for a key; None if it has nothing. */
static PyObject *
find(PyObject *dict, PyObject *key)
{
    PyObject *found = dict ? PyDict_GetItemWithError(dict, key) : NULL;

    if (found == NULL && PyErr_Occurred()) {
        return NULL;
    }
    return tb_new_ref(found ? found : Py_None);
}

PyObject *
tb_object_lookup_type(PyObject *op, PyObject *const *args, Py_ssize_t n,
                      PyObject *names)
{
    static const struct tb_args_signature signature = {"lookup_type", {"btf_name"}, 1};
    BpfObject *self = (BpfObject *)op;
    PyObject *given, *name, *class;
    uint32_t id = 0;

    if (tb_args_read(&signature, args, n, names, &given) < 0) {
        return NULL;
    }
    if (self->classes == NULL || PyUnicode_Check(given)) {
        return find(self->classes, given);
    }
    id = tb_ctype_find_given((Btf *)self->btf, given);
    name = id ? name_of(self, given, id) : NULL;
    class = name ? find(self->classes, name) : NULL;
    Py_XDECREF(name);
    return class;
}

PyObject *
tb_object_lookup_btf_name(PyObject *op, PyObject *const *args, Py_ssize_t n,
                          PyObject *names)
{
    static const struct tb_args_signature signature = {
        "lookup_btf_name", {"py_type"}, 1};
    PyObject *class;

    return tb_args_read(&signature, args, n, names, &class) < 0
               ? NULL
               : find(((BpfObject *)op)->class_names, class);
}
