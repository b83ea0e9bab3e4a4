/* SPDX-License-Identifier: MIT
 *
 * Which processes have descriptors of BPF things: a walk over /proc.
 */
#ifndef TB_SYSTEM_HOLDERS_H
#define TB_SYSTEM_HOLDERS_H

#include "system/thing.h"

#include <stddef.h>

struct tb_holder {
    struct tb_thing thing;
    int pid;
    char name[64]; /* of the process: its comm, raw bytes */
};

struct tb_holders {
    struct tb_holder *items; /* owned */
    size_t n, cap;
    char unseen[320]; /* what could not be looked at; "": nothing */
};

/* Look at all processes; 0 or -errno. Freed in any case. No Python. */
int tb_holders_read_nogil(struct tb_holders *out);
void tb_holders_free(struct tb_holders *holders);

#endif
