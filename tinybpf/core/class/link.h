/* SPDX-License-Identifier: MIT
 *
 * The class of owner/link.h as Python sees it.
 */
#ifndef TB_CLASS_LINK_H
#define TB_CLASS_LINK_H

#include "base/abi3.h"

int tb_link_class_add(PyObject *module);

#endif
