/* SPDX-License-Identifier: MIT
 *
 * The functions that a program or library names in its symbol tables. Pure.
 */
#ifndef TB_ELF_SYMBOLS_H
#define TB_ELF_SYMBOLS_H

#include <stddef.h>

struct tb_nearest;

/* Offer the names of all functions that the image defines; how many, or -1 if it is no
 * 64-bit ELF file. A damaged one has as many as can be read. */
long tb_elf_symbols(const void *image, size_t size, struct tb_nearest *nearest);

#endif
