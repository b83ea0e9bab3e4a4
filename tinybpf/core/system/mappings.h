/* SPDX-License-Identifier: MIT
 *
 * Where a process has code: its executable mappings, by address.
 */
#ifndef TB_SYSTEM_MAPPINGS_H
#define TB_SYSTEM_MAPPINGS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct tb_mapping {
    uint64_t start, end; /* end is behind the last byte */
    uint64_t offset;     /* of the file's, at start */
    uint64_t inode;      /* 0: no file */
    uint32_t major, minor;
    uint64_t name; /* in tb_mappings.names; "" where it has none */
};

/* All zero to begin with. */
struct tb_mappings {
    struct tb_mapping *items; /* owned */
    char *names;              /* owned; a NUL behind each */
    size_t n, cap, n_names, cap_names;
};

/* Add the executable ones of a text as /proc/PID/maps has it; 0, or -ENOMEM or -E2BIG
 * if not all of them are there then. Pure. */
int tb_mappings_parse(struct tb_mappings *mappings, const char *text, size_t size);

/* Read those of a process; 0 or -errno: -ENOENT or -ESRCH if it has ended. */
int tb_mappings_read_nogil(struct tb_mappings *mappings, pid_t pid);

/* The one that holds an address; NULL: none does. */
const struct tb_mapping *tb_mappings_find(const struct tb_mappings *mappings,
                                          uint64_t address);

const char *tb_mappings_name(const struct tb_mappings *mappings,
                             const struct tb_mapping *mapping);

/* Whether both are the same all over. */
int tb_mappings_are_same(const struct tb_mappings *a, const struct tb_mappings *b);

void tb_mappings_free(struct tb_mappings *mappings);

#endif
