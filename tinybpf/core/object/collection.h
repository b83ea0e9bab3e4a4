/* SPDX-License-Identifier: MIT
 *
 * ProgramCollection and MapCollection: an object's members by name.
 */
#ifndef TB_OBJECT_COLLECTION_H
#define TB_OBJECT_COLLECTION_H

#include "owner/object.h"

/* The collection of an open object; which is TB_TYPE_PROGRAMS or TB_TYPE_MAPS. */
PyObject *tb_collection_new(BpfObject *object, enum tb_type which);

/* One member by name; KeyError says what there is. */
PyObject *tb_collection_find(BpfObject *object, enum tb_type which, PyObject *name);

int tb_collection_add(PyObject *module);

#endif
