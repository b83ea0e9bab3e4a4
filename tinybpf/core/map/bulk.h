/* SPDX-License-Identifier: MIT
 *
 * A change of many entries of a map: by the kernel's batch calls where they do it,
 * else one by one. No Python objects; the GIL is not needed.
 */
#ifndef TB_MAP_BULK_H
#define TB_MAP_BULK_H

#include <stdint.h>

enum tb_bulk_what {
    TB_BULK_UPDATE,
    TB_BULK_DELETE, /* keys that are absent are passed over */
};

struct tb_bulk {
    enum tb_bulk_what what;
    int fd;            /* borrowed; set by the caller before each run */
    uint32_t key_size; /* bytes */
    uint32_t span;     /* bytes of one key's values; updates only */
    uint64_t flags;    /* of each update */
    uint32_t count;    /* entries */
    uint32_t done;     /* of them, how many are dealt with */
    uint32_t missing;  /* of those, how many keys were absent; deletes only */
    int absent;        /* an error that says absent, besides -ENOENT; 0: none */
    int single;        /* batch calls turned out to be of no use */
    unsigned char *keys, *values; /* count entries each; the caller's */
};

/* Deal with the entries from done on, in their order: 0, or -errno of the entry at
 * which done stands; those before it are changed. */
int tb_bulk_run_nogil(struct tb_bulk *bulk);

#endif
