/* SPDX-License-Identifier: MIT
 *
 * What freeze.py writes: the modules inside, their code and their sources.
 *
 * Offsets, not pointers, so that the tables need no relocation.
 */
#ifndef TBR_TABLE_H
#define TBR_TABLE_H

#include "packed.h"
#include "solid.h"

#include <stddef.h>
#include <stdint.h>

struct tbr_module {
    const char *name;         /* "xml.dom" */
    struct tbr_packed code;   /* marshalled; after tbr_code_words */
    struct tbr_packed source; /* fold.h; full_size 0: none inside */
    uint32_t is_package;
};

/* A module that was left out, and what to do without it. */
struct tbr_left_out {
    const char *name;
    const char *advice;
};

extern const unsigned char tbr_blob[];

/* The ledger: how many bytes of the blob each part has ("library=2345678 ..."). */
extern const char tbr_sizes[];

/* What the code of most modules has in common: it is deflated after it. */
extern const struct tbr_packed tbr_code_words;

/* What is squeezed with others: code, licences, then sources. */
extern const struct tbr_block tbr_blocks[];
extern const uint32_t tbr_first_source_block;

/* The blocks of unicode.h. */
extern const uint32_t tbr_names_block, tbr_properties_block;

/* Sorted by name: everything that sys.path's entry and FrozenImporter can give. */
extern const struct tbr_module tbr_modules[];
extern const size_t tbr_modules_count;

/* Sorted by name. */
extern const struct tbr_left_out tbr_left_out[];
extern const size_t tbr_left_out_count;

#endif
