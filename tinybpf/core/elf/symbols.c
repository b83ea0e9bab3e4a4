/* SPDX-License-Identifier: MIT
 *
 * Walks the symbol tables of an ELF image (elf/symbols.h). Nothing in the file is
 * believed: each offset is compared with the size of the image.
 */
#include "elf/symbols.h"

#include "base/nearest.h"

#include <elf.h>
#include <string.h>

struct image {
    const unsigned char *data;
    size_t size;
};

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

/* Section header number i; 0 or -1. */
static int
read_section(const struct image *image, const Elf64_Ehdr *header, size_t i,
             Elf64_Shdr *section)
{
    if (i >= header->e_shnum || header->e_shentsize != sizeof(*section) ||
        header->e_shoff > image->size) {
        return -1;
    }
    return read_at(image, header->e_shoff + i * sizeof(*section), section,
                   sizeof(*section));
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
    return (const char *)image->data + at;
}

static long
walk(const struct image *image, const Elf64_Shdr *table, const Elf64_Shdr *strings,
     struct tb_nearest *nearest)
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
tb_elf_symbols(const void *data, size_t size, struct tb_nearest *nearest)
{
    struct image image = {data, size};
    Elf64_Ehdr header;
    long found = 0;

    if (read_at(&image, 0, &header, sizeof(header)) < 0 ||
        memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
        header.e_ident[EI_CLASS] != ELFCLASS64) {
        return -1;
    }
    for (size_t i = 0; i < header.e_shnum; i++) {
        Elf64_Shdr table, strings;

        if (read_section(&image, &header, i, &table) == 0 &&
            (table.sh_type == SHT_SYMTAB || table.sh_type == SHT_DYNSYM) &&
            read_section(&image, &header, table.sh_link, &strings) == 0) {
            found += walk(&image, &table, &strings, nearest);
        }
    }
    return found;
}
