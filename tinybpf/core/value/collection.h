/* SPDX-License-Identifier: MIT
 *
 * TypeCollection: the classes of a BTF's types by name, `obj.types` and `btf.classes`.
 */
#ifndef TB_VALUE_COLLECTION_H
#define TB_VALUE_COLLECTION_H

#include "btf/btf.h"

PyObject *tb_value_types_new(Btf *btf);

/* The id of a name as below; 0 if there is none. */
uint32_t tb_value_types_id(const struct btf *btf, const char *name);

/* The class of a name, "event" or "struct event": a new reference; NULL with KeyError
 * if there is none. */
PyObject *tb_value_types_find(Btf *btf, PyObject *name);

int tb_value_types_add(PyObject *module);

#endif
