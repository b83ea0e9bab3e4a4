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

const char *
tb_text_between(const char *text, const char *mark, const char *end, char *out,
                size_t size)
{
    const char *found = strstr(text, mark);
    const char *begin = found ? found + strlen(mark) : NULL;
    const char *stop = begin ? strstr(begin, end) : NULL;

    if (stop == NULL) {
        return NULL;
    }
    snprintf(out, size, "%.*s", (int)(stop - begin), begin);
    return found;
}

const char *
tb_text_line(const char *text, const char *at)
{
    while (at > text && at[-1] != '\n') {
        at--;
    }
    return at;
}

const char *
tb_text_line_before(const char *text, const char *at)
{
    const char *line = tb_text_line(text, at);

    return line > text ? tb_text_line(text, line - 1) : NULL;
}

size_t
tb_text_character(const char *text, size_t n)
{
    const unsigned char *at = (const unsigned char *)text;

    static const struct {
        unsigned char mask, lead, n;
        unsigned int least;
    } forms[] = {
        {0x80, 0x00, 1, 0},
        {0xe0, 0xc0, 2, 0x80},
        {0xf0, 0xe0, 3, 0x800},
        {0xf8, 0xf0, 4, 0x10000},
    };

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        unsigned int code = at[0] & (unsigned char)~forms[i].mask, k = 1;

        if ((at[0] & forms[i].mask) != forms[i].lead || forms[i].n > n) {
            continue;
        }
        for (; k < forms[i].n && (at[k] & 0xc0) == 0x80; k++) {
            code = code << 6 | (at[k] & 0x3f);
        }
        return k == forms[i].n && code >= forms[i].least && code <= 0x10ffff &&
                       (code < 0xd800 || code > 0xdfff)
                   ? k
                   : 0;
    }
    return 0;
}

int
tb_text_is_shown_as(const char *raw, const char *shown)
{
    while (*raw != '\0') {
        size_t n = tb_text_character(raw, strnlen(raw, 4));
        char escape[5];

        if (n == 0) {
            snprintf(escape, sizeof(escape), "\\x%02x", (unsigned char)*raw);
        }
        if (strncmp(shown, n > 0 ? raw : escape, n > 0 ? n : 4) != 0) {
            return 0;
        }
        raw += n > 0 ? n : 1;
        shown += n > 0 ? n : 4;
    }
    return *shown == '\0';
}

int
tb_text_add_shown(struct tb_text *text, const char *raw, size_t n)
{
    char escape[5];

    for (size_t i = 0, k; i < n && text->err == 0; i += k) {
        k = tb_text_character(raw + i, n - i);
        if (k == 0) {
            snprintf(escape, sizeof(escape), "\\x%02x", (unsigned char)raw[i]);
        }
        tb_text_add(text, k > 0 ? raw + i : escape, k > 0 ? k : 4);
        k += k == 0;
    }
    return text->err;
}
