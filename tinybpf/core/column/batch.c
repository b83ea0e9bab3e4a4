/* SPDX-License-Identifier: MIT
 *
 * Batches of columns (column/batch.h).
 */
#include "column/batch.h"

#include "column/scatter.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_CAP 64

struct tb_column_batch *
tb_column_batch_new(struct tb_column_plan *plan)
{
    struct tb_column_batch *batch = calloc(1, sizeof(*batch));

    if (batch == NULL) {
        return NULL;
    }
    batch->data = calloc(plan->n ? plan->n : 1, sizeof(*batch->data));
    if (batch->data == NULL) {
        free(batch);
        return NULL;
    }
    batch->n_users = 1;
    batch->plan = tb_column_plan_use(plan);
    return batch;
}

struct tb_column_batch *
tb_column_batch_use(struct tb_column_batch *batch)
{
    batch->n_users++;
    return batch;
}

void
tb_column_batch_drop(struct tb_column_batch *batch)
{
    if (batch == NULL || --batch->n_users > 0) {
        return;
    }
    for (uint32_t i = 0; i < batch->plan->n; i++) {
        free(batch->data[i]);
    }
    free(batch->data);
    tb_column_plan_drop(batch->plan);
    free(batch);
}

/* What is grown is at least doubled, so that many small additions stay cheap; memory
 * that no row was written to costs nothing. */
int
tb_column_batch_reserve(struct tb_column_batch *batch, size_t n)
{
    size_t row = batch->plan->row ? batch->plan->row : 1;
    size_t cap = batch->cap ? batch->cap * 2 : n;

    if (n <= batch->cap - batch->n) {
        return 0;
    }
    if (n > PTRDIFF_MAX / row / 2 - batch->n) {
        return -ENOMEM;
    }
    if (cap < batch->n + n) {
        cap = batch->n + n;
    }
    cap = cap < FIRST_CAP ? FIRST_CAP : cap;
    for (uint32_t i = 0; i < batch->plan->n; i++) {
        unsigned char *data =
            realloc(batch->data[i], cap * batch->plan->columns[i].width);

        if (data == NULL) {
            return -ENOMEM;
        }
        batch->data[i] = data;
    }
    batch->cap = cap;
    return 0;
}

int
tb_column_batch_add(struct tb_column_batch *batch, struct tb_column_block *block)
{
    const struct tb_column_plan *plan = batch->plan;
    int err = tb_column_batch_reserve(batch, block->n);

    if (err < 0) {
        return err;
    }
    for (uint32_t i = 0; i < plan->n; i++) {
        const struct tb_column *column = &plan->columns[i];

        tb_column_scatter(column, plan->part_sizes[column->part],
                          block->parts[column->part], block->n,
                          batch->data[i] + batch->n * column->width);
    }
    batch->n += block->n;
    block->n = 0;
    return 0;
}
