/* SPDX-License-Identifier: MIT
 *
 * memcpy, memmove, memset, memcmp, memchr and strlen.
 *
 * musl's are written for size: its memmove copies backwards byte by byte, its memcmp
 * compares byte by byte. Sorting and joining are three times slower with them. These
 * move 16 bytes at a time, unaligned, in vectors that every compiler target has; what
 * SSE2 does better is under __SSE2__. Short blocks are done with overlapping ends
 * instead of loops: no branch on the exact length.
 *
 * Must be compiled with -fno-builtin, or the loops are recognised as themselves.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

typedef unsigned char Vector __attribute__((vector_size(16), aligned(1), may_alias));
typedef uint64_t Word __attribute__((aligned(1), may_alias));
typedef uint32_t Half __attribute__((aligned(1), may_alias));
typedef uint16_t Quarter __attribute__((aligned(1), may_alias));

enum { VECTOR = sizeof(Vector) };

#define LOAD(type, p) (*(const type *)(p))
#define STORE(type, p, value) (*(type *)(p) = (value))

/* Copy n <= 32 bytes; all loads come before any store, so overlap does not matter. */
static inline void
copy_short(char *to, const char *from, size_t n)
{
    if (n >= 16) {
        Vector head = LOAD(Vector, from), tail = LOAD(Vector, from + n - 16);
        STORE(Vector, to, head);
        STORE(Vector, to + n - 16, tail);
    }
    else if (n >= 8) {
        Word head = LOAD(Word, from), tail = LOAD(Word, from + n - 8);
        STORE(Word, to, head);
        STORE(Word, to + n - 8, tail);
    }
    else if (n >= 4) {
        Half head = LOAD(Half, from), tail = LOAD(Half, from + n - 4);
        STORE(Half, to, head);
        STORE(Half, to + n - 4, tail);
    }
    else if (n >= 2) {
        Quarter head = LOAD(Quarter, from), tail = LOAD(Quarter, from + n - 2);
        STORE(Quarter, to, head);
        STORE(Quarter, to + n - 2, tail);
    }
    else if (n == 1) {
        *to = *from;
    }
}

/* Copy 64 bytes: all loads before the first store. */
static inline void
copy_64(char *to, const char *from)
{
    Vector a = LOAD(Vector, from), b = LOAD(Vector, from + 16);
    Vector c = LOAD(Vector, from + 32), d = LOAD(Vector, from + 48);
    STORE(Vector, to, a);
    STORE(Vector, to + 16, b);
    STORE(Vector, to + 32, c);
    STORE(Vector, to + 48, d);
}

/* Copy 32 < n <= 64 bytes, as copy_short(). */
static inline void
copy_medium(char *to, const char *from, size_t n)
{
    Vector a = LOAD(Vector, from), b = LOAD(Vector, from + 16);
    Vector c = LOAD(Vector, from + n - 32), d = LOAD(Vector, from + n - 16);
    STORE(Vector, to, a);
    STORE(Vector, to + 16, b);
    STORE(Vector, to + n - 32, c);
    STORE(Vector, to + n - 16, d);
}

typedef struct {
    Vector part[4];
} Block;

/* Copy n > 64 bytes upwards. The last 64 bytes are loaded first: the loop may have
 * overwritten them when the blocks overlap. */
static inline void
copy_up(char *to, const char *from, size_t n)
{
    Block tail;
    copy_64((char *)&tail, from + n - 64);
    char *end = to + n - 64;
    for (; to < end; to += 64, from += 64) {
        copy_64(to, from);
    }
    copy_64(end, (const char *)&tail);
}

/* Copy n > 64 bytes downwards, for blocks that overlap with `to` above `from`. */
static inline void
copy_down(char *to, const char *from, size_t n)
{
    Block head;
    copy_64((char *)&head, from);
    for (size_t left = n; left > 64; left -= 64) {
        copy_64(to + left - 64, from + left - 64);
    }
    copy_64(to, (const char *)&head);
}

void *
memcpy(void *restrict to, const void *restrict from, size_t n)
{
    if (n <= 32) {
        copy_short(to, from, n);
    }
    else if (n <= 64) {
        copy_medium(to, from, n);
    }
    else {
        copy_up(to, from, n);
    }
    return to;
}

void *
memmove(void *to, const void *from, size_t n)
{
    if (n <= 32) {
        copy_short(to, from, n);
    }
    else if (n <= 64) {
        copy_medium(to, from, n);
    }
    else if ((uintptr_t)to - (uintptr_t)from >= n) {
        copy_up(to, from, n);
    }
    else {
        copy_down(to, from, n);
    }
    return to;
}

