// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A tracepoint that lets programs write: one process's test runs end with an error.
 * Maps:     target, hits (hits.h; by key: 0 spoil)
 * Programs: spoil (raw_tracepoint.w)
 * Users:    attach/test_tracepoint
 */
#include "hits.h"

#define EUCLEAN 117

SEC("raw_tracepoint.w")
int
spoil(int **ctx)
{
    int *error = ctx[0];

    if (count(0)) {
        *error = -EUCLEAN;
    }
    return 0;
}
