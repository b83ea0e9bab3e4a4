/* SPDX-License-Identifier: MIT
 *
 * Pieces of tb_blob (table.h), deflated or as they are.
 */

#ifndef TB_PACKED_H
#define TB_PACKED_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint32_t offset;
    uint32_t size;
    uint32_t full_size; /* inflated; == size: the piece is as it is */
} TbPacked;

/* Return the piece: in tb_blob itself, or inflated into *out_copy, which the caller
 * passes to free() (it is NULL otherwise).  `first`, NULL or full_size bytes of
 * another piece, is what freeze.py deflated it after.  Returns NULL, with nothing to
 * free, when memory is short or the piece is damaged. */
const char *tb_packed_open(const TbPacked *piece, const TbPacked *first,
                           char **out_copy);

#endif
