/* SPDX-License-Identifier: MIT
 *
 * Target of libFuzzer: BTF of any kind is checked, parsed and laid out, and values of
 * all its types are walked, in as many bytes as each needs and no more. The values
 * are made of what lies behind the BTF.
 */
#include "value/bits.h"
#include "btf/check.h"
#include "btf/layout.h"
#include "base/libbpf.h"
#include "input.h"
#include "watch.h"

#include <stdlib.h>
#include <string.h>

#define MAX_SIZE (1u << 16)   /* of a value that is walked */
#define MAX_VISITS (1u << 18) /* of one input */

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

static void
walk_type(const struct tb_layout *layout, const uint8_t *values, size_t n_values)
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
            walk_type(layout, input->object, input->n_object);
        }
    }
    tb_layout_free_all(&table);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct btf *btf = NULL;
    struct input input;
    char text[256];

    if (input_copy(&input, data, size) < 0) {
        return -1;
    }
    watch_begin();
    libbpf_set_print(NULL);
    if (tb_btf_check(input.btf, input.n_btf, NULL, text, sizeof(text)) == NULL) {
        btf = btf__new(input.btf, (uint32_t)input.n_btf);
    }
    if (btf != NULL) {
        walk_all(btf, &input);
        btf__free(btf);
    }
    watch_end();
    input_free(&input);
    return btf != NULL ? 0 : -1;
}
