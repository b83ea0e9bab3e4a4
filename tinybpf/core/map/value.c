/* SPDX-License-Identifier: MIT
 *
 * Keys and values of maps (map/value.h): a form of its kind comes first, the codec
 * takes what is none.
 */
#include "map/value.h"

#include "map/descriptor.h"
#include "map/inner.h"
#include "map/kind.h"
#include "map/lpm.h"

#include <string.h>

/* Writes a Python object: 1 written, 0 it is not of this form (the codec shall try), -1
 * with an exception. */
typedef int (*encoder)(const BpfMap *map, PyObject *object, void *out);

/* The functions of a form; NULL: the codec does it. */
struct form {
    encoder encode_key, encode_value;
    PyObject *(*decode_value)(const BpfMap *map, const void *data);
};

/* The encoder of maps that have no keys. */
static int
refuse_key(const BpfMap *map, PyObject *key, void *out)
{
    (void)key;
    (void)out;
    return tb_map_refuse_key(map);
}

static const struct form forms[TB_FORM_COUNT] = {
    [TB_FORM_PROGRAM] = {.encode_value = tb_descriptor_encode_program},
    [TB_FORM_DESCRIPTOR] = {.encode_value = tb_descriptor_encode_any},
    [TB_FORM_DEVICE] = {.encode_value = tb_descriptor_encode_device},
    [TB_FORM_CPU] = {.encode_value = tb_descriptor_encode_cpu},
    [TB_FORM_MAP] = {.encode_value = tb_inner_encode, .decode_value = tb_inner_decode},
    [TB_FORM_KEY_FILE] = {.encode_key = tb_descriptor_encode_key},
    [TB_FORM_NETWORK] = {.encode_key = tb_lpm_encode},
    [TB_FORM_NONE] = {.encode_key = refuse_key},
};

static const struct form *
form_of(const BpfMap *self)
{
    return &forms[self->traits.kind->form];
}

int
tb_map_encode_key(const BpfMap *self, PyObject *key, void *out)
{
    const struct form *form = form_of(self);
    int rc = form->encode_key ? form->encode_key(self, key, out) : 0;

    if (rc != 0) {
        return rc < 0 ? -1 : 0;
    }
    return tb_codec_encode(&self->traits.key, &(struct tb_path){.name = "Key"}, key,
                           out);
}

PyObject *
tb_map_decode_key(const BpfMap *self, const void *data)
{
    return tb_codec_decode(&self->traits.key, data);
}

static size_t
value_stride(const BpfMap *self)
{
    return self->traits.span / self->traits.n_values;
}

int
tb_map_encode_one(const BpfMap *self, PyObject *value, void *out)
{
    const struct form *form = form_of(self);
    int rc = form->encode_value ? form->encode_value(self, value, out) : 0;

    if (rc != 0) {
        return rc < 0 ? -1 : 0;
    }
    return tb_codec_encode(&self->traits.value, &(struct tb_path){.name = "Value"},
                           value, out);
}

PyObject *
tb_map_decode_one(const BpfMap *self, const void *data)
{
    const struct form *form = form_of(self);

    if (form->decode_value != NULL) {
        return form->decode_value(self, data);
    }
    return tb_codec_decode(&self->traits.value, data);
}

/* One value per possible CPU, from a sequence of them; the bytes between them are zero.
 * 0, or -1 with an exception. */
static int
encode_per_cpu(const BpfMap *self, PyObject *values, char *out)
{
    PyObject *list = PySequence_List(values);
    Py_ssize_t n = list ? PyList_Size(list) : -1;
    int rc = list ? 0 : -1;

    if (list != NULL && n != (Py_ssize_t)self->traits.n_values) {
        PyErr_Format(PyExc_ValueError,
                     "Value size mismatch: expected %u values, one per possible CPU, "
                     "got %zd",
                     self->traits.n_values, n);
        rc = -1;
    }
    memset(out, 0, self->traits.span);
    for (Py_ssize_t i = 0; rc == 0 && i < n; i++) {
        rc = tb_map_encode_one(self, PyList_GetItem(list, i),
                               out + (size_t)i * value_stride(self));
    }
    Py_XDECREF(list);
    return rc;
}

int
tb_map_encode_value(const BpfMap *self, PyObject *value, void *out)
{
    if (!tb_map_is_percpu(self)) {
        return tb_map_encode_one(self, value, out);
    }
    return encode_per_cpu(self, value, out);
}

PyObject *
tb_map_decode_value(const BpfMap *self, const void *data)
{
    PyObject *list;

    if (!tb_map_is_percpu(self)) {
        return tb_map_decode_one(self, data);
    }
    list = PyList_New(0);
    for (uint32_t i = 0; list != NULL && i < self->traits.n_values; i++) {
        PyObject *value =
            tb_map_decode_one(self, (const char *)data + i * value_stride(self));

        if (value == NULL || PyList_Append(list, value) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(value);
    }
    return list;
}

PyObject *
tb_map_decode_item(const BpfMap *self, const void *key, const void *value)
{
    PyObject *first = tb_map_decode_key(self, key);
    PyObject *second = first ? tb_map_decode_value(self, value) : NULL;
    PyObject *pair = second ? PyTuple_Pack(2, first, second) : NULL;

    Py_XDECREF(first);
    Py_XDECREF(second);
    return pair;
}
