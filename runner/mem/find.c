/* SPDX-License-Identifier: MIT
 *
 * memchr, memrchr, wmemchr and strlen, on x86-64.
 */
#include "cpu.h"
#include "vector.h"

#include <string.h>
#include <wchar.h>

#ifdef __x86_64__

enum { PAGE = 4096, WIDE = 32, GROUP = 128 };

/* Bit i is set where byte i of a vector equals the byte. */
static inline unsigned
match(const char *at, __m128i byte)
{
    __m128i data = _mm_loadu_si128((const __m128i *)at);

    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(data, byte));
}

static inline TBR_AVX2 __m256i
same_wide(const char *at, __m256i byte)
{
    return _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)at), byte);
}

static inline TBR_AVX2 unsigned
match_wide(const char *at, __m256i byte)
{
    return (unsigned)_mm256_movemask_epi8(same_wide(at, byte));
}

/* Does any byte of a group equal the byte? */
static inline TBR_AVX2 int
match_group(const char *at, __m256i byte)
{
    __m256i a = same_wide(at, byte), b = same_wide(at + WIDE, byte);
    __m256i c = same_wide(at + 2 * WIDE, byte), d = same_wide(at + 3 * WIDE, byte);
    __m256i any = _mm256_or_si256(_mm256_or_si256(a, b), _mm256_or_si256(c, d));

    return _mm256_movemask_epi8(any) != 0;
}

/* As match_group(), of 64 bytes. */
static inline int
match_64(const char *at, __m128i byte)
{
    const __m128i *part = (const __m128i *)at;
    __m128i a = _mm_cmpeq_epi8(_mm_loadu_si128(part), byte);
    __m128i b = _mm_cmpeq_epi8(_mm_loadu_si128(part + 1), byte);
    __m128i c = _mm_cmpeq_epi8(_mm_loadu_si128(part + 2), byte);
    __m128i d = _mm_cmpeq_epi8(_mm_loadu_si128(part + 3), byte);

    return _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d))) != 0;
}

/* The first byte that equals `byte`, of n. The block may be shorter than n if it has
 * such a byte (C11 7.24.5.1): what is read at once is aligned as a whole, so that it
 * crosses into no page that the block is not in. */
static void *
find(const char *block, int byte, size_t n)
{
    size_t skip = (uintptr_t)block % VECTOR;
    const char *at = block - skip;
    size_t left = n > SIZE_MAX - skip ? SIZE_MAX : n + skip;
    __m128i wanted = _mm_set1_epi8((char)byte);
    unsigned found = match(at, wanted) >> skip << skip;
    size_t i;

    while (found == 0) {
        if (left <= VECTOR) {
            return NULL;
        }
        at += VECTOR;
        left -= VECTOR;
        while ((uintptr_t)at % 64 == 0 && left > 64 && !match_64(at, wanted)) {
            at += 64;
            left -= 64;
        }
        found = match(at, wanted);
    }
    i = (size_t)__builtin_ctz(found);
    return i < left ? (void *)(at + i) : NULL;
}

/* As find(), of n >= 32. */
static TBR_AVX2 void *
find_wide(const char *block, int byte, size_t n)
{
    __m256i wanted = _mm256_set1_epi8((char)byte);
    const char *at = block - (uintptr_t)block % WIDE + WIDE;
    size_t left = n - (size_t)(at - block);
    unsigned found;

    if ((uintptr_t)block % PAGE > PAGE - WIDE) {
        void *hit = find(block, byte, WIDE);

        if (hit != NULL) {
            return hit;
        }
    }
    else {
        found = match_wide(block, wanted);
        if (found != 0) {
            return (void *)(block + __builtin_ctz(found));
        }
    }
    for (; left > 0; at += WIDE, left -= left < WIDE ? left : WIDE) {
        while ((uintptr_t)at % GROUP == 0 && left > GROUP && !match_group(at, wanted)) {
            at += GROUP;
            left -= GROUP;
        }
        found = match_wide(at, wanted);
        if (found != 0) {
            size_t i = (size_t)__builtin_ctz(found);

            return i < left ? (void *)(at + i) : NULL;
        }
    }
    return NULL;
}

