/* SPDX-License-Identifier: MIT
 *
 * Where BPF programs end in the kernel's symbols: /proc/kallsyms tells where they begin
 * alone, and between two of them there may be a third by now. No Python objects; the
 * GIL is not needed.
 */
#ifndef TB_SYSTEM_PROGRAM_RANGES_H
#define TB_SYSTEM_PROGRAM_RANGES_H

#include "system/kallsyms.h"

/* Give what is made while the kernel runs, BPF programs, trampolines and pages of
 * kprobes, the size that it has, or may have at most; 0 or -errno. *out_is_exact says
 * whether those of programs are known, which takes CAP_SYS_ADMIN. */
int tb_program_ranges_close_nogil(struct tb_kallsyms *symbols, int *out_is_exact);

/* Whether a range is a BPF program, and no trampoline or something else. */
int tb_program_ranges_is_one(const struct tb_ranges *ranges,
                             const struct tb_range *range);

#endif
