/* SPDX-License-Identifier: MIT
 *
 * Batches of columns as arrays and streams of Arrow. Pure C: releases may come from any
 * thread, without the GIL.
 */
#ifndef TB_COLUMN_ARROW_H
#define TB_COLUMN_ARROW_H

#include "column/arrow_abi.h"
#include "column/batch.h"

/* Rows that fit into one array, whatever is in them: texts have offsets of 31 bits. */
size_t tb_arrow_rows_max(const struct tb_column_plan *plan);

/* Rows of a batch as a struct array, which holds the batch; numbers and bytes are the
 * batch's own memory, the others are converted. 0, -ENOMEM, or -E2BIG: texts of more
 * than 31 bits. */
int tb_arrow_array_make(struct tb_column_batch *batch, size_t first, size_t n,
                        struct tb_arrow_array *out);

/* All rows of a batch as a stream: 0 or -ENOMEM. */
int tb_arrow_stream_make(struct tb_column_batch *batch, struct tb_arrow_stream *out);

#endif
