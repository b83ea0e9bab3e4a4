/* SPDX-License-Identifier: MIT
 *
 * memcpy and memmove.
 */
#include "cpu.h"
#include "vector.h"

#include <string.h>

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

struct block {
    Vector part[4];
} __attribute__((aligned(1), may_alias));

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

/* Copy 64 < n <= 128 bytes, as copy_short(). */
static inline void
copy_large(char *to, const char *from, size_t n)
{
    struct block tail = LOAD(struct block, from + n - 64);

    copy_64(to, from);
    STORE(struct block, to + n - 64, tail);
}

/* Copy n > 64 bytes upwards. The last 64 bytes are loaded first: the loop may have
 * overwritten them when the blocks overlap. */
static void
copy_up(char *to, const char *from, size_t n)
{
    struct block tail = LOAD(struct block, from + n - 64);
    char *end = to + n - 64;

    for (; to < end; to += 64, from += 64) {
        copy_64(to, from);
    }
    STORE(struct block, end, tail);
}

/* Copy n > 64 bytes downwards, for blocks that overlap with `to` above `from`. */
static void
copy_down(char *to, const char *from, size_t n)
{
    struct block head = LOAD(struct block, from);

    for (; n > 64; n -= 64) {
        copy_64(to + n - 64, from + n - 64);
    }
    STORE(struct block, to, head);
}

#ifdef __x86_64__

static inline TBR_AVX2 __m256i
load_32(const char *from)
{
    return _mm256_loadu_si256((const __m256i *)from);
}

static inline TBR_AVX2 void
store_32(char *to, __m256i value)
{
    _mm256_storeu_si256((__m256i *)to, value);
}

/* Copy n > 128 bytes upwards as copy_up(), and to whole lines of the cache. */
static TBR_AVX2 void
copy_up_wide(char *to, const char *from, size_t n)
{
    __m256i a = load_32(from), b = load_32(from + 32);
    __m256i w = load_32(from + n - 128), x = load_32(from + n - 96);
    __m256i y = load_32(from + n - 64), z = load_32(from + n - 32);
    size_t skip = 64 - (uintptr_t)to % 64;
    char *start = to, *end = to + n - 128;

    for (to += skip, from += skip; to < end; to += 128, from += 128) {
        __m256i c = load_32(from), d = load_32(from + 32);
        __m256i e = load_32(from + 64), f = load_32(from + 96);

        store_32(to, c);
        store_32(to + 32, d);
        store_32(to + 64, e);
        store_32(to + 96, f);
    }
    store_32(end, w);
    store_32(end + 32, x);
    store_32(end + 64, y);
    store_32(end + 96, z);
    store_32(start, a);
    store_32(start + 32, b);
}

/* Copy n > 64 bytes downwards as copy_down(). */
static TBR_AVX2 void
copy_down_wide(char *to, const char *from, size_t n)
{
    __m256i a = load_32(from), b = load_32(from + 32);

    for (; n > 64; n -= 64) {
        __m256i c = load_32(from + n - 64), d = load_32(from + n - 32);

        store_32(to + n - 64, c);
        store_32(to + n - 32, d);
    }
    store_32(to, a);
    store_32(to + 32, b);
}

static void
copy_strings(char *to, const char *from, size_t n)
{
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
}

#endif

/* Copy n > 128 bytes that do not overlap, or overlap with `to` below `from`. String
 * instructions are slow where blocks overlap closely: `apart` says that they do not. */
static void
copy_long(char *to, const char *from, size_t n, int apart)
{
#ifdef __x86_64__
    if (n >= tbr_cpu_choice.strings && apart) {
        copy_strings(to, from, n);
        return;
    }
    if (tbr_cpu_choice.wide) {
        copy_up_wide(to, from, n);
        return;
    }
#endif
    (void)apart;
    copy_up(to, from, n);
}

/* Copy n > 128 bytes that overlap with `to` above `from`. */
static void
copy_long_down(char *to, const char *from, size_t n)
{
#ifdef __x86_64__
    if (tbr_cpu_choice.wide) {
        copy_down_wide(to, from, n);
        return;
    }
#endif
    copy_down(to, from, n);
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
    else if (n <= 128) {
        copy_large(to, from, n);
    }
    else {
        copy_long(to, from, n, 1);
    }
    return to;
}

/* Downwards only where copying upwards would overwrite what is still to be read. */
void *
memmove(void *to, const void *from, size_t n)
{
    if (n <= 32) {
        copy_short(to, from, n);
    }
    else if (n <= 64) {
        copy_medium(to, from, n);
    }
    else if (n <= 128) {
        copy_large(to, from, n);
    }
    else if ((uintptr_t)to - (uintptr_t)from >= n) {
        copy_long(to, from, n, (uintptr_t)from - (uintptr_t)to >= n);
    }
    else {
        copy_long_down(to, from, n);
    }
    return to;
}
