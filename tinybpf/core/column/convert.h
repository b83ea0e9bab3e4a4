/* SPDX-License-Identifier: MIT
 *
 * Elements of columns that Arrow has in another form: texts, truth values and enums.
 * Pure C. What is made is owned by the caller; on failure there is nothing to free. All
 * return 0, -ENOMEM, or -E2BIG: texts of more than 31 bits.
 */
#ifndef TB_COLUMN_CONVERT_H
#define TB_COLUMN_CONVERT_H

#include "column/plan.h"

/* Texts, one behind the other: text i from offsets[i] to offsets[i + 1]. */
struct tb_column_texts {
    int32_t *offsets;
    char *data;
};

/* n texts of size bytes, each up to its first NUL, always UTF-8: a byte that is none as
 * \xff. */
int tb_column_convert_texts(const unsigned char *from, uint32_t size, size_t n,
                            struct tb_column_texts *out);

/* A bit for each of n bytes, the first lowest. */
int tb_column_convert_bits(const unsigned char *from, size_t n, unsigned char **out);

/* Numbers of an enum as indices of texts: of the members, then of the values that are
 * none, as decimal numbers. */
struct tb_column_names {
    int32_t *indices;
    struct tb_column_texts texts;
    size_t n_texts;
};

int tb_column_convert_enum(const struct tb_column *column, const unsigned char *from,
                           size_t n, struct tb_column_names *out);

#endif
