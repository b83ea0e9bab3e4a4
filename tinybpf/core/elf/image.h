/* SPDX-License-Identifier: MIT
 *
 * The bytes of an ELF file in memory: its sections and its functions. Pure.
 */
#ifndef TB_ELF_IMAGE_H
#define TB_ELF_IMAGE_H

#include <stddef.h>

struct tb_nearest;

/* Whether bytes begin as an ELF file does. */
int tb_elf_is_elf(const void *data, size_t size);

/* The bytes of the section of that name, and how many; NULL if a 64-bit file of this
 * machine's byte order has none whole. */
const void *tb_elf_section(const void *data, size_t size, const char *name,
                           size_t *out_size);

/* Offer the names of all functions that the symbol tables of a program or library
 * define; how many, or -1 if it is no 64-bit ELF file. A damaged one has as many as can
 * be read. */
long tb_elf_functions(const void *data, size_t size, struct tb_nearest *nearest);

#endif
