/* SPDX-License-Identifier: MIT
 *
 * Target of libFuzzer: BTF of any kind is checked, parsed and laid out, and values of
 * all its types are walked, in as many bytes as each needs and no more. An input is raw
 * BTF with the bytes of the values behind it.
 */
#include "value/bits.h"
#include "btf/check.h"
#include "btf/layout.h"
#include "base/libbpf.h"

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

/* In place of the one in libbpf.c, which is not linked: libbpf's BTF code says here
 * what is wrong with its input. */
void
libbpf_print(enum libbpf_print_level level, const char *format, ...)
{
    (void)level;
    (void)format;
}

/* The length of the BTF at the front of an input. */
static size_t
btf_size(const uint8_t *data, size_t size)
{
    struct btf_header header;
    uint64_t n;

    if (size < sizeof(header)) {
        return size;
    }
    memcpy(&header, data, sizeof(header));
    n = (uint64_t)header.hdr_len + header.str_off + header.str_len;
    return n < size ? (size_t)n : size;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t n = btf_size(data, size);
    struct tb_layout_table table = {0};
    char text[256];
    struct btf *btf;

    if (tb_btf_check(data, n, NULL, text, sizeof(text)) != NULL) {
        return 0;
    }
    btf = btf__new(data, (uint32_t)n);
    if (btf == NULL) {
        return 0;
    }
    table.btf = btf;
    for (uint32_t id = 1; id < btf__type_cnt(btf); id++) {
        const struct tb_layout *layout = NULL;

        if (tb_layout_get(&table, id, &layout) == 0) {
            walk_type(layout, data + n, size - n);
        }
    }
    tb_layout_free_all(&table);
    btf__free(btf);
    return 0;
}
