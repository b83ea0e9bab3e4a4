/* SPDX-License-Identifier: MIT
 *
 * Make a module's source whole again.
 *
 * A third of a source are docstrings and names that its code has, too. So the source is
 * told as copies out of the code and the text between them, and that is squeezed
 * (solid.h). As the code that reads it, it is part of the
 * executable: the numbers are not doubted.
 */
#include "fold.h"

#include "table.h"

#include <stdlib.h>
#include <string.h>

/* Read a number of bytes of seven bits, the lowest first. */
static size_t
read_number(const unsigned char **at)
{
    size_t value = 0;
    int shift = 0;

    while (**at > 0x7f) {
        value |= (size_t)(*(*at)++ & 0x7f) << shift;
        shift += 7;
    }
    return value | (size_t)*(*at)++ << shift;
}

/* Write the source of out_end - out bytes: by turns some of the text, and a copy from
 * the code, at a distance from the end of the one before. */
static void
unfold(const unsigned char *numbers, const char *text, const char *code, char *out,
       const char *out_end)
{
    for (;;) {
        size_t length = read_number(&numbers);
        size_t distance;

        memcpy(out, text, length);
        text += length;
        out += length;
        if (out == out_end) {
            return;
        }
        length = read_number(&numbers);
        distance = read_number(&numbers);
        code += distance & 1 ? -(ptrdiff_t)(distance >> 1) : (ptrdiff_t)(distance >> 1);
        memcpy(out, code, length);
        code += length;
        out += length;
    }
}

char *
tbr_fold_open(const struct tbr_packed *source, const struct tbr_packed *code,
              size_t *out_size)
{
    char *told_copy = NULL, *code_copy = NULL, *out = NULL;
    const char *told = tbr_packed_open(source, NULL, &told_copy);
    const char *copied = tbr_packed_open(code, &tbr_code_words, &code_copy);

    if (told != NULL && copied != NULL) {
        const unsigned char *numbers = (const unsigned char *)told;
        size_t size = read_number(&numbers);
        size_t numbers_size = read_number(&numbers);

        out = malloc(size);
        if (out != NULL) {
            unfold(numbers, (const char *)numbers + numbers_size, copied, out,
                   out + size);
            *out_size = size;
        }
    }
    tbr_packed_close(code_copy);
    tbr_packed_close(told_copy);
    return out;
}
