/* SPDX-License-Identifier: MIT
 *
 * What Python sees of Columns.
 */
#ifndef TB_CLASS_COLUMNS_H
#define TB_CLASS_COLUMNS_H

#include "base/abi3.h"

int tb_columns_class_add(PyObject *module);

#endif
