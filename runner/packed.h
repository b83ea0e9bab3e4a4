/* SPDX-License-Identifier: MIT
 *
 * Pieces of tbr_blob (table.h): as they are, deflated, or squeezed to be read fast.
 */
#ifndef TBR_PACKED_H
#define TBR_PACKED_H

#include <stddef.h>
#include <stdint.h>

enum tbr_packing { TBR_PLAIN, TBR_DEFLATED, TBR_QUICK };

struct tbr_packed {
    uint32_t offset;
    uint32_t size;
    uint32_t full_size : 30;
    uint32_t packing : 2; /* enum tbr_packing */
};

/* Return the piece: in tbr_blob itself, or unpacked into *out_copy, which the caller
 * passes to free() (it is NULL otherwise). `first` is the piece that freeze.py packed
 * it after, or NULL. NULL, with nothing to free, when memory is short or the piece is
 * damaged. */
const char *tbr_packed_open(const struct tbr_packed *piece,
                            const struct tbr_packed *first, char **out_copy);

#endif
