/* SPDX-License-Identifier: MIT
 *
 * Pieces of tbr_blob (table.h), deflated or as they are.
 */
#ifndef TBR_PACKED_H
#define TBR_PACKED_H

#include <stddef.h>
#include <stdint.h>

struct tbr_packed {
    uint32_t offset;
    uint32_t size;
    uint32_t full_size; /* inflated; == size: the piece is as it is */
};

/* Return the piece: in tbr_blob itself, or inflated into *out_copy, which the caller
 * passes to free() (it is NULL otherwise). `first` is the piece that freeze.py deflated
 * it after, or NULL. NULL, with nothing to free, when memory is short or the piece is
 * damaged. */
const char *tbr_packed_open(const struct tbr_packed *piece,
                            const struct tbr_packed *first, char **out_copy);

#endif
