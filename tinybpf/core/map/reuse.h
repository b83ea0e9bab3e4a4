/* SPDX-License-Identifier: MIT
 *
 * Maps that exist already and become those of an opened object: in place of one of its
 * own (reuse), or as the pattern of a map's inner maps.
 */
#ifndef TB_MAP_REUSE_H
#define TB_MAP_REUSE_H

#include "owner/map.h"

/* Take over another map, a BpfMap or a descriptor; 0, or -1 with an exception. The
 * object is opened and not loaded. */
int tb_map_reuse_set(BpfMap *self, PyObject *other);

/* The pattern: get a MapInfo or None; set from a BpfMap or a descriptor. */
PyObject *tb_map_inner_get(BpfMap *self);
int tb_map_inner_set(BpfMap *self, PyObject *other);

#endif
