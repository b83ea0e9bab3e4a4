/* SPDX-License-Identifier: MIT
 *
 * Pieces of tbr_blob (table.h): as they are, deflated, squeezed to be read fast, or
 * squeezed with others to be small.
 */
#ifndef TBR_PACKED_H
#define TBR_PACKED_H

#include <stddef.h>
#include <stdint.h>

enum tbr_packing { TBR_PLAIN, TBR_DEFLATED, TBR_QUICK, TBR_SOLID };

struct tbr_packed {
    uint32_t offset; /* in tbr_blob; TBR_SOLID: in the block */
    uint32_t size;   /* TBR_SOLID: the block's number */
    uint32_t full_size : 30;
    uint32_t packing : 2; /* enum tbr_packing */
};

/* Return the piece: in tbr_blob itself, or unpacked into *out_copy, which the caller
 * passes to tbr_packed_close() (it is NULL otherwise). `first` is the piece that
 * freeze.py packed it after, or NULL. NULL, with nothing to close, when memory is short
 * or the piece is damaged. */
const char *tbr_packed_open(const struct tbr_packed *piece,
                            const struct tbr_packed *first, char **out_copy);

/* Give a copy back; NULL is none. */
void tbr_packed_close(char *copy);

#endif
