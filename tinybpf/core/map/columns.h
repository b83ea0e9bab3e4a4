/* SPDX-License-Identifier: MIT
 *
 * Whole maps as columns.
 */
#ifndef TB_MAP_COLUMNS_H
#define TB_MAP_COLUMNS_H

#include "base/abi3.h"

/* A method of BpfMap. */
PyObject *tb_map_read_columns(PyObject *self, PyObject *unused);

#endif
