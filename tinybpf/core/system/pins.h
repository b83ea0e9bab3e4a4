/* SPDX-License-Identifier: MIT
 *
 * What is pinned, and where: a walk over all BPF file systems that are mounted here.
 */
#ifndef TB_SYSTEM_PINS_H
#define TB_SYSTEM_PINS_H

#include "system/thing.h"

#include <stddef.h>

struct tb_pinned_thing {
    struct tb_thing thing;
    char *path; /* owned; raw bytes */
};

struct tb_pins {
    struct tb_pinned_thing *items; /* owned */
    size_t n, cap;
    char unseen[160]; /* what could not be looked at; "": nothing */
};

/* Look at all pins; 0 or -errno. Freed in any case. No Python. */
int tb_pins_read_nogil(struct tb_pins *out);
void tb_pins_free(struct tb_pins *pins);

#endif
