/* SPDX-License-Identifier: MIT
 *
 * What can be set of an opened object's map before it is loaded.
 */
#ifndef TB_MAP_SETTING_H
#define TB_MAP_SETTING_H

#include "owner/map.h"

enum tb_map_setting {
    TB_MAP_TYPE,
    TB_MAP_KEY_SIZE,
    TB_MAP_VALUE_SIZE,
    TB_MAP_MAX_ENTRIES,
    TB_MAP_FLAGS,
    TB_MAP_NUMA_NODE,
    TB_MAP_EXTRA,
    TB_MAP_IFINDEX,
    TB_MAP_AUTOCREATE,
    TB_MAP_AUTOATTACH,
    TB_MAP_PIN_PATH,
    TB_MAP_INNER,
    TB_MAP_REUSE, /* a method; set like the others */
    TB_MAP_SETTING_COUNT,
};

/* Getter and setter of properties; the closure is the enum's value. Those that a map
 * remembers (type, sizes, max_entries) can be read of a closed one too. */
PyObject *tb_map_setting_get(PyObject *self, void *closure);
int tb_map_setting_set(PyObject *self, PyObject *value, void *closure);

/* Set what the dict {setting's name: value} says; 0, or -1 with an exception. */
int tb_map_setting_all(BpfMap *self, PyObject *settings);

/* BpfMap.reuse() */
PyObject *tb_map_reuse(PyObject *self, PyObject *other);

#endif
