/* SPDX-License-Identifier: MIT
 *
 * The methods that per-CPU maps have besides the others (map/percpu.h). A value of
 * theirs is a list anyway; here it is asked for by name.
 */
#include "map/percpu.h"

#include "base/args.h"
#include "map/entry.h"
#include "map/flags.h"
#include "map/iter.h"
#include "map/kind.h"
#include "value/record.h"
#include "value/shape.h"
#include "value/sum.h"

#include <stdlib.h>

/* 0, or -1 with an exception if the map is not per-CPU. */
static int
check(BpfMap *self, const char *method)
{
    if (tb_map_is_percpu(self)) {
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "%s() is only valid for per-CPU maps; %R is none",
                 method, self);
    return -1;
}

PyObject *
tb_map_lookup_percpu(PyObject *op, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
    static const struct tb_args_signature signature = {"lookup_percpu", {"key"}, 1};
    PyObject *key, *values = NULL;

    if (tb_args_read(&signature, args, n, names, &key) < 0 ||
        check((BpfMap *)op, signature.method) < 0) {
        return NULL;
    }
    if (tb_entry_find((BpfMap *)op, key, 0, &values) == 0) {
        Py_RETURN_NONE;
    }
    return values;
}

static int
has_numbers(const struct tb_codec *codec)
{
    switch (codec->kind) {
    case TB_CODEC_UNSIGNED:
    case TB_CODEC_SIGNED:
    case TB_CODEC_BOOL:
    case TB_CODEC_FLOAT:
        return 1;
    case TB_CODEC_CTYPE:
        return codec->is_number;
    default:
        return 0;
    }
}

static PyObject *
sum(PyObject *values)
{
    PyObject *total = PyLong_FromLong(0);

    for (Py_ssize_t i = 0; total != NULL && i < PyList_Size(values); i++) {
        PyObject *more = PyNumber_Add(total, PyList_GetItem(values, i));

        Py_DECREF(total);
        total = more;
    }
    return total;
}

/* Add another CPU's record to those that were added up; 0, or -1 with an exception. */
static int
add_record(BpfMap *self, char *total, PyObject *record)
{
    const struct tb_layout *layout = self->traits.value.shape->layout;
    const struct tb_field *field = NULL;

    switch (tb_sum_add(layout, total, PyBytes_AsString(record), &field)) {
    case TB_SUM_DONE:
        return 0;
    case TB_SUM_OVERFLOW:
        PyErr_Format(PyExc_OverflowError,
                     "the sum of field '%s' in map %R does not fit it: lookup_percpu() "
                     "gives the values to add",
                     field->name, self->name);
        return -1;
    default:
        PyErr_Format(PyExc_TypeError,
                     "lookup_percpu_sum() adds numbers; field '%s' in map %R is none, "
                     "or shares its place in a union: lookup_percpu() gives the values",
                     field->name, self->name);
        return -1;
    }
}

/* The records of all CPUs as one, each number the sum of theirs. */
static PyObject *
sum_records(BpfMap *self, PyObject *values)
{
    const struct tb_codec *codec = &self->traits.value;
    PyObject *total = NULL;
    char *data = calloc(1, codec->size);
    int rc = data ? 0 : -1;

    if (data == NULL) {
        PyErr_NoMemory();
    }
    for (Py_ssize_t i = 0; rc == 0 && i < PyList_Size(values); i++) {
        rc = add_record(self, data, PyList_GetItem(values, i));
    }
    if (rc == 0) {
        total = tb_record_decode(codec, data, codec->size);
    }
    free(data);
    return total;
}

PyObject *
tb_map_lookup_percpu_sum(PyObject *op, PyObject *const *args, Py_ssize_t n,
                         PyObject *names)
{
    static const struct tb_args_signature signature = {"lookup_percpu_sum", {"key"}, 1};
    BpfMap *self = (BpfMap *)op;
    const struct tb_codec *codec = &self->traits.value;
    PyObject *key, *values = NULL, *total = NULL;
    int found;

    if (tb_args_read(&signature, args, n, names, &key) < 0 ||
        check(self, signature.method) < 0) {
        return NULL;
    }
    if (codec->kind != TB_CODEC_RECORD && !has_numbers(codec)) {
        PyErr_Format(
            PyExc_TypeError,
            "lookup_percpu_sum() adds numbers, and Records of them; the values "
            "of map %R are neither",
            self->name);
        return NULL;
    }
    found = tb_entry_find(self, key, 0, &values);
    if (found == 0) {
        Py_RETURN_NONE;
    }
    if (found > 0) {
        total =
            codec->kind == TB_CODEC_RECORD ? sum_records(self, values) : sum(values);
    }
    Py_XDECREF(values);
    return total;
}

PyObject *
tb_map_update_percpu(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"key", "values", "flags", NULL};
    BpfMap *self = (BpfMap *)op;
    PyObject *key, *values, *number = NULL;
    uint64_t flags;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|O:update_percpu", (char **)names,
                                     &key, &values, &number) ||
        tb_map_read_flags(number, &flags) < 0 || check(self, "update_percpu") < 0 ||
        tb_entry_set(self, key, values, flags) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

PyObject *
tb_map_items_percpu(PyObject *op, PyObject *unused)
{
    if (check((BpfMap *)op, "items_percpu") < 0) {
        return NULL;
    }
    return tb_map_items(op, unused);
}
