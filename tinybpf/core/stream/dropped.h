/* SPDX-License-Identifier: MIT
 *
 * Drops that a program counts: a global variable, or entry 0 of an array, that its C
 * source tags with "tinybpf:dropped=MAP". The kernel itself counts none in rings.
 */
#ifndef TB_STREAM_DROPPED_H
#define TB_STREAM_DROPPED_H

#include "owner/map.h"

struct tb_dropped {
    int fd;          /* owned duplicate of the map's that it lies in; -1: none */
    uint32_t span;   /* bytes of the value there, of all CPUs */
    uint32_t stride; /* bytes from one CPU's to the next one's */
    uint32_t offset; /* of the number in the value */
    uint32_t size;   /* bytes of the number: 4 or 8 */
};

/* The counter of a ring; none if the program has none. 0, or -1 with an exception: the
 * tag stands at something that is no counter. */
int tb_dropped_open(BpfMap *ring, struct tb_dropped *out);
void tb_dropped_close(struct tb_dropped *dropped); /* may be called again */

/* The count, summed over CPUs: 0 or -errno, -ENOENT if there is no counter. */
int tb_dropped_read(const struct tb_dropped *dropped, uint64_t *out);

#endif
