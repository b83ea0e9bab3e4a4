/* SPDX-License-Identifier: MIT
 *
 * The class of btf.h as Python sees it.
 */
#ifndef TB_BTF_CLASS_H
#define TB_BTF_CLASS_H

#include "abi3.h"

int tb_btf_class_add(PyObject *module);

#endif
