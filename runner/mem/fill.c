/* SPDX-License-Identifier: MIT
 *
 * memset.
 */
#include "cpu.h"
#include "vector.h"

#include <string.h>

/* Fill n < 16 bytes. */
static inline void
fill_short(char *to, Word word, size_t n)
{
    if (n >= 8) {
        STORE(Word, to, word);
        STORE(Word, to + n - 8, word);
    }
    else if (n >= 4) {
        STORE(Half, to, (Half)word);
        STORE(Half, to + n - 4, (Half)word);
    }
    else if (n >= 1) {
        to[0] = to[n / 2] = to[n - 1] = (char)word;
    }
}

/* Fill 64 bytes. */
static inline void
fill_64(char *to, Vector fill)
{
    STORE(Vector, to, fill);
    STORE(Vector, to + 16, fill);
    STORE(Vector, to + 32, fill);
    STORE(Vector, to + 48, fill);
}

/* Fill n > 64 bytes. */
static inline void
fill_up(char *to, Vector fill, size_t n)
{
    char *end = to + n - 64;

    for (; to < end; to += 64) {
        fill_64(to, fill);
    }
    fill_64(end, fill);
}

#ifdef __x86_64__

/* Fill n > 64 bytes, whole lines of the cache where they are more. */
static TBR_AVX2 void
fill_up_wide(char *to, Vector byte, size_t n)
{
    __m256i fill = _mm256_set1_epi8((char)byte[0]);
    char *end = to + n - 64;

    _mm256_storeu_si256((__m256i *)to, fill);
    _mm256_storeu_si256((__m256i *)(to + 32), fill);
    to += 64 - (uintptr_t)to % 64;
    for (; to < end; to += 64) {
        _mm256_store_si256((__m256i *)to, fill);
        _mm256_store_si256((__m256i *)(to + 32), fill);
    }
    _mm256_storeu_si256((__m256i *)end, fill);
    _mm256_storeu_si256((__m256i *)(end + 32), fill);
}

static void
fill_strings(char *to, int byte, size_t n)
{
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(byte) : "memory");
}

#endif

/* Fill n > 128 bytes. */
static void
fill_long(char *to, Vector fill, size_t n)
{
#ifdef __x86_64__
    if (n >= tbr_cpu_choice.strings) {
        fill_strings(to, fill[0], n);
        return;
    }
    if (tbr_cpu_choice.wide) {
        fill_up_wide(to, fill, n);
        return;
    }
#endif
    fill_up(to, fill, n);
}

/* Up to 128 bytes by stores that overlap, without a loop. */
void *
memset(void *block, int byte, size_t n)
{
    Word word = 0x0101010101010101u * (unsigned char)byte;
    char *to = block;
    Vector fill = {0};

    if (n < 16) {
        fill_short(to, word, n);
        return block;
    }
    fill += (unsigned char)byte;
    if (n > 128) {
        fill_long(to, fill, n);
        return block;
    }
    if (n > 64) {
        fill_64(to, fill);
        fill_64(to + n - 64, fill);
        return block;
    }
    STORE(Vector, to, fill);
    STORE(Vector, to + n - 16, fill);
    if (n > 32) {
        STORE(Vector, to + 16, fill);
        STORE(Vector, to + n - 32, fill);
    }
    return block;
}
