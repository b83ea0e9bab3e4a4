/* SPDX-License-Identifier: MIT
 *
 * The inner loop of columns: one field of many entries, copied into one buffer. Pure C.
 */
#ifndef TB_COLUMN_SCATTER_H
#define TB_COLUMN_SCATTER_H

#include "column/plan.h"

/* Copy a column's elements out of n entries, of which size bytes can be read each, to
 * out, which has room for them. */
void tb_column_scatter(const struct tb_column *column, uint32_t size,
                       const unsigned char *const *entries, size_t n,
                       unsigned char *out);

#endif
