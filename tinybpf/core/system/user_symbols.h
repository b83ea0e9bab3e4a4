/* SPDX-License-Identifier: MIT
 *
 * Symbols of processes and files: what was read for them. No Python objects.
 */
#ifndef TB_SYSTEM_USER_SYMBOLS_H
#define TB_SYSTEM_USER_SYMBOLS_H

#include "system/process.h"
#include "system/symbol.h"

#define TB_USER_NAME 4096

/* All zero to begin with. */
struct tb_user_symbols {
    struct tb_symbol_files files;
    struct tb_elf_symbols vdso; /* owned */
    int vdso_is_read;
    struct tb_process **processes; /* owned, each of them, too */
    size_t n_processes, cap_processes;
    uint64_t n_spaces, n_uses;
    char name[TB_USER_NAME]; /* a name that was not as the file has it */
};

/* What was done for one batch of addresses, and is not done twice. */
struct tb_user_once {
    int has_looked, has_compiled;
};

/* A process that was looked at just now; NULL: it was not. */
struct tb_process *tb_user_symbols_fresh(struct tb_user_symbols *users, pid_t pid);

/* A process as it is now, or was when it was seen; 0 or -errno as tb_process_look. */
int tb_user_symbols_process_nogil(struct tb_user_symbols *users, pid_t pid,
                                  struct tb_process **out_process);

/* Read all that its addresses may ask for; 0, or -errno where this process lacks what
 * it takes (tb_foreign_is_want()). */
int tb_user_symbols_observe_nogil(struct tb_user_symbols *users,
                                  struct tb_process *process);

/* Whether nothing must be read to name an address; if not, read_nogil() reads it, and
 * returns 0 or -errno likewise. */
int tb_user_symbols_is_ready(struct tb_user_symbols *users, struct tb_process *process,
                             uint64_t address, const struct tb_user_once *once);
int tb_user_symbols_read_nogil(struct tb_user_symbols *users,
                               struct tb_process *process, uint64_t address,
                               struct tb_user_once *once);

/* Name an address; the texts live until something is read. */
void tb_user_symbols_find(struct tb_user_symbols *users,
                          const struct tb_process *process, uint64_t address,
                          struct tb_symbol_found *found);

/* The file of a path of this process; 0 or -errno: -ENOEXEC if it is no ELF file. */
int tb_user_symbols_file_nogil(struct tb_user_symbols *users, const char *path,
                               struct tb_symbol_file **out_file);

/* Name an offset of a file, which is found->offset. */
void tb_user_symbols_find_in(struct tb_user_symbols *users,
                             const struct tb_elf_symbols *symbols,
                             struct tb_symbol_found *found);

void tb_user_symbols_free(struct tb_user_symbols *users);

#endif