void *
memchr(const void *block, int byte, size_t n)
{
    if (n == 0) {
        return NULL;
    }
    return n > WIDE && tbr_cpu_choice.wide ? find_wide(block, byte, n)
                                           : find(block, byte, n);
}

/* The last byte that equals `byte`, of n. */
static void *
find_last(const char *block, int byte, size_t n)
{
    __m128i wanted = _mm_set1_epi8((char)byte);
    unsigned found;

    if (n < VECTOR) {
        while (n > 0 && block[n - 1] != (char)byte) {
            n--;
        }
        return n > 0 ? (void *)(block + n - 1) : NULL;
    }
    while (n >= 64 && !match_64(block + n - 64, wanted)) {
        n -= 64;
    }
    for (; n >= VECTOR; n -= VECTOR) {
        found = match(block + n - VECTOR, wanted);
        if (found != 0) {
            return (void *)(block + n - VECTOR + 31 - __builtin_clz(found));
        }
    }
    found = match(block, wanted); /* above n there is none */
    return found != 0 ? (void *)(block + 31 - __builtin_clz(found)) : NULL;
}

/* As find_last(), n >= 32; from the second vector on at whole vectors. */
static TBR_AVX2 void *
find_last_wide(const char *block, int byte, size_t n)
{
    __m256i wanted = _mm256_set1_epi8((char)byte);
    unsigned found = match_wide(block + n - WIDE, wanted);

    if (found != 0) {
        return (void *)(block + n - 1 - __builtin_clz(found));
    }
    n -= (uintptr_t)(block + n) % WIDE;
    while (n >= GROUP && !match_group(block + n - GROUP, wanted)) {
        n -= GROUP;
    }
    for (; n >= WIDE; n -= WIDE) {
        found = match_wide(block + n - WIDE, wanted);
        if (found != 0) {
            return (void *)(block + n - 1 - __builtin_clz(found));
        }
    }
    found = match_wide(block, wanted); /* above n there is none */
    return found != 0 ? (void *)(block + 31 - __builtin_clz(found)) : NULL;
}

void *
memrchr(const void *block, int byte, size_t n)
{
    return n > WIDE && tbr_cpu_choice.wide ? find_last_wide(block, byte, n)
                                           : find_last(block, byte, n);
}

/* All bits of a character are set where one of four equals the wanted one. */
static inline __m128i
same_chars(const wchar_t *at, __m128i wanted)
{
    return _mm_cmpeq_epi32(_mm_loadu_si128((const __m128i *)at), wanted);
}

/* By four vectors until one has the character, then by one, the rest one by one. */
wchar_t *
wmemchr(const wchar_t *text, wchar_t character, size_t n)
{
    __m128i wanted = _mm_set1_epi32((int)character);

    for (; n >= 16; text += 16, n -= 16) {
        __m128i a = same_chars(text, wanted), b = same_chars(text + 4, wanted);
        __m128i c = same_chars(text + 8, wanted), d = same_chars(text + 12, wanted);

        if (_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d)))) {
            break;
        }
    }
    for (; n >= 4; text += 4, n -= 4) {
        unsigned found = (unsigned)_mm_movemask_epi8(same_chars(text, wanted));

        if (found != 0) {
            return (wchar_t *)text + __builtin_ctz(found) / sizeof(wchar_t);
        }
    }
    for (; n > 0; text++, n--) {
        if (*text == character) {
            return (wchar_t *)text;
        }
    }
    return NULL;
}

size_t
strlen(const char *text)
{
    size_t skip = (uintptr_t)text % VECTOR;
    const char *at = text - skip;
    __m128i zero = _mm_setzero_si128();
    unsigned found = match(at, zero) >> skip << skip;

    while (found == 0) {
        at += VECTOR;
        found = match(at, zero);
    }
    return (size_t)(at + __builtin_ctz(found) - text);
}

#endif
