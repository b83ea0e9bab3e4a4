/* SPDX-License-Identifier: MIT
 *
 * What a map says of itself.
 */
#ifndef TB_MAP_ABOUT_H
#define TB_MAP_ABOUT_H

#include "owner/map.h"

/* The properties of BpfMap. (Their types are Python's: not const.) */
extern PyMemberDef tb_map_members[];
extern PyGetSetDef tb_map_getset[];

/* <BpfMap 'counts' HASH, key_size=4, value_size=8, max_entries=1024, fd=5> */
PyObject *tb_map_repr(PyObject *self);

#endif
