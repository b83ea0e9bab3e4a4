/* SPDX-License-Identifier: MIT
 *
 * Texts that are deflated inside the executable.
 */

#ifndef TB_TEXT_H
#define TB_TEXT_H

#include <stddef.h>

/* Inflate size bytes of data to out_text, full_size bytes that the caller owns.
 * Returns 0, or -1 when the data is not exactly that. */
int tb_text_inflate(const unsigned char *data, size_t size, char *out_text,
                    size_t full_size);

#endif
