/* SPDX-License-Identifier: MIT
 *
 * The class of btf/btf.h as Python sees it.
 */
#ifndef TB_CLASS_BTF_H
#define TB_CLASS_BTF_H

#include "base/abi3.h"

int tb_btf_class_add(PyObject *module);

#endif
