/* SPDX-License-Identifier: MIT
 *
 * Target of libFuzzer: BTF of any kind is checked, parsed and laid out, and values of
 * all its types are walked, and taken apart into columns, in as many bytes as each
 * needs and no more. The values are made of what lies behind the BTF.
 */
#include "value/bits.h"
#include "btf/layout.h"
#include "base/libbpf.h"
#include "column/arrow.h"
#include "column/arrow_schema.h"
#include "column/batch.h"
#include "column/ipc.h"
#include "input.h"

#include <stdlib.h>
#include <string.h>

#define MAX_SIZE (1u << 16)   /* of a value that is walked */
#define MAX_VISITS (1u << 18) /* of one input */
#define MAX_PARTS 4096        /* of a value that is taken apart into columns */

struct walk {
    const char *data;
    size_t size;
    unsigned int n_visits;
    volatile uint64_t sum;
};

static void visit(struct walk *walk, const struct tb_layout *layout, size_t offset);

static void
visit_field(struct walk *walk, const struct tb_field *field, size_t base)
{
    size_t offset = base + field->offset;

    walk->sum += strlen(field->name);
    if (field->bits == 0) {
        visit(walk, field->layout, offset);
    }
    else {
        walk->sum +=
            (uint64_t)tb_bits_load(walk->data + offset, field->shift, field->bits);
    }
}

/* Read all of a value: the bytes of scalars, the parts of others. */
static void
visit(struct walk *walk, const struct tb_layout *layout, size_t offset)
{
    size_t n = layout->n;

    if (walk->n_visits++ > MAX_VISITS) {
        return;
    }
    if (tb_layout_is_aggregate(layout)) {
        for (size_t i = 0; i < n; i++) {
            visit_field(walk, &layout->fields[i], offset);
        }
        return;
    }
    if (layout->kind == TB_LAYOUT_ARRAY) {
        n = layout->is_flexible ? (walk->size - offset) / layout->element->size : n;
        for (size_t i = 0; i < n; i++) {
            visit(walk, layout->element, offset + i * layout->element->size);
        }
        return;
    }
    for (size_t i = 0; i < layout->size; i++) {
        walk->sum += (unsigned char)walk->data[offset + i];
    }
}

/* Write a bitfield back as it is: nothing but its own bytes may be touched. */
static void
store_bits(const struct tb_layout *layout, char *data)
{
    for (uint32_t i = 0; tb_layout_is_aggregate(layout) && i < layout->n; i++) {
        const struct tb_field *field = &layout->fields[i];
        char *at = data + field->offset;

        if (field->bits != 0) {
            tb_wide value = tb_bits_load(at, field->shift, field->bits);

            tb_bits_store(at, field->shift, field->bits, value);
            if (tb_bits_load(at, field->shift, field->bits) != value) {
                abort();
            }
        }
    }
}

/* Sum a buffer up: tb_ipc_taker. */
static int
sum_up(void *taker, const void *data, size_t size)
{
    struct walk *walk = taker;

    for (size_t i = 0; i < size; i++) {
        walk->sum += ((const unsigned char *)data)[i];
    }
    return 0;
}

/* Read all that Arrow and its messages make of a batch. */
static void
export_batch(struct walk *walk, struct tb_column_batch *batch)
{
    struct tb_arrow_schema schema;
    struct tb_arrow_array array;
    struct tb_text text = {0};

    if (tb_arrow_schema_make(batch->plan, &schema) < 0) {
        return;
    }
    if (tb_arrow_array_make(batch, 0, batch->n, &array) == 0) {
        tb_ipc_records(&text, &schema, &array);
        tb_ipc_each(&schema, &array, sum_up, walk);
        array.release(&array);
    }
    tb_text_free(&text);
    tb_ipc_schema(&text, &schema);
    tb_text_free(&text);
    schema.release(&schema);
}

/* Take a value apart into columns of some rows. */
static void
take_apart(struct walk *walk, const struct btf *btf, const struct tb_layout *layout)
{
    struct tb_column_plan *plan = tb_column_plan_new();
    struct tb_column_batch *batch = NULL;
    struct tb_column_block block;

    if (plan != NULL && tb_column_plan_add(plan, btf, layout, "value") == 0) {
        batch = tb_column_batch_new(plan);
    }
    for (block.n = 0; block.n < 3; block.n++) {
        block.parts[0][block.n] = (const unsigned char *)walk->data;
    }
    if (batch != NULL && tb_column_batch_add(batch, &block) == 0) {
        export_batch(walk, batch);
    }
    tb_column_batch_drop(batch);
    tb_column_plan_drop(plan);
}

static void
walk_type(const struct btf *btf, const struct tb_layout *layout, const uint8_t *values,
          size_t n_values)
{
    struct walk walk = {.size = layout->size};
    char *data;

    if (layout->size > MAX_SIZE) {
        return;
    }
    data = calloc(1, layout->size + (layout->size == 0));
    if (data == NULL) {
        return;
    }
    memcpy(data, values, n_values < layout->size ? n_values : layout->size);
    walk.data = data;
    visit(&walk, layout, 0);
    store_bits(layout, data);
    if (layout->n_parts < MAX_PARTS) {
        take_apart(&walk, btf, layout);
    }
    free(data);
}

/* Lay out all types, walk a value of each. */
static void
walk_all(struct btf *btf, const struct input *input)
{
    struct tb_layout_table table = {.btf = btf};

    for (uint32_t id = 1; id < btf__type_cnt(btf); id++) {
        const struct tb_layout *layout = NULL;

        if (tb_layout_get(&table, id, &layout) == 0) {
            walk_type(btf, layout, input->object, input->n_object);
        }
    }
    tb_layout_free_all(&table);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return input_use_btf(data, size, walk_all);
}
