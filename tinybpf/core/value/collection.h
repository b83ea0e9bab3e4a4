/* SPDX-License-Identifier: MIT
 *
 * TypeCollection: the classes of a BTF's types by name, `obj.types` and `btf.classes`.
 */
#ifndef TB_VALUE_COLLECTION_H
#define TB_VALUE_COLLECTION_H

#include "btf/btf.h"

PyObject *tb_value_types_new(Btf *btf);

/* The id of a name as below; 0 if there is none, or with an exception of that class if
 * several differ. */
uint32_t tb_value_types_id(Btf *btf, const char *name, PyObject *error);

/* The class of a name, "event", "struct event" or, of several, "event___2", or of a
 * BtfType: a new reference; NULL with KeyError if there is none. */
PyObject *tb_value_types_find(Btf *btf, PyObject *name);

int tb_value_types_add(PyObject *module);

#endif
