/* SPDX-License-Identifier: MIT
 *
 * The text of /proc/kallsyms as ranges: kernel, modules, BPF programs. Pure.
 */
#ifndef TB_SYSTEM_KALLSYMS_H
#define TB_SYSTEM_KALLSYMS_H

#include "elf/ranges.h"

struct tb_kallsyms {
    struct tb_ranges ranges; /* owned; the group is the module, "" is the kernel */
    size_t n_lines, n_zeros; /* lines seen, and those whose address is hidden */
    uint64_t made_first, made_last; /* where what is made while the kernel runs lies:
                                     * BPF programs, trampolines; 0: there is none */
};

/* Read whole lines of a text; how many bytes they are. What is left is to be given
 * again with what follows it. */
size_t tb_kallsyms_parse(struct tb_kallsyms *symbols, const char *text, size_t n);

/* Whether the kernel hides all addresses, as far as has been read. */
int tb_kallsyms_is_hidden(const struct tb_kallsyms *symbols);

#endif
