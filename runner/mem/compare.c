/* SPDX-License-Identifier: MIT
 *
 * memcmp, and bcmp, which compilers call where only equality is asked for.
 */
#include "cpu.h"
#include "vector.h"

#include <string.h>
#include <strings.h>

/* Order two words that differ by the first byte that does, in memory. */
static inline int
order(Word a, Word b)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    a = __builtin_bswap64(a);
    b = __builtin_bswap64(b);
#endif
    return a < b ? -1 : 1;
}

/* Compare n < 16 bytes. */
static inline int
compare_short(const unsigned char *a, const unsigned char *b, size_t n)
{
    Word x, y;

    if (n >= 8) {
        x = LOAD(Word, a);
        y = LOAD(Word, b);
        if (x == y) {
            x = LOAD(Word, a + n - 8);
            y = LOAD(Word, b + n - 8);
        }
        return x == y ? 0 : order(x, y);
    }
    if (n >= 4) {
        x = LOAD(Half, a);
        y = LOAD(Half, b);
        if (x == y) {
            x = LOAD(Half, a + n - 4);
            y = LOAD(Half, b + n - 4);
        }
        return x == y ? 0 : order(x, y);
    }
    for (; n > 0; n--, a++, b++) {
        if (*a != *b) {
            return *a - *b;
        }
    }
    return 0;
}

#ifdef __x86_64__

/* All bits of a byte are set where it is the same in both vectors. */
static inline __m128i
same_16(const unsigned char *a, const unsigned char *b)
{
    __m128i x = _mm_loadu_si128((const __m128i *)a);
    __m128i y = _mm_loadu_si128((const __m128i *)b);

    return _mm_cmpeq_epi8(x, y);
}

/* Bit i is set where byte i of 16 differs. */
static inline unsigned
differ_16(const unsigned char *a, const unsigned char *b)
{
    return (unsigned)_mm_movemask_epi8(same_16(a, b)) ^ 0xffffu;
}

static inline int
is_same_64(const unsigned char *a, const unsigned char *b)
{
    __m128i p = _mm_and_si128(same_16(a, b), same_16(a + 16, b + 16));
    __m128i q = _mm_and_si128(same_16(a + 32, b + 32), same_16(a + 48, b + 48));

    return _mm_movemask_epi8(_mm_and_si128(p, q)) == 0xffff;
}

/* Order by the first byte that differs; differ has its bit, or none is set. */
static inline int
order_at(const unsigned char *a, const unsigned char *b, unsigned differ)
{
    int i;

    if (differ == 0) {
        return 0;
    }
    i = __builtin_ctz(differ);
    return a[i] - b[i];
}

/* Compare n >= 16 bytes. The last vector may overlap the one before. */
static inline int
compare_vectors(const unsigned char *a, const unsigned char *b, size_t n)
{
    const unsigned char *last = a + n - 16;
    unsigned differ;

    for (; n > 64 && is_same_64(a, b); n -= 64) {
        a += 64;
        b += 64;
    }
    for (; a < last; a += 16, b += 16) {
        differ = differ_16(a, b);
        if (differ != 0) {
            return order_at(a, b, differ);
        }
    }
    b -= a - last;
    return order_at(last, b, differ_16(last, b));
}

static inline TBR_AVX2 __m256i
same_32(const unsigned char *a, const unsigned char *b)
{
    __m256i x = _mm256_loadu_si256((const __m256i *)a);
    __m256i y = _mm256_loadu_si256((const __m256i *)b);

    return _mm256_cmpeq_epi8(x, y);
}

static inline TBR_AVX2 unsigned
differ_32(const unsigned char *a, const unsigned char *b)
{
    return ~(unsigned)_mm256_movemask_epi8(same_32(a, b));
}

static inline TBR_AVX2 int
is_same_128(const unsigned char *a, const unsigned char *b)
{
    __m256i p = _mm256_and_si256(same_32(a, b), same_32(a + 32, b + 32));
    __m256i q = _mm256_and_si256(same_32(a + 64, b + 64), same_32(a + 96, b + 96));

    return _mm256_movemask_epi8(_mm256_and_si256(p, q)) == -1;
}

/* As compare_vectors(), n >= 32; from the second vector on at whole vectors of `a`. */
static TBR_AVX2 int
compare_wide(const unsigned char *a, const unsigned char *b, size_t n)
{
    const unsigned char *last = a + n - 32;
    size_t skip = 32 - (uintptr_t)a % 32;
    unsigned differ = differ_32(a, b);

    if (differ != 0) {
        return order_at(a, b, differ);
    }
    a += skip;
    b += skip;
    for (n -= skip; n >= 128 && is_same_128(a, b); n -= 128) {
        a += 128;
        b += 128;
    }
    for (; a < last; a += 32, b += 32) {
        differ = differ_32(a, b);
        if (differ != 0) {
            return order_at(a, b, differ);
        }
    }
    b -= a - last;
    return order_at(last, b, differ_32(last, b));
}

#else

/* Are 32 bytes the same? */
static inline int
is_same_32(const unsigned char *a, const unsigned char *b)
{
    Word x = LOAD(Word, a) ^ LOAD(Word, b), y = LOAD(Word, a + 8) ^ LOAD(Word, b + 8);
    Word z = LOAD(Word, a + 16) ^ LOAD(Word, b + 16);
    Word w = LOAD(Word, a + 24) ^ LOAD(Word, b + 24);

    return (x | y | z | w) == 0;
}

/* Compare n >= 16 bytes. The last word may overlap the one before. */
static inline int
compare_vectors(const unsigned char *a, const unsigned char *b, size_t n)
{
    const unsigned char *last = a + n - 8;
    Word x, y;

    for (; n >= 32 && is_same_32(a, b); n -= 32) {
        a += 32;
        b += 32;
    }
    for (; a < last; a += 8, b += 8) {
        x = LOAD(Word, a);
        y = LOAD(Word, b);
        if (x != y) {
            return order(x, y);
        }
    }
    b -= a - last;
    x = LOAD(Word, last);
    y = LOAD(Word, b);
    return x == y ? 0 : order(x, y);
}

#endif

int
memcmp(const void *left, const void *right, size_t n)
{
    if (n < 16) {
        return compare_short(left, right, n);
    }
#ifdef __x86_64__
    if (n >= 128 && tbr_cpu_choice.wide) {
        return compare_wide(left, right, n);
    }
#endif
    return compare_vectors(left, right, n);
}

int bcmp(const void *left, const void *right, size_t n)
    __attribute__((alias("memcmp")));
