/* SPDX-License-Identifier: MIT
 *
 * IntEnums whose members are those of the bundled libbpf.
 */
#ifndef TB_BASE_ENUMS_H
#define TB_BASE_ENUMS_H

#include "base/state.h"

/* The IntEnum class, made when first asked for (a borrowed reference). */
PyObject *tb_enums_class(struct tb_state *state, enum tb_enum_class which);

/* The member of a value; a plain int if libbpf has no name for it. */
PyObject *tb_enums_member(struct tb_state *state, enum tb_enum_class which, long value);

/* Its name, as the class would say it, or the number: without the class, which takes an
 * import, as the interpreter that ends cannot make one. */
PyObject *tb_enums_name(enum tb_enum_class which, long value);

/* `__getattr__` of the module: makes the enums, and the import of enum, lazy. */
PyObject *tb_enums_getattr(PyObject *module, PyObject *name);

int tb_enums_add(PyObject *module);

#endif
