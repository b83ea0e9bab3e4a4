/* SPDX-License-Identifier: MIT
 *
 * Pieces of the executable's data that are packed: code, sources, licences.
 *
 * zlib is there already, for Python's own zlib module. The streams have no header and
 * no checksum: they are part of the executable, as the code is that reads them.
 */
#include "packed.h"

#include "quick.h"
#include "solid.h"
#include "table.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <zlib.h>

/* Room for a copy that nobody uses now, or NULL: a start unpacks dozens of pieces, and
 * each in memory of its own would have the kernel map as many pages as it has. */
enum { ROOM = 128 << 10 };
static _Atomic(char *) spare;

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

static char *
take_room(size_t size)
{
    char *room;

    if (size > ROOM) {
        return malloc(size);
    }
    room = atomic_exchange_explicit(&spare, NULL, memory_order_acquire);
    return room != NULL ? room : malloc(ROOM);
}

void
tbr_packed_close(char *copy)
{
    if (copy != NULL && malloc_usable_size(copy) == ROOM) {
        copy = atomic_exchange_explicit(&spare, copy, memory_order_acq_rel);
    }
    free(copy);
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
    if (piece->packing == TBR_SOLID) {
        *out_copy = tbr_solid_copy(piece->size, piece->offset, piece->full_size);
        return *out_copy;
    }
    if (first != NULL && (before = tbr_packed_open(first, NULL, &first_copy)) == NULL) {
        return NULL;
    }
    copy = take_room(piece->full_size + TBR_QUICK_SLACK);
    if (copy != NULL &&
        unpack(piece, before, first != NULL ? first->full_size : 0, copy) < 0) {
        tbr_packed_close(copy);
        copy = NULL;
    }
    tbr_packed_close(first_copy);
    *out_copy = copy;
    return copy;
}
