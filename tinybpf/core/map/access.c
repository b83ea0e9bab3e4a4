/* SPDX-License-Identifier: MIT
 *
 * Access to one entry by its key (map/access.h): how the methods are called. What
 * they do stands in map/entry.c.
 */
#include "map/access.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "map/entry.h"
#include "map/queue.h"

PyObject *
tb_map_subscript(PyObject *self, PyObject *key)
{
    PyObject *value = NULL;

    if (tb_entry_find((BpfMap *)self, key, 0, &value) == 0) {
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
tb_map_contains(PyObject *op, PyObject *key)
{
    BpfMap *self = (BpfMap *)op;
    PyObject *value = NULL;
    int found;

    if (self->type == BPF_MAP_TYPE_BLOOM_FILTER) {
        return tb_bloom_contains(self, key);
    }
    found = tb_entry_find(self, key, 0, &value);
    Py_XDECREF(value);
    return found;
}

int
tb_map_read_flags(PyObject *number, uint64_t *out_flags)
{
    *out_flags = number ? PyLong_AsUnsignedLongLong(number) : 0;
    if (*out_flags != UINT64_MAX || !PyErr_Occurred()) {
        return 0;
    }
    if (PyErr_ExceptionMatches(PyExc_OverflowError)) {
        PyErr_Clear();
        PyErr_Format(PyExc_ValueError, "flags out of range: %R", number);
    }
    return -1;
}

/* Read (key, /, flags=0) of a fast call; 0, or -1 with an exception. */
static int
read_key_and_flags(const char *method, PyObject *const *args, Py_ssize_t n,
                   PyObject *names, uint64_t *out_flags)
{
    Py_ssize_t n_names = names ? PyTuple_Size(names) : 0;

    if (n_names == 0) {
        *out_flags = 0;
        if (n == 2) {
            return tb_map_read_flags(args[1], out_flags);
        }
        return tb_args_count(method, n, 1, 2);
    }
    if (tb_args_count(method, n, 1, 1) < 0) {
        return -1;
    }
    if (n_names > 1 ||
        PyUnicode_CompareWithASCIIString(PyTuple_GetItem(names, 0), "flags") != 0) {
        PyErr_Format(PyExc_TypeError, "%s() takes a key and flags", method);
        return -1;
    }
    return tb_map_read_flags(args[1], out_flags);
}

PyObject *
tb_map_lookup(PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
    PyObject *value = NULL;
    uint64_t flags;

    if (read_key_and_flags("lookup", args, n, names, &flags) < 0) {
        return NULL;
    }
    if (tb_entry_find((BpfMap *)self, args[0], flags, &value) == 0) {
        Py_RETURN_NONE;
    }
    return value;
}

PyObject *
tb_map_lookup_and_delete(PyObject *self, PyObject *const *args, Py_ssize_t n,
                         PyObject *names)
{
    PyObject *value = NULL;
    uint64_t flags;

    if (read_key_and_flags("lookup_and_delete", args, n, names, &flags) < 0) {
        return NULL;
    }
    if (tb_entry_take((BpfMap *)self, args[0], flags, &value) == 0) {
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
    if (tb_entry_find((BpfMap *)self, args[0], 0, &value) == 0) {
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
