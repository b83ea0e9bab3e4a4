/* SPDX-License-Identifier: MIT
 *
 * What is particular to the kinds of map, as one table: keys and values that are more
 * than bytes and numbers, and maps that are no mappings. A hash, an array and their
 * likes have no row.
 */
#ifndef TB_MAP_KIND_H
#define TB_MAP_KIND_H

#include "map/descriptor.h"

/* Writes a Python object: 1 written, 0 it is no form of this kind (the codec shall
 * try), -1 with an exception. */
typedef int (*tb_map_encoder)(const BpfMap *map, PyObject *object, void *out);

struct tb_map_kind {
    uint32_t type;            /* enum bpf_map_type */
    const char *instead;      /* no keys, what to use; NULL: it has keys */
    const char *takes;        /* what a value can be, for messages */
    unsigned is_indexed : 1;  /* keys are indices */
    unsigned is_sparse : 1;   /* an index may be empty */
    unsigned is_number : 1;   /* a value of 4 or 8 bytes is a number */
    unsigned is_socket : 1;   /* a value is a socket; only its cookie can be read */
    unsigned is_hidden : 1;   /* values cannot be read */
    unsigned is_unlisted : 1; /* keys cannot be listed */
    enum tb_map_opens opens;
    tb_map_encoder encode_key, encode_value; /* NULL: the codec does it */
    PyObject *(*decode_value)(const BpfMap *map, const void *data);
};

/* The row of an enum bpf_map_type; NULL if it has none. */
const struct tb_map_kind *tb_map_kind_of(uint32_t type);

/* Whether keys are indices, and values of size bytes numbers, by the kind of map. */
int tb_map_has_indices(const BpfMap *self);
int tb_map_has_numbers(const BpfMap *self, uint32_t size);

/* Whether a walk has to look values up to know which indices are not empty. */
int tb_map_has_holes(const BpfMap *self);

/* Whether values or keys are descriptors, valid for the call they are made for. */
int tb_map_is_of_handles(const BpfMap *self);

/* 0 if the map can be walked, else -1 with an exception. */
int tb_map_check_walk(const BpfMap *self);

#endif
