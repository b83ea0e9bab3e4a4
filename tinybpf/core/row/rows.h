/* SPDX-License-Identifier: MIT
 *
 * Rows: records of one type as lines of text, for a table or as JSON, many of them in
 * one call and without an object of Python for any.
 */
#ifndef TB_ROW_ROWS_H
#define TB_ROW_ROWS_H

#include "base/abi3.h"

int tb_rows_add(PyObject *module);

#endif
