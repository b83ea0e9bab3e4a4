/* SPDX-License-Identifier: MIT
 *
 * Text of programs as it may be shown: whatever it holds, it is UTF-8 in one line that
 * no terminal obeys. Pure C.
 */
#ifndef TB_VALUE_PLAIN_H
#define TB_VALUE_PLAIN_H

#include "base/text.h"

/* Where text goes. */
enum tb_plain {
    TB_PLAIN_CELL, /* for people: a byte that is not UTF-8 is \xff, and so are control
                    * characters; those that turn the direction of text are \u202e */
    TB_PLAIN_JSON, /* between the quotes of JSON, which reads it back: a byte that is
                    * not UTF-8 is the text \xff, the others are \u001b and \u202e */
};

/* Add n bytes, NULs among them. 0 or text->err. */
int tb_plain_add(struct tb_text *text, const char *data, size_t n, enum tb_plain how);

#endif
