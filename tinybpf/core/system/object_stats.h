/* SPDX-License-Identifier: MIT
 *
 * What was not seen of what an object's programs ran into and sent.
 */
#ifndef TB_SYSTEM_OBJECT_STATS_H
#define TB_SYSTEM_OBJECT_STATS_H

#include "base/abi3.h"

/* A method of BpfObject: stats() -> ObjectStats. */
PyObject *tb_object_stats_make(PyObject *op, PyObject *unused);

/* _dropped(map): how many records a program says that it dropped for want of room. */
PyObject *tb_object_stats_dropped(PyObject *module, PyObject *map);

#endif
