/* SPDX-License-Identifier: MIT
 *
 * The class of owner/object.h as Python sees it.
 */
#ifndef TB_CLASS_OBJECT_H
#define TB_CLASS_OBJECT_H

#include "base/abi3.h"

int tb_object_class_add(PyObject *module);

#endif
