/* SPDX-License-Identifier: MIT
 *
 * Read blocks of pieces that are squeezed as one: neighbours say much twice.
 *
 * Who reads a piece mostly reads one beside it next (the modules of a package, the
 * sources of a traceback), so the last block of code and the last of sources are kept.
 */
#include "solid.h"

#include "lzma.h"
#include "table.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct kept {
    atomic_flag busy; /* interpreters run side by side, and after fork() one may stop
                         for ever: who finds it set does without */
    uint32_t block;
    char *data; /* owned; NULL before the first */
};

static struct kept kept[2] = {{ATOMIC_FLAG_INIT, 0, NULL}, {ATOMIC_FLAG_INIT, 0, NULL}};

static char *
open_block(uint32_t number)
{
    const struct tbr_block *block = &tbr_blocks[number];
    char *data = malloc(block->full_size + TBR_LZMA_SLACK);

    if (data != NULL) {
        tbr_lzma_read(tbr_blob + block->offset, data, data + block->full_size);
    }
    return data;
}

static char *
copy_piece(const char *data, uint32_t at, size_t size)
{
    char *piece = data != NULL ? malloc(size) : NULL;

    return piece != NULL ? memcpy(piece, data + at, size) : NULL;
}

char *
tbr_solid_copy(uint32_t block, uint32_t at, size_t size)
{
    struct kept *last = &kept[block >= tbr_first_source_block];
    char *piece;

    if (atomic_flag_test_and_set_explicit(&last->busy, memory_order_acquire)) {
        char *data = open_block(block);

        piece = copy_piece(data, at, size);
        free(data);
        return piece;
    }
    if (last->data == NULL || last->block != block) {
        free(last->data);
        last->data = open_block(block);
        last->block = block;
    }
    piece = copy_piece(last->data, at, size);
    atomic_flag_clear_explicit(&last->busy, memory_order_release);
    return piece;
}
