/* SPDX-License-Identifier: MIT
 *
 * A process whose addresses are named: what it has mapped, and how it was when it was
 * seen, for after its end. No Python objects; without the GIL.
 */
#ifndef TB_SYSTEM_PROCESS_H
#define TB_SYSTEM_PROCESS_H

#include "system/mappings.h"
#include "system/symbol_files.h"

/* What tells a process, and the program in it, from another one of its number. */
struct tb_process_identity {
    uint64_t start_time;                        /* of the process */
    uint64_t start_code, end_code, start_stack; /* of the program; 0: not told */
};

/* The symbols of a mapping's file: its place and number; a number of 0: none. */
struct tb_process_file {
    size_t place;
    uint64_t space;
    int is_tried;
};

struct tb_process {
    pid_t pid;
    struct tb_process_identity identity;
    uint64_t space;   /* number of the state that it is in */
    uint64_t used;    /* when it was last asked for */
    uint64_t seen_ns; /* when its identity was read */
    uint64_t read_ns; /* when its mappings were read; 0: never */
    int is_ended;
    struct tb_mappings mappings;   /* owned */
    struct tb_process_file *files; /* owned; one for each mapping */
    struct tb_ranges compiled;     /* owned; by just-in-time compilers */
    struct stat compiled_stat; /* of the file that says so; all zero: none was read */
};

/* Make of it what the process is now; 0, or -errno: -ESRCH if it has ended before it
 * was seen, -EACCES if it may not be looked at. Mappings are read again after a second,
 * or at once if `must`. A new state gets a new number of n_spaces. */
int tb_process_look_nogil(struct tb_process *process, int must, uint64_t *n_spaces);

/* Whether it was looked at so short a time ago that it is as it was. */
int tb_process_is_fresh(const struct tb_process *process);

/* Read the file of a mapping, if it was not and has symbols. 0, or -errno where this
 * process lacks what it takes (tb_foreign_is_want()). */
int tb_process_file_nogil(struct tb_process *process, struct tb_symbol_files *files,
                          const struct tb_mapping *mapping);

/* The file of a mapping, if nothing must be read for it; whether that is so. NULL: it
 * has no symbols. */
int tb_process_file_known(const struct tb_process *process,
                          struct tb_symbol_files *files,
                          const struct tb_mapping *mapping,
                          struct tb_symbol_file **out_file);

/* Read what just-in-time compilers have written, if it is new; 0 or -errno likewise. */
int tb_process_compiled_nogil(struct tb_process *process, uint64_t *n_spaces);

/* Bytes of memory that it takes. */
size_t tb_process_memory(const struct tb_process *process);

void tb_process_free(struct tb_process *process);

#endif
