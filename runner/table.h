/* SPDX-License-Identifier: MIT
 *
 * What freeze.py writes: the modules inside, their code and their sources.
 *
 * Offsets, not pointers, so that the tables need no relocation.
 */

#ifndef TB_TABLE_H
#define TB_TABLE_H

#include "packed.h"

#include <stddef.h>
#include <stdint.h>

typedef struct {
    const char *name; /* "xml.dom" */
    TbPacked code;    /* marshalled */
    TbPacked source;  /* UTF-8, deflated after the code; size 0: no source inside */
    uint32_t is_package;
} TbModule;

/* A module that was left out, and what to do without it. */
typedef struct {
    const char *name;
    const char *advice;
} TbLeftOut;

extern const unsigned char tb_blob[];

/* Sorted by name: everything that sys.path's entry and FrozenImporter can give. */
extern const TbModule tb_modules[];
extern const size_t tb_modules_count;

/* Sorted by name. */
extern const TbLeftOut tb_left_out[];
extern const size_t tb_left_out_count;

#endif
