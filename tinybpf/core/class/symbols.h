/* SPDX-License-Identifier: MIT
 *
 * What Python sees of Symbols.
 */
#ifndef TB_CLASS_SYMBOLS_H
#define TB_CLASS_SYMBOLS_H

#include "base/abi3.h"

int tb_symbols_class_add(PyObject *module);

#endif
