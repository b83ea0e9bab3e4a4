/* SPDX-License-Identifier: MIT
 *
 * Text as it may be shown (value/plain.h). Runs of plain ASCII, which most text is, are
 * added at once.
 */
#include "value/plain.h"

#include <stdio.h>
#include <string.h>

/* Whether a byte stands for itself wherever it is shown. */
static int
is_plain(unsigned char byte)
{
    return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

/* The number of a character of up to three bytes; longer ones, none of which is
 * hidden, are 0. */
static unsigned int
code_of(const unsigned char *at, size_t size)
{
    switch (size) {
    case 1:
        return at[0];
    case 2:
        return (unsigned int)(at[0] & 0x1f) << 6 | (at[1] & 0x3f);
    case 3:
        return (unsigned int)(at[0] & 0x0f) << 12 | (unsigned int)(at[1] & 0x3f) << 6 |
               (at[2] & 0x3f);
    default:
        return 0;
    }
}

/* Whether a terminal obeys a character, or is led astray by it: control characters, the
 * ends of lines, and what turns the direction of text. */
static int
is_hidden(unsigned int code)
{
    static const struct {
        unsigned int first, last;
    } ranges[] = {{0x01, 0x1f},     {0x7f, 0x9f},     {0x61c, 0x61c},
                  {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069}};

    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        if (code >= ranges[i].first && code <= ranges[i].last) {
            return 1;
        }
    }
    return 0;
}

/* Add the character of size bytes (0: a byte that is none) that is no plain ASCII. */
static void
add_character(struct tb_text *text, const unsigned char *at, size_t size,
              enum tb_plain how)
{
    unsigned int code = code_of(at, size);
    int is_cell = how == TB_PLAIN_CELL;
    char escape[16];

    if (size == 0) {
        snprintf(escape, sizeof(escape), is_cell ? "\\x%02x" : "\\\\x%02x", at[0]);
    }
    else if (at[0] == 0 || is_hidden(code)) {
        snprintf(escape, sizeof(escape),
                 is_cell && code < 0x100 ? "\\x%02x" : "\\u%04x", code);
    }
    else if (!is_cell && (code == '"' || code == '\\')) {
        snprintf(escape, sizeof(escape), "\\%c", (char)code);
    }
    else {
        tb_text_add(text, (const char *)at, size);
        return;
    }
    tb_text_add(text, escape, strlen(escape));
}

int
tb_plain_add(struct tb_text *text, const char *data, size_t n, enum tb_plain how)
{
    const unsigned char *bytes = (const unsigned char *)data;
    size_t at = 0;

    while (at < n && text->err == 0) {
        size_t run = 0, size;

        while (at + run < n && is_plain(bytes[at + run])) {
            run++;
        }
        tb_text_add(text, data + at, run);
        at += run;
        if (at < n) {
            size = tb_text_character(data + at, n - at);
            add_character(text, bytes + at, size, how);
            at += size ? size : 1;
        }
    }
    return text->err;
}
