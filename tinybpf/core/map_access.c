/* SPDX-License-Identifier: MIT
 *
 * Access to one entry by its key (map_access.h): how the methods are called. What
 * they do stands in map_entry.c.
 */
#include "map_access.h"

#include "args.h"
#include "libbpf.h"
#include "map_entry.h"

PyObject *
tb_map_subscript(PyObject *self, PyObject *key)
{
    PyObject *value = NULL;

    if (tb_entry_find((BpfMap *)self, key, &value) == 0) {
        PyErr_SetObject(PyExc_KeyError, key);
    }
    return value;
}

int
tb_map_ass_subscript(PyObject *op, PyObject *key, PyObject *value)
{
    BpfMap *self = (BpfMap *)op;
    int found;

    if (value != NULL) {
        return tb_entry_set(self, key, value, BPF_ANY);
    }
    found = tb_entry_remove(self, key);
    if (found == 0) {
        PyErr_SetObject(PyExc_KeyError, key);
    }
    return found > 0 ? 0 : -1;
}

int
tb_map_contains(PyObject *self, PyObject *key)
{
    PyObject *value = NULL;
    int found = tb_entry_find((BpfMap *)self, key, &value);

    Py_XDECREF(value);
    return found;
}

PyObject *
tb_map_lookup(PyObject *self, PyObject *key)
{
    PyObject *value = NULL;

    if (tb_entry_find((BpfMap *)self, key, &value) == 0) {
        Py_RETURN_NONE;
    }
    return value;
}

PyObject *
tb_map_get_default(PyObject *self, PyObject *const *args, Py_ssize_t n)
{
    PyObject *value = NULL;

    if (tb_args_count("get", n, 1, 2) < 0) {
        return NULL;
    }
    if (tb_entry_find((BpfMap *)self, args[0], &value) == 0) {
        return tb_new_ref(n == 2 ? args[1] : Py_None);
    }
    return value;
}

PyObject *
tb_map_delete(PyObject *self, PyObject *key)
{
    int found = tb_entry_remove((BpfMap *)self, key);

    return found < 0 ? NULL : PyBool_FromLong(found);
}
