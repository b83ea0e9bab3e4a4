/* SPDX-License-Identifier: MIT
 *
 * BpfMap: one map, used as a dictionary.
 */
#ifndef TB_MAP_H
#define TB_MAP_H

#include "codec.h"
#include "object.h"

struct bpf_map;
struct btf;

typedef struct {
    PyObject_HEAD
    BpfObject *object; /* owned; NULL once finalised */
    size_t index;      /* its slot in object->maps */
    PyObject *name;    /* owned; str */
    int fd;            /* borrowed from the object, valid while it is open */
    uint32_t type;     /* enum bpf_map_type */
    uint32_t max_entries;
    uint32_t n_values; /* values of one key: 1, or the possible CPUs if per-CPU */
    uint32_t span;     /* bytes of the values of one key as the kernel copies them */
    struct tb_codec key, value;
} BpfMap;

/* The map number index of an open object: the living one, or a new one. */
PyObject *tb_map_get(BpfObject *object, size_t index);

/* The descriptor, or -1 with BpfClosedError set. */
int tb_map_fd(BpfMap *self);

/* Fill in what the kernel and BTF say of the map; 0, or -1 with an exception. */
int tb_map_describe(BpfMap *self, const struct bpf_map *handle, const struct btf *btf);

/* Whether its keys are indices, all of them always there. */
int tb_map_is_array(const BpfMap *self);

/* Between Python values and what the kernel copies; span bytes for values. */
int tb_map_encode_key(const BpfMap *self, PyObject *key, void *out);
int tb_map_encode_value(const BpfMap *self, PyObject *value, void *out);
PyObject *tb_map_decode_key(const BpfMap *self, const void *data);
PyObject *tb_map_decode_value(const BpfMap *self, const void *data);

int tb_map_add(PyObject *module);

#endif
