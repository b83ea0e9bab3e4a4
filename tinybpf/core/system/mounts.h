/* SPDX-License-Identifier: MIT
 *
 * What is mounted where, in this mount namespace.
 */
#ifndef TB_SYSTEM_MOUNTS_H
#define TB_SYSTEM_MOUNTS_H

#include <stdint.h>

struct tb_mount {
    const char *path;    /* as a path is, no escapes */
    const char *options; /* of the file system, such as "rw,hidepid=2" */
    uint64_t device;     /* st_dev of what is mounted */
};

/* Pass each mount of a file system of that type to visit, until it returns what is not
 * 0, and return that; 0 at the end, or -errno if /proc does not tell. No Python. */
int tb_mounts_each_nogil(const char *type,
                         int (*visit)(const struct tb_mount *mount, void *ctx),
                         void *ctx);

#endif
