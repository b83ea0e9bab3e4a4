/* SPDX-License-Identifier: MIT
 *
 * Writing of flatbuffers, as much as Arrow's messages need: tables, and vectors of
 * them. Written from the front to the back, what is referred to behind what refers to
 * it. Pure C. A lack of memory is kept in the text.
 */
#ifndef TB_COLUMN_FLAT_H
#define TB_COLUMN_FLAT_H

#include "base/text.h"

#include <stdint.h>

#define TB_FLAT_FIELDS 8

/* A table that was written: where each of its fields is. */
struct tb_flat_table {
    size_t fields[TB_FLAT_FIELDS];
};

/* Write a table whose fields, by number, take so many bytes, 0 for those that are left
 * out; all bytes are 0. It is what `from` refers to (a place; SIZE_MAX: nothing does).
 */
struct tb_flat_table tb_flat_table(struct tb_text *text, size_t from,
                                   const uint8_t *sizes, int n);

/* Write a field of a table. */
void tb_flat_set(struct tb_text *text, size_t place, uint64_t value, uint8_t size);

/* Write what a place refers to: a string; a vector of n elements of size bytes each,
 * all 0, whose first place is returned, a multiple of 8. */
void tb_flat_string(struct tb_text *text, size_t from, const char *string);
size_t tb_flat_vector(struct tb_text *text, size_t from, uint32_t n, uint32_t size);

/* Fill up to a multiple of 8. */
void tb_flat_align(struct tb_text *text);

#endif
