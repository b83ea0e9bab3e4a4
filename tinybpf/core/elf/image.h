/* SPDX-License-Identifier: MIT
 *
 * The bytes of an ELF file in memory: its sections and its functions. Pure; nothing is
 * read before its place was compared with the size.
 */
#ifndef TB_ELF_IMAGE_H
#define TB_ELF_IMAGE_H

#include <elf.h>
#include <stddef.h>

struct tb_nearest;

struct tb_elf_image {
    const char *data; /* borrowed */
    size_t size;
    Elf64_Ehdr header;
};

/* Whether bytes begin as an ELF file does. */
int tb_elf_is_elf(const void *data, size_t size);

/* Begin to read; 0, or -1 if it is no 64-bit ELF file. */
int tb_image_open(struct tb_elf_image *image, const void *data, size_t size);

/* Copy a section's header; 0, or -1 if there is none, or not whole. */
int tb_image_section(const struct tb_elf_image *image, size_t index, Elf64_Shdr *out);

/* A section's bytes; NULL if they are not in the file as they are. */
const char *tb_image_data(const struct tb_elf_image *image, const Elf64_Shdr *section);

/* A section's name; NULL if it does not end in the section of names. */
const char *tb_image_name(const struct tb_elf_image *image, const Elf64_Shdr *section);

/* The bytes of the section of that name, and how many; NULL if a 64-bit file of this
 * machine's byte order has none whole. */
const void *tb_elf_section(const void *data, size_t size, const char *name,
                           size_t *out_size);

/* Offer the names of all functions that the symbol tables of a program or library
 * define; how many, or -1 if it is no 64-bit ELF file. A damaged one has as many as can
 * be read. */
long tb_elf_functions(const void *data, size_t size, struct tb_nearest *nearest);

#endif
