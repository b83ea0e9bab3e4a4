/* SPDX-License-Identifier: MIT
 *
 * Questions about the kind of a map that calls on it ask, and what it refuses.
 */
#ifndef TB_MAP_KIND_H
#define TB_MAP_KIND_H

#include "owner/map.h"

/* Its kind's name for messages. */
const char *tb_map_kind_name(const BpfMap *self);

/* Whether its keys are indices, all of them always there. */
int tb_map_is_array(const BpfMap *self);

/* Whether a key has a value for each possible CPU. */
static inline int
tb_map_is_percpu(const BpfMap *self)
{
    return self->traits.kind->is_percpu;
}

/* Whether it is a queue or a stack. */
int tb_map_is_queue(const BpfMap *self);

/* Whether its values are maps. */
int tb_map_is_of_maps(const BpfMap *self);

/* Whether a walk has to look values up to know which indices are not empty. */
int tb_map_has_holes(const BpfMap *self);

/* Whether values or keys are descriptors, valid for the call they are made for. */
int tb_map_is_of_descriptors(const BpfMap *self);

/* Raise for access by key to a map that has no keys; -1. */
int tb_map_refuse_key(const BpfMap *self);

/* 0 if the map can be walked, else -1 with an exception. */
int tb_map_check_walk(const BpfMap *self);

#endif
