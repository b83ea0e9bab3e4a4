/* SPDX-License-Identifier: MIT
 *
 * struct_ops: a map that is a table of programs which the kernel calls.
 */
#ifndef TB_ATTACH_STRUCT_OPS_H
#define TB_ATTACH_STRUCT_OPS_H

#include "owner/object.h"

/* BpfMap.attach_struct_ops(). */
PyObject *tb_struct_ops_attach(PyObject *map, PyObject *unused);

/* BpfProgram.assoc_struct_ops(map): its kfuncs find the struct_ops that it serves. */
PyObject *tb_struct_ops_associate(PyObject *program, PyObject *map);

/* Whether the object's attach() is to attach the map of that index. */
int tb_struct_ops_is_wanted(const BpfObject *object, size_t index);

#endif
