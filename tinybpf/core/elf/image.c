/* SPDX-License-Identifier: MIT
 *
 * Reader of ELF files (elf/image.h) without a copy and without libelf. They may be cut
 * or hostile: nothing is read before its place was compared with the size.
 */
#include "elf/image.h"

#include "base/nearest.h"

#include <elf.h>
#include <endian.h>
#include <string.h>

#define HOST_DATA (__BYTE_ORDER == __LITTLE_ENDIAN ? ELFDATA2LSB : ELFDATA2MSB)

struct image {
    const char *data; /* borrowed */
    size_t size;
    Elf64_Ehdr header;
};

int
tb_elf_is_elf(const void *data, size_t size)
{
    return size >= SELFMAG && memcmp(data, ELFMAG, SELFMAG) == 0;
}

/* Copy n bytes from an offset; 0, or -1 if they are not all there. */
static int
read_at(const struct image *image, size_t offset, void *out, size_t n)
{
    if (offset > image->size || n > image->size - offset) {
        return -1;
    }
    memcpy(out, image->data + offset, n);
    return 0;
}

/* Begin to read; 0, or -1 if it is no 64-bit ELF file. */
static int
open_image(struct image *image, const void *data, size_t size)
{
    *image = (struct image){.data = data, .size = size};
    if (!tb_elf_is_elf(data, size) ||
        read_at(image, 0, &image->header, sizeof(image->header)) < 0) {
        return -1;
    }
    return image->header.e_ident[EI_CLASS] == ELFCLASS64 ? 0 : -1;
}

/* Copy a section's header; 0, or -1 if there is none, or not whole. */
static int
read_section(const struct image *image, size_t index, Elf64_Shdr *out)
{
    if (index >= image->header.e_shnum || image->header.e_shentsize != sizeof(*out) ||
        image->header.e_shoff > image->size) {
        return -1;
    }
    return read_at(image, image->header.e_shoff + index * sizeof(*out), out,
                   sizeof(*out));
}

/* A section's bytes; NULL if they are not in the file as they are. */
static const char *
section_data(const struct image *image, const Elf64_Shdr *section)
{
    if (section->sh_type == SHT_NOBITS || (section->sh_flags & SHF_COMPRESSED) ||
        section->sh_offset > image->size ||
        section->sh_size > image->size - section->sh_offset) {
        return NULL;
    }
    return image->data + section->sh_offset;
}

const void *
tb_elf_section(const void *data, size_t size, const char *name, size_t *out_size)
{
    size_t n = strlen(name) + 1;
    Elf64_Shdr section, names;
    struct image image;
    const char *text;

    if (open_image(&image, data, size) < 0 ||
        image.header.e_ident[EI_DATA] != HOST_DATA ||
        read_section(&image, image.header.e_shstrndx, &names) < 0) {
        return NULL;
    }
    text = section_data(&image, &names);
    for (size_t i = 0; text != NULL && read_section(&image, i, &section) == 0; i++) {
        if (section.sh_name < names.sh_size && names.sh_size - section.sh_name >= n &&
            memcmp(text + section.sh_name, name, n) == 0) {
            *out_size = section.sh_size;
            return section_data(&image, &section);
        }
    }
    return NULL;
}

/* A string that ends inside of the image; NULL if there is none. */
static const char *
string_at(const struct image *image, const Elf64_Shdr *strings, size_t offset)
{
    size_t at = strings->sh_offset + offset;

    if (strings->sh_offset > image->size || offset > image->size || at >= image->size ||
        memchr(image->data + at, '\0', image->size - at) == NULL) {
        return NULL;
    }
    return image->data + at;
}

/* Offer the functions of one symbol table; how many. */
static long
offer_functions(const struct image *image, const Elf64_Shdr *table,
                const Elf64_Shdr *strings, struct tb_nearest *nearest)
{
    size_t n = table->sh_size / sizeof(Elf64_Sym);
    Elf64_Sym symbol;
    long found = 0;

    for (size_t i = 0; i < n && table->sh_offset <= image->size; i++) {
        size_t at = table->sh_offset + i * sizeof(symbol);
        const char *name;

        if (read_at(image, at, &symbol, sizeof(symbol)) < 0) {
            break;
        }
        name = string_at(image, strings, symbol.st_name);
        if (name != NULL && *name != '\0' && symbol.st_shndx != SHN_UNDEF &&
            ELF64_ST_TYPE(symbol.st_info) == STT_FUNC) {
            tb_nearest_offer(nearest, name);
            found++;
        }
    }
    return found;
}

long
tb_elf_functions(const void *data, size_t size, struct tb_nearest *nearest)
{
    struct image image;
    long found = 0;

    if (open_image(&image, data, size) < 0) {
        return -1;
    }
    for (size_t i = 0; i < image.header.e_shnum; i++) {
        Elf64_Shdr table, strings;

        if (read_section(&image, i, &table) == 0 &&
            (table.sh_type == SHT_SYMTAB || table.sh_type == SHT_DYNSYM) &&
            read_section(&image, table.sh_link, &strings) == 0) {
            found += offer_functions(&image, &table, &strings, nearest);
        }
    }
    return found;
}
