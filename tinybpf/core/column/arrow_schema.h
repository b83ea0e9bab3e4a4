/* SPDX-License-Identifier: MIT
 *
 * Types of columns in the words of Arrow. Pure C.
 */
#ifndef TB_COLUMN_ARROW_SCHEMA_H
#define TB_COLUMN_ARROW_SCHEMA_H

#include "column/arrow_abi.h"
#include "column/plan.h"

/* The schema of a plan: a struct with a child for each column. 0 or -ENOMEM. */
int tb_arrow_schema_make(const struct tb_column_plan *plan,
                         struct tb_arrow_schema *out);

/* Write the name of a column's type for people: "fixed_size_list<uint32>[4]". */
void tb_arrow_schema_text(const struct tb_column *column, char *out, size_t room);

#endif
