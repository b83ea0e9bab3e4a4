/* SPDX-License-Identifier: MIT
 *
 * Columns out of entries (column/scatter.h). Each width that is common has a loop of
 * its own, in which the compiler knows it.
 */
#include "column/scatter.h"

#include "value/bits.h"

#include <string.h>

/* Entries lie at any address. */
static inline void
copy_all(const unsigned char *const *entries, uint32_t offset, uint32_t width, size_t n,
         unsigned char *out)
{
    for (size_t i = 0; i < n; i++) {
        memcpy(out + i * width, entries[i] + offset, width);
    }
}

/* Of a width that only the call knows: eight bytes at a time, a call of memcpy() costs
 * more than what most have to copy. */
static void
copy_words(const unsigned char *const *entries, uint32_t offset, uint32_t width,
           size_t n, unsigned char *out)
{
    uint32_t n_words = width / 8, n_rest = width % 8;

    for (size_t i = 0; i < n; i++) {
        const unsigned char *from = entries[i] + offset;
        uint32_t at = 0;

        for (uint32_t k = 0; k < n_words; k++, at += 8) {
            memcpy(out + at, from + at, 8);
        }
        for (uint32_t k = 0; k < n_rest; k++, at++) {
            out[at] = from[at];
        }
        out += width;
    }
}

/* Write the low bytes of a number. */
static inline void
put(unsigned char *out, uint32_t size, tb_wide value)
{
    const unsigned char *bytes = (const unsigned char *)&value;

    memcpy(out, tb_bits_is_little_endian() ? bytes : bytes + sizeof(value) - size,
           size);
}

static void
copy_bits(const struct tb_column *column, const unsigned char *const *entries, size_t n,
          unsigned char *out)
{
    for (size_t i = 0; i < n; i++) {
        const unsigned char *from = entries[i] + column->offset;
        tb_wide value =
            column->is_signed
                ? (tb_wide)tb_bits_load_signed(from, column->shift, column->bits)
                : tb_bits_load(from, column->shift, column->bits);

        put(out + i * column->width, column->width, value);
    }
}

/* The same of fields that lie within eight bytes that can be read at once, on a
 * little-endian machine. */
static void
copy_few_bits(const struct tb_column *column, const unsigned char *const *entries,
              size_t n, unsigned char *out)
{
    unsigned int above = 64u - column->shift - column->bits, over = 64u - column->bits;

    for (size_t i = 0; i < n; i++) {
        uint64_t word;

        memcpy(&word, entries[i] + column->offset, sizeof(word));
        word <<= above;
        word = column->is_signed ? (uint64_t)((int64_t)word >> over) : word >> over;
        memcpy(out + i * column->width, &word, column->width);
    }
}

void
tb_column_scatter(const struct tb_column *column, uint32_t size,
                  const unsigned char *const *entries, size_t n, unsigned char *out)
{
    uint32_t offset = column->offset, width = column->width;

    if (column->bits != 0) {
        if (tb_bits_is_little_endian() && column->shift + column->bits <= 64 &&
            offset + 8 <= size && width <= 8) {
            copy_few_bits(column, entries, n, out);
        }
        else {
            copy_bits(column, entries, n, out);
        }
        return;
    }
    switch (width) {
    case 1:
        copy_all(entries, offset, 1, n, out);
        break;
    case 2:
        copy_all(entries, offset, 2, n, out);
        break;
    case 4:
        copy_all(entries, offset, 4, n, out);
        break;
    case 8:
        copy_all(entries, offset, 8, n, out);
        break;
    case 16:
        copy_all(entries, offset, 16, n, out);
        break;
    case 32:
        copy_all(entries, offset, 32, n, out);
        break;
    default:
        if (width <= 256) {
            copy_words(entries, offset, width, n, out);
        }
        else {
            copy_all(entries, offset, width, n, out);
        }
    }
}
