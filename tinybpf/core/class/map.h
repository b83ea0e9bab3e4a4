/* SPDX-License-Identifier: MIT
 *
 * The class of owner/map.h as Python sees it.
 */
#ifndef TB_CLASS_MAP_H
#define TB_CLASS_MAP_H

#include "base/abi3.h"

int tb_map_add(PyObject *module);

#endif
