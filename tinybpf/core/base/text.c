/* SPDX-License-Identifier: MIT
 *
 * Growing text (base/text.h): its memory is doubled when it is full.
 */
#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Make room for n more bytes and a NUL; 0 or text->err. */
static int
reserve(struct tb_text *text, size_t n)
{
    size_t cap = text->cap ? text->cap : 256;
    char *data;

    if (text->err == 0 && text->max != 0 && n >= text->max - text->len) {
        text->err = -E2BIG;
    }
    if (text->err < 0) {
        return text->err;
    }
    while (cap - text->len <= n) {
        cap *= 2;
    }
    if (cap == text->cap) {
        return 0;
    }
    data = realloc(text->data, cap);
    if (data == NULL) {
        text->err = -ENOMEM;
        return text->err;
    }
    text->data = data;
    text->cap = cap;
    return 0;
}

int
tb_text_add(struct tb_text *text, const char *more, size_t n)
{
    if (reserve(text, n) == 0) {
        memcpy(text->data + text->len, more, n);
        text->len += n;
        text->data[text->len] = '\0';
    }
    return text->err;
}

int
tb_text_add_format(struct tb_text *text, const char *format, va_list args)
{
    va_list again;
    int n;

    va_copy(again, args);
    n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (n > 0 && reserve(text, (size_t)n) == 0) {
        vsnprintf(text->data + text->len, (size_t)n + 1, format, args);
        text->len += (size_t)n;
    }
    return text->err;
}

void
tb_text_free(struct tb_text *text)
{
    free(text->data);
    *text = (struct tb_text){.max = text->max};
}
