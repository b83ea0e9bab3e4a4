/* SPDX-License-Identifier: MIT
 *
 * Text that grows at its end. Pure C: it is written without the GIL, too.
 */
#ifndef TB_BASE_TEXT_H
#define TB_BASE_TEXT_H

#include <stdarg.h>
#include <stddef.h>

/* All zero but for max, to begin with. */
struct tb_text {
    char *data;      /* owned; NULL while it is empty, else a NUL is behind it */
    size_t len, cap; /* bytes used, bytes allocated */
    size_t max;      /* bytes that it stays below; 0: as many as there is memory for */
    int err;         /* -ENOMEM or -E2BIG once something found no room: from then on
                      * nothing is added */
};

/* Add to the end; 0 or text->err. */
int tb_text_add(struct tb_text *text, const char *more, size_t n);
int tb_text_add_format(struct tb_text *text, const char *format, va_list args);

void tb_text_free(struct tb_text *text);

/* Copy what stands between a mark and the next end of a finished text, as much of it as
 * there is room for; where the mark stands, or NULL if they are not both there. */
const char *tb_text_between(const char *text, const char *mark, const char *end,
                            char *out, size_t size);

/* The line that holds a place of a text, and the one before it: where they begin; NULL
 * where there is none before it. */
const char *tb_text_line(const char *text, const char *at);
const char *tb_text_line_before(const char *text, const char *at);

/* The bytes of the character of UTF-8 that a text of n bytes, one at least, begins
 * with; 0 if it begins with none. */
size_t tb_text_character(const char *text, size_t n);

/* Add raw bytes as they are shown: UTF-8 as it is, a byte that is none of it as the
 * four characters \\xff. 0 or text->err. */
int tb_text_add_shown(struct tb_text *text, const char *raw, size_t n);

/* Whether raw bytes are what is shown: UTF-8 as it is, a byte that is none of it as the
 * four characters \\xff. */
int tb_text_is_shown_as(const char *raw, const char *shown);

#endif
