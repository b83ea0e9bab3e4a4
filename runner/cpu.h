/* SPDX-License-Identifier: MIT
 *
 * What this CPU has that not all of its architecture have, and what the runner makes of
 * it: the memory functions (mem/) and the hashes (sha.c).
 */
#ifndef TBR_CPU_H
#define TBR_CPU_H

#include <stddef.h>

enum tbr_cpu {
    TBR_CPU_AVX2 = 1,    /* and the kernel saves its registers */
    TBR_CPU_STRINGS = 2, /* `rep movsb` and `rep stosb` are quick (ERMS) */
    TBR_CPU_SHA = 4,     /* instructions for SHA-1 and SHA-256 */
};

/* The variants in use. What is not chosen yet is what every CPU can do. */
struct tbr_cpu_choice {
    int wide;       /* AVX2 */
    size_t strings; /* the length from which on string instructions copy and fill */
    int sha;
};

extern struct tbr_cpu_choice tbr_cpu_choice;

/* Ask the CPU: a set of enum tbr_cpu. */
unsigned tbr_cpu_features(void);

/* Choose the variants for a CPU of these features, which must be this one's or fewer.
 * Call before there are threads. */
void tbr_cpu_choose(unsigned features);

#endif
