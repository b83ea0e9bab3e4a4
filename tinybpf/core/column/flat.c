/* SPDX-License-Identifier: MIT
 *
 * Flatbuffers (column/flat.h): a table is an offset back to its vtable, then its
 * fields; a vtable is its own size, the table's, and where each field is. Offsets to
 * what is referred to go forward. All is little-endian, as the machines are that this
 * is built for.
 */
#include "column/flat.h"

#include <string.h>

static const char zeros[64];

static void
add_zeros(struct tb_text *text, size_t n)
{
    while (n > 0 && text->err == 0) {
        size_t part = n < sizeof(zeros) ? n : sizeof(zeros);

        tb_text_add(text, zeros, part);
        n -= part;
    }
}

/* Fill up until `ahead` bytes more would end at a multiple of 8. */
static void
pad(struct tb_text *text, size_t ahead)
{
    add_zeros(text, (8 - (text->len + ahead) % 8) % 8);
}

void
tb_flat_align(struct tb_text *text)
{
    pad(text, 0);
}

void
tb_flat_set(struct tb_text *text, size_t place, uint64_t value, uint8_t size)
{
    if (text->err == 0) {
        memcpy(text->data + place, &value, size);
    }
}

/* Let a place refer to what is written next. */
static void
refer(struct tb_text *text, size_t from)
{
    if (from != SIZE_MAX) {
        tb_flat_set(text, from, text->len - from, 4);
    }
}

/* Where each field is in a table, the largest first, so that all are aligned; the
 * table's size. */
static uint16_t
place_fields(const uint8_t *sizes, int n, uint16_t *places)
{
    uint16_t at = 4;

    for (uint8_t size = 8; size > 0; size /= 2) {
        for (int i = 0; i < n; i++) {
            if (sizes[i] != size) {
                continue;
            }
            at = (uint16_t)((at + size - 1) / size * size);
            places[i] = at;
            at = (uint16_t)(at + size);
        }
    }
    return at;
}

struct tb_flat_table
tb_flat_table(struct tb_text *text, size_t from, const uint8_t *sizes, int n)
{
    struct tb_flat_table table = {{0}};
    uint16_t vtable[2 + TB_FLAT_FIELDS] = {0};
    uint16_t size = place_fields(sizes, n, vtable + 2);
    int32_t back;
    size_t at;

    vtable[0] = (uint16_t)((2 + n) * 2);
    vtable[1] = size;
    pad(text, vtable[0]);
    tb_text_add(text, (const char *)vtable, vtable[0]);
    at = text->len; /* a multiple of 8 */
    refer(text, from);
    add_zeros(text, size);
    back = vtable[0];
    tb_flat_set(text, at, (uint32_t)back, 4);
    for (int i = 0; i < n; i++) {
        table.fields[i] = at + vtable[2 + i];
    }
    return table;
}

void
tb_flat_string(struct tb_text *text, size_t from, const char *string)
{
    uint32_t n = (uint32_t)strlen(string);

    tb_flat_align(text);
    refer(text, from);
    tb_text_add(text, (const char *)&n, sizeof(n));
    tb_text_add(text, string, n + 1);
}

size_t
tb_flat_vector(struct tb_text *text, size_t from, uint32_t n, uint32_t size)
{
    size_t first;

    pad(text, sizeof(n));
    refer(text, from);
    tb_text_add(text, (const char *)&n, sizeof(n));
    first = text->len;
    add_zeros(text, (size_t)n * size);
    return first;
}
