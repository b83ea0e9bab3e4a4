/* SPDX-License-Identifier: MIT
 *
 * Symbols of files, each read once for all processes that have it mapped: what was not
 * used for longest goes when there are too many. No Python objects; without the GIL.
 */
#ifndef TB_SYSTEM_SYMBOL_FILES_H
#define TB_SYSTEM_SYMBOL_FILES_H

#include "elf/symbols.h"
#include "system/foreign.h"

#define TB_SYMBOL_FILES 1024

struct tb_symbol_file {
    uint64_t space;   /* its number, never used again */
    char *path;       /* owned; where it was first found */
    size_t place;     /* in tb_symbol_files.items */
    uint64_t used;    /* when it was last used, by tb_symbol_files.n_uses */
    struct stat stat; /* which file, in which state */
    struct tb_elf_symbols symbols; /* owned */
};

/* All zero to begin with. */
struct tb_symbol_files {
    struct tb_symbol_file *items[TB_SYMBOL_FILES]; /* owned; NULL: an empty place */
    uint64_t n_uses;
    uint64_t *n_spaces; /* borrowed; numbers that are used */
};

/* Where debug information of a file may lie. */
struct tb_symbol_place {
    const char *path;                   /* of the file, in root */
    const struct tb_foreign_root *root; /* borrowed; of the process */
};

/* The file that is open, and how it is: read if it is new. 0 or -errno: -EINVAL if it
 * is no ELF file, or a want of this process (tb_foreign_is_want()). */
int tb_symbol_files_read_nogil(struct tb_symbol_files *files, int fd,
                               const struct stat *stat,
                               const struct tb_symbol_place *place,
                               struct tb_symbol_file **out_file);

/* The file of a number, at its place; NULL if it has gone. */
struct tb_symbol_file *tb_symbol_files_get(struct tb_symbol_files *files, size_t place,
                                           uint64_t space);

/* The file with a build id; NULL if there is none. */
struct tb_symbol_file *tb_symbol_files_by_id(struct tb_symbol_files *files,
                                             const void *build_id, size_t n);

void tb_symbol_files_free(struct tb_symbol_files *files);

#endif
