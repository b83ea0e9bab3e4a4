/* SPDX-License-Identifier: MIT
 *
 * A batch of columns: a buffer for each column of a plan, with so many rows. Filled by
 * one, then shared by all who hold it, on any thread: it is counted, and changes no
 * more. Pure C: no Python.
 */
#ifndef TB_COLUMN_BATCH_H
#define TB_COLUMN_BATCH_H

#include "column/plan.h"

/* Rows that are added at once, at most. */
#define TB_COLUMN_BLOCK 512

struct tb_column_batch {
    _Atomic uint32_t n_users;
    struct tb_column_plan *plan; /* counted there */
    size_t n, cap;               /* rows that are there, that there is room for */
    unsigned char **data;        /* owned array of owned; NULL: no room yet */
};

/* The entries of a block: where each part of each of them lies. */
struct tb_column_block {
    const unsigned char *parts[3][TB_COLUMN_BLOCK];
    size_t n;
};

/* A batch without rows, for one user; NULL: no memory. */
struct tb_column_batch *tb_column_batch_new(struct tb_column_plan *plan);
struct tb_column_batch *tb_column_batch_use(struct tb_column_batch *batch);
void tb_column_batch_drop(struct tb_column_batch *batch); /* NULL: nothing */

/* Make room for n more rows; 0 or -ENOMEM. */
int tb_column_batch_reserve(struct tb_column_batch *batch, size_t n);

/* Add the rows of a block, whose parts can be read up to the sizes that the plan says,
 * and empty it: 0 or -ENOMEM. */
int tb_column_batch_add(struct tb_column_batch *batch, struct tb_column_block *block);

#endif
