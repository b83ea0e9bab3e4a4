/* SPDX-License-Identifier: MIT
 *
 * Read what quick.py has squeezed: new bytes and copies, by turns.
 *
 * It is for the modules that most starts import: inflating them would be felt, this is
 * not, and the pages that it reads are fewer than theirs. As the code that reads it,
 * the data is part of the executable: its numbers are not doubted.
 */
#include "quick.h"

#include <string.h>

enum { FIELD = 15, BYTE = 255, LEAST = 8, STEP = TBR_QUICK_SLACK };

/* Read a length that begins in a field of four bits. */
static size_t
read_length(size_t field, const unsigned char **in)
{
    size_t length = field;

    if (field == FIELD) {
        unsigned char more;

        do {
            more = *(*in)++;
            length += more;
        } while (more == BYTE);
    }
    return length;
}

/* Copy in whole steps, beyond the end if need be: most lengths are of a few bytes, for
 * which a call of memcpy() would take longer. The end of the copy. */
static char *
copy(char *out, const char *from, size_t length)
{
    char *end = out + length;

    do {
        memcpy(out, from, STEP);
        out += STEP;
        from += STEP;
    } while (out < end);
    return end;
}

/* Copy what stands `distance` bytes before out, which may be what is just written. */
static char *
copy_back(char *out, size_t distance, size_t length)
{
    if (distance >= STEP) {
        return copy(out, out - distance, length);
    }
    for (; length > 0; length--, out++) {
        *out = out[-(ptrdiff_t)distance];
    }
    return out;
}

/* As copy_back(), as far as it is out of the words: the start of `out` was at `start`.
 */
static char *
copy_words(const char *words_end, const char *start, char *out, size_t distance,
           size_t *length)
{
    size_t back = distance - (size_t)(out - start);
    size_t n = *length < back ? *length : back;

    memcpy(out, words_end - back, n);
    *length -= n;
    return out + n;
}

void
tbr_quick_read(const unsigned char *in, const char *words_end, char *out,
               const char *out_end)
{
    const char *start = out;

    for (;;) {
        unsigned char fields = *in++;
        size_t length = read_length(fields >> 4, &in);
        size_t distance;

        out = copy(out, (const char *)in, length);
        in += length;
        if (out == out_end) {
            return;
        }
        distance = in[0] | (size_t)in[1] << 8;
        in += 2;
        length = read_length(fields & FIELD, &in) + LEAST;
        if (distance > (size_t)(out - start)) {
            out = copy_words(words_end, start, out, distance, &length);
        }
        if (length > 0) {
            out = copy_back(out, distance, length);
        }
    }
}
