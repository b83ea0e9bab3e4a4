/* SPDX-License-Identifier: MIT
 *
 * A section of an ELF image in memory: pure.
 */
#ifndef TB_ELF_SECTION_H
#define TB_ELF_SECTION_H

#include <stddef.h>

/* Whether bytes begin as an ELF file does. */
int tb_elf_section_is_elf(const void *image, size_t size);

/* The bytes of the section of that name, and how many; NULL if a 64-bit file of this
 * machine's byte order has none whole. */
const void *tb_elf_section(const void *image, size_t size, const char *name,
                           size_t *out_size);

#endif
