/* SPDX-License-Identifier: MIT
 *
 * Bitfields in memory, in the byte and bit order of the machine. Pure C.
 */
#ifndef TB_VALUE_BITS_H
#define TB_VALUE_BITS_H

#include <stdint.h>

__extension__ typedef unsigned __int128 tb_wide;
__extension__ typedef __int128 tb_signed_wide;

int tb_bits_is_little_endian(void);

/* The bits of a field that begins shift (0-7) bits into *data and is up to 128 bits
 * wide, as an unsigned number. Only the bytes with a bit of it are touched. */
tb_wide tb_bits_load(const void *data, unsigned int shift, unsigned int bits);

/* The same of a signed number. */
tb_signed_wide tb_bits_load_signed(const void *data, unsigned int shift,
                                   unsigned int bits);

/* Replace them by the low bits of a number; those of the neighbours stay. */
void tb_bits_store(void *data, unsigned int shift, unsigned int bits, tb_wide value);

#endif
