/* SPDX-License-Identifier: MIT
 *
 * Pieces that solid.py has squeezed together, a block of them at a time.
 */
#ifndef TBR_SOLID_H
#define TBR_SOLID_H

#include <stddef.h>
#include <stdint.h>

struct tbr_block {
    uint32_t offset; /* in tbr_blob */
    uint32_t full_size;
};

/* Return a copy of some bytes of a block, malloc'ed; NULL when memory is short. */
char *tbr_solid_copy(uint32_t block, uint32_t at, size_t size);

#endif