void *
memset(void *block, int byte, size_t n)
{
    char *to = block;
    Word word = 0x0101010101010101u * (unsigned char)byte;
    if (n >= 16) {
        Vector fill = {0};
        fill += (unsigned char)byte;
        for (char *end = to + n - 16; to < end; to += 16) {
            STORE(Vector, to, fill);
        }
        STORE(Vector, (char *)block + n - 16, fill);
    }
    else if (n >= 8) {
        STORE(Word, to, word);
        STORE(Word, to + n - 8, word);
    }
    else if (n >= 4) {
        STORE(Half, to, (Half)word);
        STORE(Half, to + n - 4, (Half)word);
    }
    else if (n >= 1) {
        to[0] = to[n / 2] = to[n - 1] = (char)byte;
    }
    return block;
}

/* Order two words by their first differing byte in memory. */
static inline int
compare_words(Word a, Word b)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    a = __builtin_bswap64(a);
    b = __builtin_bswap64(b);
#endif
    return a < b ? -1 : 1;
}

/* Are 32 bytes the same? */
static inline int
equal_32(const unsigned char *a, const unsigned char *b)
{
    Word x = LOAD(Word, a) ^ LOAD(Word, b), y = LOAD(Word, a + 8) ^ LOAD(Word, b + 8);
    Word z = LOAD(Word, a + 16) ^ LOAD(Word, b + 16);
    Word w = LOAD(Word, a + 24) ^ LOAD(Word, b + 24);
    return (x | y | z | w) == 0;
}

int
memcmp(const void *left, const void *right, size_t n)
{
    const unsigned char *a = left, *b = right;
    for (; n >= 32 && equal_32(a, b); n -= 32) {
        a += 32;
        b += 32;
    }
    for (; n >= 8; n -= 8, a += 8, b += 8) {
        Word x = LOAD(Word, a), y = LOAD(Word, b);
        if (x != y) {
            return compare_words(x, y);
        }
    }
    for (; n > 0; n--, a++, b++) {
        if (*a != *b) {
            return *a - *b;
        }
    }
    return 0;
}

#ifdef __SSE2__

/* Bit i is set where byte i of an aligned vector equals the byte. Reading a whole
 * aligned vector never crosses into a page that the block is not in. */
static inline unsigned
match(const char *aligned, __m128i byte)
{
    __m128i data = _mm_load_si128((const __m128i *)aligned);
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(data, byte));
}

/* Skip groups of four vectors that do not have the byte. A group is aligned as a
 * whole, so that it is in one page, too: the byte may come before the end of a block
 * that is shorter than the caller says (C11 7.24.5.1). */
static inline size_t
skip_groups(const char **at, size_t left, __m128i byte)
{
    if ((uintptr_t)*at % (4 * VECTOR) != 0) {
        return left;
    }
    for (; left >= 4 * VECTOR; left -= 4 * VECTOR, *at += 4 * VECTOR) {
        const __m128i *group = (const __m128i *)*at;
        __m128i a = _mm_cmpeq_epi8(_mm_load_si128(group), byte);
        __m128i b = _mm_cmpeq_epi8(_mm_load_si128(group + 1), byte);
        __m128i c = _mm_cmpeq_epi8(_mm_load_si128(group + 2), byte);
        __m128i d = _mm_cmpeq_epi8(_mm_load_si128(group + 3), byte);
        __m128i any = _mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d));
        if (_mm_movemask_epi8(any) != 0) {
            break;
        }
    }
    return left;
}

void *
memchr(const void *block, int byte, size_t n)
{
    if (n == 0) {
        return NULL;
    }
    size_t skip = (uintptr_t)block % VECTOR;
    const char *at = (const char *)block - skip;
    /* Bytes from `at` on; more than the address space holds means "to the first hit".
     */
    size_t left = n > SIZE_MAX - skip ? SIZE_MAX : n + skip;
    __m128i wanted = _mm_set1_epi8((char)byte);
    unsigned found = match(at, wanted) >> skip << skip;
    while (found == 0) {
        if (left <= VECTOR) {
            return NULL;
        }
        at += VECTOR;
        left = skip_groups(&at, left - VECTOR, wanted);
        if (left == 0) {
            return NULL;
        }
        found = match(at, wanted);
    }
    size_t i = (size_t)__builtin_ctz(found);
    return i < left ? (void *)(at + i) : NULL;
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
