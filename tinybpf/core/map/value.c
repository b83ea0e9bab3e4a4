/* SPDX-License-Identifier: MIT
 *
 * What a map's bytes mean (owner/map.h): what the kernel and BTF say of keys and
 * values, and the way between them and Python, per-CPU values included.
 */
#include "owner/map.h"

#include "base/libbpf.h"
#include "btf/btf.h"
#include "btf/find.h"
#include "btf/spell.h"
#include "error/raise.h"
#include "map/kind.h"
#include "value/codec.h"
#include "value/record.h"

#include <errno.h>
#include <string.h>

int
tb_map_is_percpu(const BpfMap *self)
{
    return self->type == BPF_MAP_TYPE_PERCPU_HASH ||
           self->type == BPF_MAP_TYPE_PERCPU_ARRAY ||
           self->type == BPF_MAP_TYPE_LRU_PERCPU_HASH ||
           self->type == BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE;
}

int
tb_map_is_array(const BpfMap *self)
{
    return self->type == BPF_MAP_TYPE_ARRAY || self->type == BPF_MAP_TYPE_PERCPU_ARRAY;
}

/* Whether a type that is no number has a class. */
static int
wants_record(const struct tb_codec *codec, const struct btf *btf, uint32_t type_id)
{
    return btf != NULL && codec->kind == TB_CODEC_BYTES && type_id != 0 &&
           tb_btf_has_class(btf, type_id);
}

/* Make keys and values that are aggregates Records; only then is the BTF copied. 0, or
 * -1 with an exception. */
static int
use_records(BpfMap *self, const struct bpf_map_info *info, const struct btf *btf)
{
    int has_key = wants_record(&self->key, btf, info->btf_key_type_id);
    int has_value = wants_record(&self->value, btf, info->btf_value_type_id);
    Btf *own = NULL;

    if (!has_key && !has_value) {
        return 0;
    }
    if (tb_map_btf(self, &own) < 0) {
        return -1;
    }
    if (own == NULL) {
        return 0;
    }
    if (has_key && tb_record_codec_of(own, info->btf_key_type_id, info->key_size,
                                      &self->key) < 0) {
        return -1;
    }
    if (has_value && tb_record_codec_of(own, info->btf_value_type_id, info->value_size,
                                        &self->value) < 0) {
        return -1;
    }
    return 0;
}

/* Say what keys and values are; 0, or -1 with an exception. */
static int
name_types(BpfMap *self, const struct bpf_map_info *info, const struct btf *btf)
{
    PyObject *key, *value;

    Py_CLEAR(self->types);
    if (btf == NULL || info->btf_key_type_id == 0 || info->btf_value_type_id == 0) {
        self->types = PyUnicode_FromFormat(", key_size=%u, value_size=%u",
                                           info->key_size, info->value_size);
        return self->types ? 0 : -1;
    }
    key = tb_btf_spell_short(btf, info->btf_key_type_id);
    value = key ? tb_btf_spell_short(btf, info->btf_value_type_id) : NULL;
    if (value != NULL) {
        self->types = PyUnicode_FromFormat(" %U -> %U", key, value);
    }
    Py_XDECREF(key);
    Py_XDECREF(value);
    return self->types ? 0 : -1;
}

int
tb_map_describe(BpfMap *self, const struct bpf_map_info *info, const struct btf *btf)
{
    int n_cpus = 1;

    self->type = info->type;
    self->max_entries = info->max_entries;
    self->key_btf_id = info->btf_key_type_id;
    self->value_btf_id = info->btf_value_type_id;
    Py_CLEAR(self->key.type);
    Py_CLEAR(self->value.type);
    self->flags = info->map_flags;
    self->kind = tb_map_kind_of(info->type);
    self->absent = info->type == BPF_MAP_TYPE_SOCKMAP ? -EINVAL : 1;
    self->key = tb_scalar_codec_of(btf, info->btf_key_type_id, info->key_size);
    self->value = tb_scalar_codec_of(btf, info->btf_value_type_id, info->value_size);
    /* An index or a number, whatever its type's name. */
    if (tb_map_has_indices(self)) {
        self->key =
            (struct tb_codec){.kind = TB_CODEC_UNSIGNED, .size = info->key_size};
    }
    if (tb_map_has_numbers(self, info->value_size)) {
        self->value =
            (struct tb_codec){.kind = TB_CODEC_UNSIGNED, .size = info->value_size};
    }
    if (use_records(self, info, btf) < 0 || name_types(self, info, btf) < 0) {
        return -1;
    }
    self->n_values = 1;
    self->span = info->value_size;
    if (!tb_map_is_percpu(self)) {
        return 0;
    }
    n_cpus = libbpf_num_possible_cpus();
    if (n_cpus <= 0) {
        tb_error_libbpf(tb_state_of(self), n_cpus, NULL,
                        "count of possible CPUs for map %R", self->name);
        return -1;
    }
    self->n_values = (uint32_t)n_cpus;
    self->span = (info->value_size + 7) / 8 * 8 * (uint32_t)n_cpus;
    return 0;
}

int
tb_map_encode_key(const BpfMap *self, PyObject *key, void *out)
{
    int rc = self->kind && self->kind->encode_key
                 ? self->kind->encode_key(self, key, out)
                 : 0;

    if (rc != 0) {
        return rc < 0 ? -1 : 0;
    }
    return tb_codec_encode(&self->key, &(struct tb_path){.name = "Key"}, key, out);
}

PyObject *
tb_map_decode_key(const BpfMap *self, const void *data)
{
    return tb_codec_decode(&self->key, data);
}

static size_t
value_stride(const BpfMap *self)
{
    return self->span / self->n_values;
}

int
tb_map_encode_one(const BpfMap *self, PyObject *value, void *out)
{
    int rc = self->kind && self->kind->encode_value
                 ? self->kind->encode_value(self, value, out)
                 : 0;

    if (rc != 0) {
        return rc < 0 ? -1 : 0;
    }
    return tb_codec_encode(&self->value, &(struct tb_path){.name = "Value"}, value,
                           out);
}

PyObject *
tb_map_decode_one(const BpfMap *self, const void *data)
{
    if (self->kind != NULL && self->kind->decode_value != NULL) {
        return self->kind->decode_value(self, data);
    }
    return tb_codec_decode(&self->value, data);
}

/* One value per possible CPU, from a sequence of them. */
static int
encode_per_cpu(const BpfMap *self, PyObject *values, char *out)
{
    PyObject *list = PySequence_List(values);
    Py_ssize_t n = list ? PyList_Size(list) : -1;
    int rc = list ? 0 : -1;

    if (list != NULL && n != (Py_ssize_t)self->n_values) {
        PyErr_Format(PyExc_ValueError,
                     "Value size mismatch: expected %u values, one per possible CPU, "
                     "got %zd",
                     self->n_values, n);
        rc = -1;
    }
    memset(out, 0, self->span);
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
    for (uint32_t i = 0; list != NULL && i < self->n_values; i++) {
        PyObject *value =
            tb_map_decode_one(self, (const char *)data + i * value_stride(self));

        if (value == NULL || PyList_Append(list, value) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(value);
    }
    return list;
}
