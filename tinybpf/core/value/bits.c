/* SPDX-License-Identifier: MIT
 *
 * Bitfields (value/bits.h), byte by byte: a packed one may begin anywhere and cross any
 * number of words.
 */
#include "value/bits.h"

#include <string.h>

int
tb_bits_is_little_endian(void)
{
    const uint16_t one = 1;

    return *(const uint8_t *)&one;
}

/* Of n bytes, the i-th from the least significant one. */
static unsigned int
nth(unsigned int i, unsigned int n)
{
    return tb_bits_is_little_endian() ? i : n - 1 - i;
}

/* The number of bits of the least significant byte that are not the field's. A
 * little-endian machine counts bits from the low end, the other from the high end. */
static unsigned int
low_of(unsigned int shift, unsigned int bits)
{
    return tb_bits_is_little_endian() ? shift : (8 - (shift + bits) % 8) % 8;
}

static tb_wide
mask(unsigned int bits)
{
    return bits >= 128 ? ~(tb_wide)0 : ((tb_wide)1 << bits) - 1;
}

tb_wide
tb_bits_load(const void *data, unsigned int shift, unsigned int bits)
{
    const uint8_t *bytes = data;
    unsigned int n = (shift + bits + 7) / 8, low = low_of(shift, bits);
    tb_wide value;
    uint32_t half;
    uint64_t whole;

    if (shift == 0 && bits == 32) {
        memcpy(&half, data, sizeof(half));
        return half;
    }
    if (shift == 0 && bits == 64) {
        memcpy(&whole, data, sizeof(whole));
        return whole;
    }
    value = (tb_wide)(bytes[nth(0, n)] >> low);
    for (unsigned int i = 1; i < n; i++) {
        value |= (tb_wide)bytes[nth(i, n)] << (8 * i - low);
    }
    return value & mask(bits);
}

tb_signed_wide
tb_bits_load_signed(const void *data, unsigned int shift, unsigned int bits)
{
    unsigned int n_over = 128 - bits;

    return (tb_signed_wide)(tb_bits_load(data, shift, bits) << n_over) >> n_over;
}

void
tb_bits_store(void *data, unsigned int shift, unsigned int bits, tb_wide value)
{
    uint8_t *bytes = data;
    unsigned int n = (shift + bits + 7) / 8, low = low_of(shift, bits);

    value &= mask(bits);
    for (unsigned int i = 0; i < n; i++) {
        uint8_t *byte = &bytes[nth(i, n)];
        uint8_t in =
            (uint8_t)(i == 0 ? mask(bits) << low : mask(bits) >> (8 * i - low));
        uint8_t now = (uint8_t)(i == 0 ? value << low : value >> (8 * i - low));

        *byte = (uint8_t)((*byte & ~in) | now);
    }
}
