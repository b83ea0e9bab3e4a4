/* SPDX-License-Identifier: MIT
 *
 * Conversions for Arrow (column/convert.h).
 */
#include "column/convert.h"

#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_ROOM 24

/* The bytes that a text takes once all of it is UTF-8. */
static size_t
shown_size(const char *text, size_t n)
{
    size_t size = 0;

    for (size_t i = 0, k; i < n; i += k) {
        k = (text[i] & 0x80) == 0 ? 1 : tb_text_character(text + i, n - i);
        size += k > 0 ? k : 4;
        k += k == 0;
    }
    return size;
}

/* Write a text that takes shown bytes; it is mostly as it was. */
static void
write_shown(const char *text, size_t n, size_t shown, char *out)
{
    static const char digits[] = "0123456789abcdef";

    if (shown == n) {
        memcpy(out, text, n);
        return;
    }
    for (size_t i = 0, k; i < n; i += k) {
        k = tb_text_character(text + i, n - i);
        if (k > 0) {
            memcpy(out, text + i, k);
            out += k;
            continue;
        }
        k = 1;
        *out++ = '\\';
        *out++ = 'x';
        *out++ = digits[(unsigned char)text[i] >> 4];
        *out++ = digits[(unsigned char)text[i] & 15];
    }
}

int
tb_column_convert_texts(const unsigned char *from, uint32_t size, size_t n,
                        struct tb_column_texts *out)
{
    const char *texts = (const char *)from;
    size_t sum = 0;

    out->data = NULL;
    out->offsets = malloc((n + 1) * sizeof(*out->offsets));
    if (out->offsets == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < n && sum <= INT32_MAX; i++) {
        const char *text = texts + i * size;

        out->offsets[i] = (int32_t)sum;
        sum += shown_size(text, strnlen(text, size));
    }
    out->offsets[n] = (int32_t)sum;
    out->data = sum <= INT32_MAX ? malloc(sum + 1) : NULL;
    if (out->data == NULL) {
        free(out->offsets);
        return sum <= INT32_MAX ? -ENOMEM : -E2BIG;
    }
    for (size_t i = 0; i < n; i++) {
        const char *text = texts + i * size;

        write_shown(text, strnlen(text, size),
                    (size_t)(out->offsets[i + 1] - out->offsets[i]),
                    out->data + out->offsets[i]);
    }
    return 0;
}

int
tb_column_convert_bits(const unsigned char *from, size_t n, unsigned char **out)
{
    unsigned char *bits = calloc(n / 8 + 1, 1);

    for (size_t i = 0; bits != NULL && i < n; i++) {
        bits[i / 8] |= (unsigned char)((from[i] != 0) << i % 8);
    }
    *out = bits;
    return bits ? 0 : -ENOMEM;
}

/* The number at a place in memory, cut as those of members are. */
static uint64_t
number_at(const unsigned char *from, uint32_t size)
{
    uint16_t v16;
    uint32_t v32;
    uint64_t v64;

    switch (size) {
    case 1:
        return *from;
    case 2:
        memcpy(&v16, from, sizeof(v16));
        return v16;
    case 4:
        memcpy(&v32, from, sizeof(v32));
        return v32;
    default:
        memcpy(&v64, from, sizeof(v64));
        return v64;
    }
}

static int
by_number(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

    return a < b ? -1 : a > b;
}

/* The values that no member has, each once, sorted: 0 or -ENOMEM. */
static int
find_strangers(const struct tb_column *column, const unsigned char *from, size_t n,
               uint64_t **out, size_t *out_n)
{
    uint64_t *strangers = NULL, last = 0;
    size_t found = 0, kept = 0, cap = 0;

    for (size_t i = 0; i < n; i++) {
        uint64_t number = number_at(from + i * column->size, column->size);

        if ((found > 0 && number == last) || tb_column_member(column, number) != NULL) {
            continue;
        }
        if (found == cap) {
            uint64_t *more = realloc(strangers, (cap = cap * 2 + 16) * sizeof(*more));

            if (more == NULL) {
                free(strangers);
                return -ENOMEM;
            }
            strangers = more;
        }
        strangers[found++] = last = number;
    }
    if (found > 0) {
        qsort(strangers, found, sizeof(*strangers), by_number);
    }
    for (size_t i = 0; i < found; i++) {
        if (kept == 0 || strangers[kept - 1] != strangers[i]) {
            strangers[kept++] = strangers[i];
        }
    }
    *out = strangers;
    *out_n = kept;
    return 0;
}

/* A number as its type in C has it. */
static const char *
number_text(const struct tb_column *column, uint64_t number, char *out)
{
    unsigned int over = 64 - 8 * column->size;

    if (column->is_signed) {
        snprintf(out, NUMBER_ROOM, "%" PRId64, (int64_t)(number << over) >> over);
    }
    else {
        snprintf(out, NUMBER_ROOM, "%" PRIu64, number);
    }
    return out;
}

/* Append a text; 0, -ENOMEM or -E2BIG. */
static int
append(struct tb_text *text, const char *more)
{
    return tb_text_add(text, more, strlen(more));
}

/* The texts of the members and of the strangers. */
static int
write_dictionary(const struct tb_column *column, const uint64_t *strangers, size_t n,
                 struct tb_column_texts *out)
{
    struct tb_text text = {.max = INT32_MAX};
    char number[NUMBER_ROOM];
    size_t at = 0;

    out->offsets = malloc((column->n_members + n + 1) * sizeof(*out->offsets));
    if (out->offsets == NULL || append(&text, "") < 0) {
        free(out->offsets);
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < column->n_members; i++) {
        out->offsets[at++] = (int32_t)text.len;
        append(&text, column->members[i].name);
    }
    for (size_t i = 0; i < n; i++) {
        out->offsets[at++] = (int32_t)text.len;
        append(&text, number_text(column, strangers[i], number));
    }
    out->offsets[at] = (int32_t)text.len;
    out->data = text.data;
    if (text.err < 0) {
        free(out->offsets);
        tb_text_free(&text);
    }
    return text.err;
}

/* The index of a number in the dictionary. */
static int32_t
index_of(const struct tb_column *column, const uint64_t *strangers, size_t n,
         uint64_t number)
{
    const struct tb_column_member *member = tb_column_member(column, number);
    const uint64_t *found;

    if (member != NULL) {
        return (int32_t)(member - column->members);
    }
    found = bsearch(&number, strangers, n, sizeof(*strangers), by_number);
    return (int32_t)(column->n_members + (size_t)(found - strangers));
}

/* Runs of one value, which are common, are looked up once. */
int
tb_column_convert_enum(const struct tb_column *column, const unsigned char *from,
                       size_t n, struct tb_column_names *out)
{
    uint64_t *strangers = NULL, last = 0;
    int32_t *indices = malloc((n + 1) * sizeof(*indices));
    size_t n_strangers = 0;
    int err =
        indices ? find_strangers(column, from, n, &strangers, &n_strangers) : -ENOMEM;

    if (err == 0) {
        err = n_strangers > INT32_MAX - column->n_members
                  ? -E2BIG
                  : write_dictionary(column, strangers, n_strangers, &out->texts);
    }
    for (size_t i = 0; err == 0 && i < n; i++) {
        uint64_t number = number_at(from + i * column->size, column->size);

        indices[i] = i > 0 && number == last
                         ? indices[i - 1]
                         : index_of(column, strangers, n_strangers, number);
        last = number;
    }
    free(strangers);
    if (err < 0) {
        free(indices);
        return err;
    }
    out->indices = indices;
    out->n_texts = column->n_members + n_strangers;
    return 0;
}
