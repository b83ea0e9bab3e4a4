/* SPDX-License-Identifier: MIT
 *
 * Pieces of the executable's data that are deflated: code, sources, licences.
 *
 * zlib is there already, for Python's own zlib module. The streams have no header and
 * no checksum: they are part of the executable, as the code is that reads them.
 */
#include "packed.h"

#include "quick.h"
#include "table.h"

#include <stdlib.h>
#include <zlib.h>

/* Inflate a piece, after the last bytes of what it was deflated after: 0 or -1. */
static int
inflate_piece(const struct tbr_packed *piece, const char *before, size_t before_size,
              char *out)
{
    enum { WINDOW = 1 << MAX_WBITS };
    z_stream stream = {
        /* zlib only reads it */
        .next_in = (Bytef *)(uintptr_t)(tbr_blob + piece->offset),
        .avail_in = piece->size,
        .next_out = (Bytef *)out,
        .avail_out = piece->full_size,
    };
    int complete, err = Z_OK;

    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) {
        return -1;
    }
    if (before_size > 0) {
        size_t n = before_size < WINDOW ? before_size : WINDOW;

        err = inflateSetDictionary(&stream, (const Bytef *)before + before_size - n,
                                   (uInt)n);
    }
    if (err == Z_OK) {
        err = inflate(&stream, Z_FINISH);
    }
    complete = err == Z_STREAM_END && stream.avail_out == 0;
    (void)inflateEnd(&stream);
    return complete ? 0 : -1;
}

/* Unpack a piece, after what it was packed after: 0 or -1. */
static int
unpack(const struct tbr_packed *piece, const char *before, size_t before_size,
       char *out)
{
    if (piece->packing == TBR_DEFLATED) {
        return inflate_piece(piece, before, before_size, out);
    }
    tbr_quick_read(tbr_blob + piece->offset, before + before_size, out,
                   out + piece->full_size);
    return 0;
}

const char *
tbr_packed_open(const struct tbr_packed *piece, const struct tbr_packed *first,
                char **out_copy)
{
    char *copy, *first_copy = NULL;
    const char *before = NULL;

    *out_copy = NULL;
    if (piece->packing == TBR_PLAIN) {
        return (const char *)tbr_blob + piece->offset;
    }
    if (first != NULL && (before = tbr_packed_open(first, NULL, &first_copy)) == NULL) {
        return NULL;
    }
    copy = malloc(piece->full_size + TBR_QUICK_SLACK);
    if (copy != NULL &&
        unpack(piece, before, first != NULL ? first->full_size : 0, copy) < 0) {
        free(copy);
        copy = NULL;
    }
    free(first_copy);
    *out_copy = copy;
    return copy;
}
