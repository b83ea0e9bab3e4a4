/* SPDX-License-Identifier: MIT
 *
 * The Python types of a map's keys and values, where a program says them: typed(),
 * open_pinned_map(), BpfObject.register_type().
 */
#ifndef TB_MAP_DESCRIBE_H
#define TB_MAP_DESCRIBE_H

#include "owner/map.h"

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

/* Method. */
PyObject *tb_map_typed(PyObject *op, PyObject *args, PyObject *kwargs);

#endif
