/* SPDX-License-Identifier: MIT
 *
 * LZMA, as solid.py has it made: raw, lc=3, lp=0, pb=0.
 */
#ifndef TBR_LZMA_H
#define TBR_LZMA_H

#include <stddef.h>

/* How many bytes behind its end may be written, whatever they are. */
enum { TBR_LZMA_SLACK = 16 };

/* Write the string of out_end - out bytes that is told at `in`. */
void tbr_lzma_read(const unsigned char *in, char *out, const char *out_end);

#endif
