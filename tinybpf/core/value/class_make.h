/* SPDX-License-Identifier: MIT
 *
 * Making of the classes of BTF types.
 */
#ifndef TB_VALUE_CLASS_MAKE_H
#define TB_VALUE_CLASS_MAKE_H

#include "base/abi3.h"

/* Let the module's state know how classes are made: those who ask for them stand below
 * the fields that are in them. */
int tb_class_make_add(PyObject *module);

#endif
