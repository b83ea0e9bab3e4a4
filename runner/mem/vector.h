/* SPDX-License-Identifier: MIT
 *
 * Words and vectors that memory is read and written by, at any address. Short blocks
 * are done by the two of their ends, which overlap: no branch on the exact length.
 */
#ifndef TBR_VECTOR_H
#define TBR_VECTOR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __x86_64__
#include <immintrin.h>
/* A function that only CPUs with AVX2 may run (tbr_cpu_choice). */
#define TBR_AVX2 __attribute__((target("avx2")))
#endif

typedef unsigned char Vector __attribute__((vector_size(16), aligned(1), may_alias));
typedef uint64_t Word __attribute__((aligned(1), may_alias));
typedef uint32_t Half __attribute__((aligned(1), may_alias));
typedef uint16_t Quarter __attribute__((aligned(1), may_alias));

enum { VECTOR = sizeof(Vector) };

#define LOAD(type, p) (*(const type *)(p))
#define STORE(type, p, value) (*(type *)(p) = (value))

#endif
