/* SPDX-License-Identifier: MIT
 *
 * Python classes of BTF types: a Record class for an aggregate, an IntEnum for an enum,
 * each made once for each Btf, when it is first needed.
 */
#ifndef TB_VALUE_CLASS_H
#define TB_VALUE_CLASS_H

#include "btf/btf.h"

/* The class of a layout of this Btf, borrowed from it; NULL with an exception. A number
 * or an array is taken for a struct that has it as its one field, `value`. The name is
 * for a type that has none of its own (NULL: none is known). */
PyObject *tb_value_class(Btf *btf, const struct tb_layout *layout, const char *name);

/* The class of a type by its id, or by the id of a typedef of it. */
PyObject *tb_value_class_by_id(Btf *btf, uint32_t type_id);

/* The member of an enum for a number, which it takes; the number if there is none. */
PyObject *tb_value_class_member_steal(Btf *btf, const struct tb_layout *layout,
                                      PyObject *number);

#endif
