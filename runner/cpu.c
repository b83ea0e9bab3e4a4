/* SPDX-License-Identifier: MIT
 *
 * Choose the variants that this CPU runs, once at the start of the process.
 *
 * musl's memory functions are written for size: one byte at a time where those of mem/
 * take 16 or 32. Measured on a server CPU of Intel's that has all of it, in nanoseconds
 * a call, blocks at odd addresses; glibc 2.36 beside them uses vectors of 64 bytes.
 *
 *   bytes                   32   150   512  2048  4096  16384  1048576
 *   memcpy    16 bytes       2     7    15    55   145    606    73000
 *             32 bytes       2     6    11    28    78    281    59000
 *             rep movsb           16    24    34    55    205    52000
 *             glibc          4     5     8    21    61    204    54000
 *   memset    16 bytes       3     7    15    66   137    487    54000
 *             32 bytes       3     7     9    34    57    131    30000
 *             rep stosb           17    23    37    46    118    30000
 *             glibc          3     5     8    24    45    119    31000
 *   memcmp    16 bytes       6     6    16    62   127    454    61000
 *             32 bytes       6     6    12    36    70    260    41000
 *             glibc          4     6    10    34    67    236    41000
 *   memchr    16 bytes       6     9    16    50    89    344    26000
 *             32 bytes       6    10    11    27    54    199    18500
 *             glibc          3     6    10    25    46    174    16000
 *   memrchr   16 bytes       6    10    12    43    86    440    28000
 *             32 bytes       6     5    10    29    51    201    17000
 *             glibc          4     7     9    26    48    189    16000
 *   wmemchr   16 bytes       3     5    12    38    73    320    26000
 *             glibc          3     6     8    22    37    150    16000
 */
#include "cpu.h"

#include <stdint.h>

#ifdef __x86_64__
#include <cpuid.h>
#endif

struct tbr_cpu_choice tbr_cpu_choice = {
    .wide = 0,
    .strings = SIZE_MAX,
};

#ifdef __x86_64__

/* Does the kernel save the registers of AVX when it switches threads (XCR0)? */
static int
kernel_saves_avx(void)
{
    unsigned a, b, c, d, low, high;

    if (!__get_cpuid(1, &a, &b, &c, &d) || (c & bit_OSXSAVE) == 0) {
        return 0;
    }
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (low & 6) == 6;
}

/* AMD's has the bit, too, but its vectors are faster, and `rep movsb` is 20 times
 * slower at some alignments (glibc bug 30994). */
static int
is_of_intel(void)
{
    unsigned a, b, c, d;

    return __get_cpuid(0, &a, &b, &c, &d) && b == signature_INTEL_ebx &&
           c == signature_INTEL_ecx && d == signature_INTEL_edx;
}

unsigned
tbr_cpu_features(void)
{
    unsigned a, b, c, d, features = 0;
    unsigned vectors = bit_SSSE3 | bit_SSE4_1;

    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
        return 0;
    }
    if ((b & bit_AVX2) != 0 && kernel_saves_avx()) {
        features |= TBR_CPU_AVX2;
    }
    if ((b & bit_ENH_MOVSB) != 0 && is_of_intel()) {
        features |= TBR_CPU_STRINGS;
    }
    if ((b & bit_SHA) != 0 && __get_cpuid(1, &a, &b, &c, &d) &&
        (c & vectors) == vectors) {
        features |= TBR_CPU_SHA;
    }
    return features;
}

#else

unsigned
tbr_cpu_features(void)
{
    return 0;
}

#endif

void
tbr_cpu_choose(unsigned features)
{
    int wide = (features & TBR_CPU_AVX2) != 0;
    size_t from = wide ? 4096 : 1024;

    if ((features & TBR_CPU_STRINGS) == 0) {
        from = SIZE_MAX;
    }
    tbr_cpu_choice = (struct tbr_cpu_choice){
        .wide = wide,
        .strings = from,
        .sha = (features & TBR_CPU_SHA) != 0,
    };
}
