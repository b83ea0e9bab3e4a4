/* SPDX-License-Identifier: MIT
 *
 * Files that another process names. It is not trusted: what is opened is a regular file
 * of its user's or of root's, found below its own root; no link leads out of there, and
 * no pipe, device or lease makes who opens it wait. No Python objects; without the GIL.
 */
#ifndef TB_SYSTEM_FOREIGN_H
#define TB_SYSTEM_FOREIGN_H

#include "elf/symbols.h"

#include <sys/stat.h>
#include <sys/types.h>

struct tb_foreign_root {
    int fd;    /* owned; O_PATH; -1: there is none */
    uid_t uid; /* whose files may be read, besides root's */
};

/* The root of a process, of this one for 0; 0 or -errno. */
int tb_foreign_root_open_nogil(pid_t pid, struct tb_foreign_root *root);
void tb_foreign_root_close_nogil(struct tb_foreign_root *root);

/* Open a file below a root, and say what it is; a descriptor or -errno. The last part
 * of its path may be a link if `follows`. */
int tb_foreign_open_nogil(const struct tb_foreign_root *root, const char *path,
                          int follows, struct stat *out_stat);

/* The same for what a process has mapped, whatever its path has become. It takes
 * CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE (5.9). */
int tb_foreign_open_mapped_nogil(pid_t pid, uint64_t start, uint64_t end,
                                 struct stat *out_stat);

/* Read n bytes from an offset, all or none: tb_elf_file.read; ctx is an int *. */
int tb_foreign_read_nogil(void *ctx, uint64_t offset, void *out, size_t n);

/* Read a whole file of `max` bytes at most, and put a NUL behind it; *out_text is to be
 * freed. 0 or -errno: -E2BIG if it is longer. Files of /proc tell no size. */
int tb_foreign_read_all_nogil(int fd, size_t max, char **out_text, size_t *out_size);

/* Whether an error (-errno) is a want of this process, memory or descriptors, and so
 * tells nothing of the file. */
int tb_foreign_is_want(int err);

#endif
