/* SPDX-License-Identifier: MIT
 *
 * Maps of which it is known what their keys and values are: those of an object, those
 * that stand alone, and the same maps with the types that a program wants.
 */
#ifndef TB_MAP_DESCRIBE_H
#define TB_MAP_DESCRIBE_H

#include "owner/map.h"

struct bpf_map_info;

/* The map number index of an open object: the living one, or a new one. */
PyObject *tb_map_get(BpfObject *object, size_t index);

/* Take over what a setting, or loading, has changed of a map of an object; 0, or -1
 * with an exception. */
int tb_map_refresh(BpfMap *self);

/* A stand-alone map, which owns the descriptor (-1: it waits to be opened); takes it
 * also when it fails. btf may be NULL. */
PyObject *tb_map_new_steal(struct tb_state *state, int fd,
                           const struct bpf_map_info *info, struct Btf *btf);

/* Take over the types of a stand-alone map that was made without them; btf may be NULL.
 * 0, or -1 with an exception. */
int tb_map_learn(BpfMap *self, const struct bpf_map_info *info, struct Btf *btf);

/* What a program asks for. */
struct tb_map_types {
    PyObject *key, *value; /* borrowed; NULL: as it is */
    int check_names;       /* of fields, against BTF */
};

/* Give a map these types; 0, or -1 with an exception, and then it is unchanged. */
int tb_map_set_types(BpfMap *self, const struct tb_map_types *types);

/* Give a map of an object the classes that were registered for the types of its keys
 * and values; 0, or -1 with an exception. */
int tb_map_use_classes(BpfMap *self);

/* BpfMap.typed(). */
PyObject *tb_map_typed(PyObject *self, PyObject *args, PyObject *kwargs);

#endif
