/* SPDX-License-Identifier: MIT
 *
 * The class of owner/program.h as Python sees it.
 */
#ifndef TB_CLASS_PROGRAM_H
#define TB_CLASS_PROGRAM_H

#include "base/abi3.h"

int tb_program_class_add(PyObject *module);

#endif
