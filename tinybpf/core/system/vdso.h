/* SPDX-License-Identifier: MIT
 *
 * The functions that the kernel maps into every process. No Python objects.
 */
#ifndef TB_SYSTEM_VDSO_H
#define TB_SYSTEM_VDSO_H

#include "elf/symbols.h"

/* Read those of this process, which are all others' (but 32-bit ones'); 0 or -errno. */
int tb_vdso_read_nogil(struct tb_elf_symbols *symbols);

#endif
