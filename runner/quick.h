/* SPDX-License-Identifier: MIT
 *
 * Read what quick.py has squeezed.
 */
#ifndef TBR_QUICK_H
#define TBR_QUICK_H

#include <stddef.h>

/* How many bytes behind its ends may be read and written, whatever they are. */
enum { TBR_QUICK_SLACK = 16 };

/* Write the string of out_end - out bytes that the turns at `in` tell; the words that
 * end at words_end stand before it. */
void tbr_quick_read(const unsigned char *in, const char *words_end, char *out,
                    const char *out_end);

#endif
